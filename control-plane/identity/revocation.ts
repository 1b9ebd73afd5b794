import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Timestamp, timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { compileRevocations } from '#core/identity/revocations.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import {
  type Revocation,
  RevocationSchema,
  type RevocationTarget,
  RevocationTargetSchema,
} from '#proto/sworn/identity/v1/revocation_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { bumpHead } from '../storage/configuration/heads.ts';
import {
  countRevocations,
  deleteEndedRevocations,
  deleteRevocation,
  insertRevocation,
  listRevokedSessions,
  type RevocationDocument,
} from '../storage/configuration/revocations.ts';
import type { ClientSession, Database } from '../storage/database.ts';
import { listNames } from '../storage/record/session-links.ts';

/** All of them are in every snapshot: beyond this many it is the issuer that should end its tokens. */
const MAX_REVOCATIONS = 10_000;

/** What is to be revoked, and why. */
export interface RevocationRequest {
  readonly target?: RevocationTarget | undefined;
  readonly reason: string;
  readonly expireTime?: Timestamp | undefined;
}

/**
 * Refuses a caller, a client, a token or a session from now on, and records it as `revocation.create`. The control plane
 * refuses at once; planes when they have the next snapshot, which also ends what is under way there.
 * @throws ConnectError INVALID_ARGUMENT (an end that has passed; the caller themselves)
 */
export async function createRevocation(
  context: Context,
  caller: Caller,
  { target = create(RevocationTargetSchema), reason, expireTime }: RevocationRequest,
): Promise<Revocation> {
  const { database } = context;
  const now = context.now();
  const document: RevocationDocument = {
    _id: `revocations/${uuidv7()}`,
    ...pickTarget(target),
    reason,
    createdBy: toBinary(CallerSchema, caller),
    createTime: now,
    ...(expireTime && { expireTime: timestampDate(expireTime) }),
  };
  if (document.expireTime !== undefined && document.expireTime <= now) {
    throw invalid('expire_time', 'lies in the past');
  }
  const revocation = viewRevocation(document);
  if (compileRevocations([revocation]).find({ caller }, now.getTime()) !== undefined) {
    throw invalid('target', 'names yourself: another admin has to do that');
  }
  const change = { caller, action: 'revocation.create' as const, resource: revocation.name, revocation };
  await applyChange(context, change, async (session) => {
    await deleteEndedRevocations(database, session, now);
    if ((await countRevocations(database, session, MAX_REVOCATIONS)) === MAX_REVOCATIONS) {
      throw fail(Reason.INVALID_ARGUMENT, `there are ${MAX_REVOCATIONS} revocations: delete some first`);
    }
    await insertRevocation(database, session, document);
  });
  return revocation;
}

/**
 * Ends a revocation, and records it as `revocation.delete`.
 * @throws ConnectError NOT_FOUND
 */
export async function removeRevocation(context: Context, caller: Caller, name: string): Promise<void> {
  await applyChange(context, { caller, action: 'revocation.delete', resource: name }, async (session) => {
    const isGone = await deleteRevocation(context.database, session, name);
    if (!isGone) throw fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
  });
}

/**
 * The revocations that planes go by: of a session one for each name that it goes by, since planes know it by the one that they
 * gave it themselves.
 */
export async function viewForPlanes(
  database: Database,
  session: ClientSession,
  documents: readonly RevocationDocument[],
): Promise<Revocation[]> {
  const sessions = documents.map((document) => document.session).filter((name) => name !== '');
  const names = await listNames(database, session, [...new Set(sessions)]);
  return documents.flatMap((document) =>
    (names.get(document.session) ?? [document.session]).map((name) =>
      viewRevocation({ ...document, session: name }),
    ),
  );
}

/** Has planes learn it when sessions of which one is revoked become one, in the transaction in which they do. */
export async function noteJoined(
  { database, now }: Context,
  session: ClientSession,
  into: ReadonlySet<string>,
): Promise<void> {
  const names = await listNames(database, session, await listRevokedSessions(database, session));
  const isRevoked = [...names.values()].some((known) => known.some((name) => into.has(name)));
  if (isRevoked) await bumpHead(database, session, now(), true);
}

/** A stored revocation as the API, snapshots and records show it. */
export function viewRevocation(document: RevocationDocument): Revocation {
  const { _id: name, issuer, subject, email, client, tokenId, session } = document;
  const { reason, createdBy, createTime, expireTime } = document;
  return create(RevocationSchema, {
    name,
    target: { issuer, subject, email, client, tokenId, session },
    reason,
    createdBy: fromBinary(CallerSchema, createdBy),
    createTime: timestampFromDate(createTime),
    ...(expireTime && { expireTime: timestampFromDate(expireTime) }),
  });
}

function pickTarget({ issuer, subject, email, client, tokenId, session }: RevocationTarget) {
  return { issuer, subject, email, emailKey: email.toLowerCase(), client, tokenId, session };
}

function invalid(field: string, why: string): Error {
  return fail(Reason.INVALID_ARGUMENT, `${field} ${why}`, { [field]: why });
}
