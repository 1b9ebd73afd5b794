import { create, toBinary } from '@bufbuild/protobuf';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import {
  type Proposal,
  type ProposalContent,
  ProposalContentSchema,
} from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { fail } from '../api/fail.ts';
import { checkDecider, isSamePerson } from '../approval/reviewer.ts';
import type { ActionName } from '../audit/action-names.ts';
import { recordAction } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { raiseLogAlarm } from '../log/alarm.ts';
import { notify } from '../notification/notify.ts';
import { endProposal, findProposal, type ProposalDocument } from '../storage/approval/proposals.ts';
import { bumpHead } from '../storage/configuration/heads.ts';
import { isRevoked } from '../storage/configuration/revocations.ts';
import { findRoles } from '../storage/configuration/role-bindings.ts';
import type { ClientSession } from '../storage/database.ts';
import { hasAction } from '../storage/record/records.ts';
import { openContent, sealContent, stateAt, stepOf, viewProposal, withoutGroups } from './content.ts';
import { performChange } from './perform.ts';
import { readAll } from './propose.ts';
import { within } from './within.ts';

/** Who decides, and why. */
export interface Decision {
  readonly caller: Caller;
  readonly reason: string;
}

type End = 'APPLIED' | 'REJECTED' | 'WITHDRAWN' | 'EXPIRED';

const ACTIONS: Readonly<Record<End, ActionName>> = {
  APPLIED: 'proposal.approve',
  REJECTED: 'proposal.reject',
  WITHDRAWN: 'proposal.withdraw',
  EXPIRED: 'proposal.expire',
};

/**
 * Makes the change of a proposal in its author's name, if all that it was made on is still as it was and it comes to what was
 * shown: whole, in one transaction with the records, or not at all. The approver is another person than the author.
 * @throws ConnectError NOT_FOUND, OWN_REQUEST, PERSON_REQUIRED, PROPOSAL_NOT_PENDING (metadata: state), PROPOSAL_CONFLICT
 *   (metadata: name of what has changed; the proposal's own where its author has lost their rights), CONTENT_ALTERED (it was altered, or
 *   decided before), and what the call itself would throw
 */
export function approveProposal(context: Context, decision: Decision, name: string): Promise<Proposal> {
  return decide(context, name, 'APPLIED', decision, async (session, content) => {
    checkAnother(name, content, decision.caller);
    await checkAuthor(context, name, content);
    // First of all writes, as with every change: two at once conflict here.
    await bumpHead(context.database, session, context.now(), false);
    await apply(context, session, name, content, decision);
  });
}

/** Refuses a proposal; another person than its author. @throws as approveProposal */
export function rejectProposal(context: Context, decision: Decision, name: string): Promise<Proposal> {
  return decide(context, name, 'REJECTED', decision, async (_session, content) =>
    checkAnother(name, content, decision.caller),
  );
}

/** Takes a proposal back. @throws ConnectError NOT_FOUND, PROPOSAL_NOT_PENDING, NOT_ADDRESSED (it is another one's) */
export function withdrawProposal(context: Context, decision: Decision, name: string): Promise<Proposal> {
  return decide(context, name, 'WITHDRAWN', decision, async (_session, { author }) => {
    if (author !== undefined && isSamePerson(author, decision.caller)) return;
    throw fail(Reason.NOT_ADDRESSED, 'only its author takes a proposal back; reject it', { name });
  });
}

/** Ends a proposal whose time is over. @returns false when it is not pending any more, or its time is not over */
export function expireProposal(context: Context, name: string): Promise<boolean> {
  const { database } = context;
  return database.transaction(async (session) => {
    const document = await findProposal(database, name, session);
    if (document?.state !== 'PENDING') return false;
    const content = openContent(context, document);
    if (stateAt(document, content, context.now()) !== 'EXPIRED') return false;
    return (await end(context, session, document, content, 'EXPIRED')) !== undefined;
  });
}

/**
 * Ends an overdue proposal that is not what was proposed any more, by the time that the store has for it: it is of no use to
 * anybody, and must not count as one that waits. That is an alarm. @returns false when it is not pending any more
 */
export async function expireAltered(context: Context, name: string): Promise<boolean> {
  const { database } = context;
  const ended = await database.transaction(async (session) => {
    const document = await findProposal(database, name, session);
    if (document === undefined) return undefined;
    // What it says is not kept: there may be secrets in it.
    const end = { content: new Uint8Array(), decideTime: context.now() };
    return await endProposal(database, session, name, 'EXPIRED', end);
  });
  if (ended === undefined) return false;
  const detail = 'a proposal was not what had been proposed: the store was changed';
  await raiseLogAlarm(context, { action: 'alarm.proposal_altered', resource: name, detail });
  return true;
}

