import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';
import { formatDuration } from '#core/policy/duration.ts';
import type { Approval } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../api/fail.ts';
import { recordAction } from '../audit/actions.ts';
import { commitToReason, giveReason } from '../audit/reason.ts';
import type { Context } from '../context.ts';
import {
  type ApprovalDocument,
  addVote,
  findApproval,
  type StoredVote,
} from '../storage/approval/approvals.ts';
import { bumpHead } from '../storage/configuration/heads.ts';
import { isRevoked } from '../storage/configuration/revocations.ts';
import type { ClientSession } from '../storage/database.ts';
import { createGrant } from './grant.ts';
import { endOutdated } from './outdated.ts';
import { refusePutBack } from './put-back.ts';
import { checkReviewer, isSamePerson } from './reviewer.ts';
import { actionOf, doTransition } from './transition.ts';
import { stateAt, viewApproval } from './view.ts';

/** What a reviewer says. */
export interface Verdict {
  readonly state: 'APPROVED' | 'DENIED';
  readonly reason: string;
  /** For how long the caller may go on by the same rule, in milliseconds; absent: this request alone. */
  readonly windowMs?: number;
}

/** What ends the waiting for people. */
const DECIDED = ['approval.approve', 'approval.deny', 'approval.withdraw'];

/**
 * Decides a pending approval. The reviewer must be in one of the groups that it is addressed to and must not be who
 * asked, by issuer and subject or by e-mail, whatever their roles. Where several people have to approve, it stays pending
 * until the last of them does, and who was revoked since does not count; one denial is enough. After its time nothing can be decided, even if nobody has marked the
 * approval as expired yet.
 *
 * @throws ConnectError NOT_FOUND, NOT_ADDRESSED, PERSON_REQUIRED, OWN_REQUEST, INVALID_ARGUMENT (no reason where one is
 *   required, a window that the rule does not allow), ALREADY_APPROVED, APPROVAL_NOT_PENDING (metadata: state),
 *   APPROVAL_NOT_USABLE (metadata: policy; it is withdrawn, now or before, as the policy has changed),
 *   CONTENT_ERASED (nothing is approved that nobody can read), CONTENT_ALTERED (it was decided, and is back as it waited)
 */
export async function decideApproval(
  context: Context,
  reviewer: Caller,
  name: string,
  verdict: Verdict,
): Promise<Approval> {
  const decided = await context.database.transaction(async (session) => {
    // First, as with every change of what planes get: two at once conflict here.
    if (verdict.windowMs !== undefined) await bumpHead(context.database, session, context.now(), true);
    const document = await findApproval(context.database, name, session);
    if (document === undefined) throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
    checkReviewer(document, reviewer);
    if (document.state === 'PENDING') await refusePutBack(context, session, name, DECIDED, 'decided');
    const state = stateAt(document, context.now());
    if (document.policyChanged) return document;
    if (state !== 'PENDING') throw notPending(name, state);
    if (verdict.state === 'APPROVED') {
      const ended = await endOutdated(context, session, document);
      if (ended !== undefined) return ended;
    }
    const { quorum = 1 } = document;
    const isLast = verdict.state === 'DENIED' || (await countVotes(context, document)) + 1 >= quorum;
    checkVerdict(document, reviewer, verdict, isLast);
    const why = giveReason(verdict.reason);
    const vote = { reviewer: toBinary(CallerSchema, reviewer), time: context.now(), ...why };
    const moved = await (isLast
      ? conclude(context, session, document, reviewer, verdict, vote)
      : join(context, session, document, reviewer, vote));
    if (moved === undefined) throw notPending(name, stateAt(document, context.now()));
    return moved;
  });
  if (decided.state === 'WITHDRAWN') throw outdated(decided);
  return viewApproval(decided, context.now());
}

/** Thrown when it is withdrawn for good, now or before: its caller is told as well. */
function outdated({ _id: name, policy, state }: ApprovalDocument): ConnectError {
  const message = `${name} was not approved: ${policy} has changed since it was asked; its caller has to send the request again`;
  return fail(Reason.APPROVAL_NOT_USABLE, message, { name, state, policy });
}

function notPending(name: string, state: string): ConnectError {
  return fail(Reason.APPROVAL_NOT_PENDING, `${name} is not pending: it is ${state}`, { name, state });
}

/** Votes that stand: somebody may have used the account of who was revoked since. */
async function countVotes({ database, now }: Context, { votes = [] }: ApprovalDocument): Promise<number> {
  let count = 0;
  for (const { reviewer } of votes) {
    if (!(await isRevoked(database, fromBinary(CallerSchema, reviewer), now()))) count += 1;
  }
  return count;
}

async function conclude(
  context: Context,
  session: ClientSession,
  document: ApprovalDocument,
  reviewer: Caller,
  { state, windowMs }: Verdict,
  vote: StoredVote,
): Promise<ApprovalDocument | undefined> {
  const { votes = [] } = document;
  const { reviewer: decidedBy, time: decideTime, ...why } = vote;
  const moved = await doTransition(context, session, document, {
    to: state,
    caller: reviewer,
    why,
    fields: {
      decidedBy,
      decideTime,
      ...why,
      ...(state === 'APPROVED' && { votes: [...votes, vote] }),
    },
  });
  if (moved !== undefined && windowMs !== undefined)
    await createGrant(context, session, moved, reviewer, windowMs);
  return moved;
}

/** One of several people approves; others still have to. */
async function join(
  context: Context,
  session: ClientSession,
  document: ApprovalDocument,
  reviewer: Caller,
  vote: StoredVote,
): Promise<ApprovalDocument | undefined> {
  const joined = await addVote(context.database, session, document, vote);
  if (joined === undefined) return undefined;
  const action = actionOf(joined, 'approval.vote', reviewer);
  await recordAction(context, session, { ...action, ...commitToReason(vote) });
  return joined;
}

/** @param isLast nobody else has to say anything then */
function checkVerdict(document: ApprovalDocument, reviewer: Caller, verdict: Verdict, isLast: boolean): void {
  const { _id: name, exchange, votes = [], reasonRequired = false, windowSeconds = 0 } = document;
  if (reasonRequired && verdict.reason.trim() === '') {
    throw fail(Reason.INVALID_ARGUMENT, 'reason: the policy wants one', { reason: 'the policy wants one' });
  }
  if (verdict.state === 'DENIED') return;
  if (document.eraseTime !== undefined) {
    const message = `the prompt of ${name} was erased: nobody can say what it is`;
    throw fail(Reason.CONTENT_ERASED, message, { name, exchange });
  }
  if (votes.some((vote) => isSamePerson(fromBinary(CallerSchema, vote.reviewer), reviewer))) {
    const message = `you have approved ${name} already; somebody else has to as well`;
    throw fail(Reason.ALREADY_APPROVED, message, { name });
  }
  const { windowMs } = verdict;
  if (windowMs === undefined) return;
  if (windowMs < 1_000 || windowMs > windowSeconds * 1_000) {
    const why =
      windowSeconds === 0
        ? 'its rule has none: an approval is for this request alone'
        : `its rule allows 1s to ${formatDuration(windowSeconds)}`;
    throw fail(Reason.INVALID_ARGUMENT, `window: ${why}`, { window: why });
  }
  if (!isLast) {
    const why = 'others have to approve as well: only the last of them gives a grant';
    throw fail(Reason.INVALID_ARGUMENT, `window: ${why}`, { window: why });
  }
}
