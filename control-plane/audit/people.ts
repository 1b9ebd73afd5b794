import { create } from '@bufbuild/protobuf';
import {
  type BreakGlassReview,
  BreakGlassReviewSchema,
  type Exchange,
} from '#proto/sworn/audit/v1/exchange_pb.ts';
import { type Review, Verdict } from '#proto/sworn/review/v1/review_pb.ts';
import { viewApproval } from '../approval/view.ts';
import type { Context } from '../context.ts';
import { viewReview } from '../review/view.ts';
import { findApproval } from '../storage/approval/approvals.ts';
import { findReviewOf } from '../storage/approval/reviews.ts';
import { ifAltered } from '../storage/sealing/altered.ts';

/**
 * What people said of an exchange: who approved or denied it, when and why, and the review of what went on by break-glass; no
 * content. What was altered says nothing: of that there is an alarm, and the exchange can be read all the same.
 */
export async function peopleOn(
  { database, now }: Context,
  { approval, breakGlass, name, plane }: Exchange,
): Promise<Pick<Exchange, 'approvalDecision' | 'review'>> {
  const nothing = () => undefined;
  const decided = approval === '' ? undefined : await ifAltered(findApproval(database, approval), nothing);
  const review = breakGlass ? await ifAltered(findReviewOf(database, plane, name), nothing) : undefined;
  return {
    ...(decided && { approvalDecision: viewApproval(decided, now()) }),
    ...(review && { review: outcomeOf(viewReview(review, now())) }),
  };
}

function outcomeOf({ name, dueTime, completedBy, completeTime, verdict, reason }: Review): BreakGlassReview {
  return create(BreakGlassReviewSchema, {
    name,
    ...(dueTime && { dueTime }),
    ...(completedBy && { completedBy }),
    ...(completeTime && { completeTime }),
    justified: verdict === Verdict.JUSTIFIED,
    reason,
  });
}
