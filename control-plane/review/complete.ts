import { toBinary } from '@bufbuild/protobuf';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Review } from '#proto/sworn/review/v1/review_pb.ts';
import { fail } from '../api/fail.ts';
import { checkDecider } from '../approval/reviewer.ts';
import { recordAction } from '../audit/actions.ts';
import { commitToReason, giveReason } from '../audit/reason.ts';
import type { Context } from '../context.ts';
import { notify } from '../notification/notify.ts';
import { completeReview, findReview } from '../storage/approval/reviews.ts';
import { isAddressed } from './read.ts';
import { happeningOf, viewReview } from './view.ts';

/** What a reviewer found. */
export interface Finding {
  readonly verdict: 'JUSTIFIED' | 'UNJUSTIFIED';
  readonly reason: string;
}

/**
 * Completes a review, recorded as `review.justified` or `review.unjustified`. The reviewer must be in one of the groups that it is
 * addressed to, a person or a service that the policy names, and not who went on, by issuer and subject or by e-mail.
 *
 * @throws ConnectError NOT_FOUND, NOT_ADDRESSED, PERSON_REQUIRED, OWN_REQUEST, INVALID_ARGUMENT (no reason),
 *   REVIEW_NOT_PENDING
 * @throws AlteredError
 */
export async function concludeReview(
  context: Context,
  reviewer: Caller,
  name: string,
  { verdict, reason }: Finding,
): Promise<Review> {
  const { database } = context;
  if (reason.trim() === '') {
    throw fail(Reason.INVALID_ARGUMENT, 'reason: is required', { reason: 'is required' });
  }
  const completed = await database.transaction(async (session) => {
    const document = await findReview(database, name, session);
    if (document === undefined) throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
    if (!isAddressed(document, { groups: reviewer.groups })) {
      throw fail(Reason.NOT_ADDRESSED, 'you are in none of the groups that may review this', { name });
    }
    checkDecider(document, reviewer);
    const why = giveReason(reason);
    const moved = await completeReview(database, session, document, {
      verdict,
      ...why,
      completedBy: toBinary(CallerSchema, reviewer),
      completeTime: context.now(),
    });
    if (moved === undefined) {
      throw fail(Reason.REVIEW_NOT_PENDING, `${name} is completed already`, { name });
    }
    const action = verdict === 'JUSTIFIED' ? 'review.justified' : 'review.unjustified';
    const done = { caller: reviewer, action, resource: name, review: moved } as const;
    await recordAction(context, session, { ...done, ...commitToReason(why) });
    await notify(context, session, happeningOf(moved, 'review.completed'));
    return moved;
  });
  return viewReview(completed, context.now());
}
