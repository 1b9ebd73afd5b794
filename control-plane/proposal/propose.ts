import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerKind } from '#proto/sworn/identity/v1/caller_pb.ts';
import {
  type Change,
  type Proposal,
  type ProposalContent,
  ProposalContentSchema,
  ProposedChangeSchema,
} from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { fail } from '../api/fail.ts';
import { recordAction } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { notify } from '../notification/notify.ts';
import type { Authorship } from '../policy/revise.ts';
import { countPending, insertProposal, type ProposalDocument } from '../storage/approval/proposals.ts';
import type { ClientSession } from '../storage/database.ts';
import { sealContent, stepOf, viewProposal } from './content.ts';
import { performChange, resourcesOf, secretsOf } from './perform.ts';
import { type Resource, readResource } from './resource.ts';
import { within } from './within.ts';

/** A change that nobody looked at for so long is to be thought over again. */
const LIFETIME_MS = 7 * 24 * 3_600_000;
const MAX_PENDING = 100;
/** A document of the store has 16 MiB at most. */
const MAX_CONTENT_BYTES = 12 * 1024 * 1024;

/**
 * Proposes a change: it is tried, and what it would do is kept with who wants it and why, for another admin to approve.
 * Recorded as `proposal.create`.
 * @returns undefined when nothing would be different
 * @throws ConnectError what the call itself would throw; PERSON_REQUIRED (a program has no second pair of eyes: who runs it would
 *   be both), INVALID_ARGUMENT (too many that are pending, too long)
 */
export async function createProposal(
  context: Context,
  author: Authorship,
  change: Change,
): Promise<Proposal | undefined> {
  const { caller, reason } = author;
  if (caller.kind === CallerKind.SERVICE) {
    throw fail(Reason.PERSON_REQUIRED, 'a person proposes this, no service');
  }
  const { before, after } = await tryChange(context, author, change);
  const secrets = secretsOf(change);
  if (secrets.length === 0 && before.every((one, i) => one?.content === after[i]?.content)) return undefined;

  const now = context.now();
  const expireTime = new Date(now.getTime() + LIFETIME_MS);
  const names = resourcesOf(change);
  const content = create(ProposalContentSchema, {
    author: caller,
    reason,
    change,
    changes: names.map((name, i) =>
      create(ProposedChangeSchema, {
        name,
        before: before[i]?.content ?? '',
        after: after[i]?.content ?? '',
        secrets,
      }),
    ),
    bases: names.map((name, i) => ({ name, etag: before[i]?.etag ?? '' })),
    createTime: timestampFromDate(now),
    expireTime: timestampFromDate(expireTime),
  });
  if (toBinary(ProposalContentSchema, content).length > MAX_CONTENT_BYTES) {
    const fault = 'is longer than 12 MiB with what it changes: propose it in parts';
    throw fail(Reason.INVALID_ARGUMENT, `change ${fault}`, { change: fault });
  }
  return await store(context, author, content, { createTime: now, expireTime });
}

/** What the resources of a change say before and after it; the change itself is undone. */
async function tryChange(
  context: Context,
  author: Authorship,
  change: Change,
): Promise<{ readonly before: (Resource | undefined)[]; readonly after: (Resource | undefined)[] }> {
  const names = resourcesOf(change);
  try {
    return await context.database.transaction(async (session) => {
      const before = await readAll(context, session, names);
      await performChange(within(context, session), author, change);
      throw new Undo(before, await readAll(context, session, names));
    });
  } catch (error) {
    if (error instanceof Undo) return error;
    throw error;
  }
}

/** Ends a transaction without committing it, with what was seen in it. */
class Undo extends Error {
  override readonly name = 'Undo';
  readonly before: (Resource | undefined)[];
  readonly after: (Resource | undefined)[];

  constructor(before: (Resource | undefined)[], after: (Resource | undefined)[]) {
    super('a change was tried');
    this.before = before;
    this.after = after;
  }
}

async function store(
  context: Context,
  { caller, reason }: Authorship,
  content: ProposalContent,
  times: Pick<ProposalDocument, 'createTime' | 'expireTime'>,
): Promise<Proposal> {
  const { database } = context;
  const name = `proposals/${uuidv7()}`;
  const document: ProposalDocument = {
    _id: name,
    state: 'PENDING',
    content: sealContent(context, name, content),
    ...times,
  };
  await database.transaction(async (session) => {
    if ((await countPending(database, session, MAX_PENDING)) >= MAX_PENDING) {
      throw fail(
        Reason.INVALID_ARGUMENT,
        `there are ${MAX_PENDING} proposals that wait: decide on some first`,
      );
    }
    await insertProposal(database, session, document);
    const proposal = stepOf(name, content, reason);
    await recordAction(context, session, { caller, action: 'proposal.create', resource: name, proposal });
    const facts = { dueTime: times.expireTime };
    await notify(context, session, { event: 'proposal.create', resource: name, facts });
  });
  return viewProposal(context, document);
}

/** Resources by name, in this order; one after the other: a session takes one operation at a time. */
export async function readAll(
  context: Context,
  session: ClientSession,
  names: readonly string[],
): Promise<(Resource | undefined)[]> {
  const found: (Resource | undefined)[] = [];
  for (const name of names) found.push(await readResource(context, session, name));
  return found;
}