async function decide(
  context: Context,
  name: string,
  to: End,
  decision: Decision,
  run: (session: ClientSession, content: ProposalContent) => Promise<void>,
): Promise<Proposal> {
  const { database } = context;
  const decided = await database.transaction(async (session) => {
    const document = await findProposal(database, name, session);
    if (document === undefined) throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
    const content = openContent(context, document);
    const state = stateAt(document, content, context.now());
    if (state !== 'PENDING') throw notPending(name, state);
    if (await hasAction(database, session, Object.values(ACTIONS), name))
      throw await decidedBefore(context, name);
    await run(session, content);
    const moved = await end(context, session, document, content, to, decision);
    if (moved === undefined) throw notPending(name, 'decided');
    return moved;
  });
  return viewProposal(context, decided);
}

/** Somebody put a proposal that was decided back into the database as it waited: nobody is asked about it again. */
async function decidedBefore(context: Context, name: string) {
  const detail =
    'a proposal that was decided is in the database as it waited: something other than Sworn put it back';
  await raiseLogAlarm(context, { action: 'alarm.proposal_altered', resource: name, detail });
  return fail(Reason.CONTENT_ALTERED, `${name} was decided before: the store was changed`, {
    resource: name,
  });
}

/** Ends a pending proposal and records it. The call is not kept: it may have secrets. */
async function end(
  context: Context,
  session: ClientSession,
  { _id: name }: ProposalDocument,
  content: ProposalContent,
  to: End,
  decision?: Decision,
): Promise<ProposalDocument | undefined> {
  const { change: _done, ...rest } = content;
  const moved = await endProposal(context.database, session, name, to, {
    content: sealContent(context, name, create(ProposalContentSchema, rest)),
    ...(decision && { decidedBy: toBinary(CallerSchema, decision.caller), decisionReason: decision.reason }),
    decideTime: context.now(),
  });
  if (moved === undefined) return undefined;
  await recordAction(context, session, {
    caller: decision?.caller,
    action: ACTIONS[to],
    resource: name,
    proposal: stepOf(name, content, decision?.reason ?? '', decision?.caller),
  });
  const facts = { outcome: to.toLowerCase() };
  await notify(context, session, { event: 'proposal.decided', resource: name, facts });
  return moved;
}

async function apply(
  context: Context,
  session: ClientSession,
  name: string,
  content: ProposalContent,
  { caller: approvedBy, reason }: Decision,
): Promise<void> {
  const { author, change, changes, bases } = content;
  if (author === undefined || change === undefined) throw new Error(`${name} says nothing`);
  const names = bases.map((base) => base.name);
  const before = await readAll(context, session, names);
  const moved = bases.find(({ etag }, i) => etag !== (before[i]?.etag ?? ''));
  if (moved !== undefined) {
    throw conflict(name, moved.name, 'was changed since it was proposed');
  }
  const step = stepOf(name, content, reason, approvedBy);
  const joined = within(context, session, { step, approvedBy: withoutGroups(approvedBy) });
  await performChange(joined, { caller: author, reason: content.reason }, change);
  const after = await readAll(context, session, names);
  const other = changes.find((shown, i) => shown.after !== (after[i]?.content ?? ''));
  if (other !== undefined) throw conflict(name, other.name, 'would not come to what was proposed');
}

/** What somebody wanted who has lost their rights since, perhaps as their account was stolen, is not done in their name. */
async function checkAuthor(
  { database, now }: Context,
  name: string,
  { author }: ProposalContent,
): Promise<void> {
  const caller = author ?? create(CallerSchema);
  const roles = await findRoles(database, caller.groups);
  if (roles.has(Role.ADMIN) && !(await isRevoked(database, caller, now()))) return;
  throw conflict(name, name, 'is of somebody who is revoked, or no admin any more');
}

function checkAnother(name: string, { author }: ProposalContent, approver: Caller): void {
  const caller = toBinary(CallerSchema, author ?? create(CallerSchema));
  checkDecider({ _id: name, serviceReviewers: [], caller }, approver);
}

function conflict(proposal: string, name: string, why: string) {
  return fail(Reason.PROPOSAL_CONFLICT, `${name} ${why}: it has to be proposed anew`, { proposal, name });
}

function notPending(name: string, state: string) {
  return fail(Reason.PROPOSAL_NOT_PENDING, `${name} is not pending: it is ${state}`, { name, state });
}
