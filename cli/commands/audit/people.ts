import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { type Approval, State, StateSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import type { BreakGlassReview, Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Field } from '../../output/fields.ts';
import { callerName, enumWord } from '../../output/names.ts';
import { formatTime } from '../../output/time.ts';

/** What people said of an exchange: who approved or denied it, when and why, by which grant it went on, its review. */
export function peopleFields({ approval, approvalDecision, grant, review }: Exchange): Field[] {
  const decided = approvalDecision === undefined ? [] : approvalLines(approvalDecision);
  return [
    ['approval', [approval, ...decided].join('\n')],
    ['grant', grant === '' ? '' : `${grant}, given with that approval: it was not asked for again`],
    ['review', review === undefined ? '' : [review.name, reviewText(review)].join('\n')],
  ];
}

/** `approved by ana@example.org 2026-03-01 09:30:00Z: seen too`, a line each. */
function approvalLines({ state, votes, quorum, decidedBy, decideTime, reason }: Approval): string[] {
  const lines = votes.map((vote) => said('approved', vote.reviewer, vote.time, vote.reason));
  if (state === State.PENDING) return [...lines, `pending: ${votes.length} of ${quorum} approved`];
  if (state === State.DENIED) return [...lines, said('denied', decidedBy, decideTime, reason)];
  const isGiven = state === State.APPROVED || state === State.CONSUMED;
  return isGiven ? lines : [...lines, enumWord(StateSchema, state)];
}

function reviewText({ dueTime, completedBy, completeTime, justified, reason }: BreakGlassReview): string {
  if (completedBy === undefined) return `has to be completed by ${formatTime(dueTime)}`;
  return said(justified ? 'justified' : 'unjustified', completedBy, completeTime, reason);
}

function said(what: string, who: Caller | undefined, time: Timestamp | undefined, why: string): string {
  return `${what} by ${callerName(who)} ${formatTime(time)}${why === '' ? '' : `: ${why}`}`;
}
