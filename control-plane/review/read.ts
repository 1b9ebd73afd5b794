import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import type { Review } from '#proto/sworn/review/v1/review_pb.ts';
import { fail } from '../api/fail.ts';
import type { Person } from '../api/identity.ts';
import { openContents } from '../audit/content.ts';
import { recordsOf, showExchange } from '../audit/show.ts';
import type { Context } from '../context.ts';
import { findReview, type ReviewAudience, type ReviewDocument } from '../storage/approval/reviews.ts';
import { findExchange } from '../storage/record/exchanges.ts';
import { viewReview } from './view.ts';

/** Which reviews a person may see: auditors all, others those addressed to their groups or to any reviewer. */
export function audienceOf({ roles, caller }: Person): ReviewAudience {
  return roles.has(Role.AUDITOR) ? 'all' : { groups: caller.groups };
}

/**
 * A review with prompt and justification. That they are read is recorded first, as the reading of the exchange.
 * @throws ConnectError NOT_FOUND (also for one that is addressed to others), EVIDENCE_KEY_UNAVAILABLE, CONTENT_ALTERED
 */
export async function readReview(context: Context, person: Person, name: string): Promise<Review> {
  const document = await findReview(context.database, name);
  if (document === undefined || !isAddressed(document, audienceOf(person))) throw noSuchReview(name);
  const view = viewReview(document, context.now());
  const exchange = await findExchange(context.database, document.exchange);
  // One of another plane by that name says nothing about this.
  if (exchange === undefined || exchange.plane !== document.plane) return view;
  // What the store says where its content is, nobody has signed; records say it.
  const { shown } = showExchange(exchange, await recordsOf(context.database, exchange));
  const load = await openContents(context, person.caller, [shown]);
  const { prompt, eraseTime } = await load(shown);
  return { ...view, ...(prompt && { prompt }), ...(eraseTime && { eraseTime }) };
}

/** Whether the review is there for these people. */
export function isAddressed({ reviewers }: ReviewDocument, audience: ReviewAudience): boolean {
  if (audience === 'all' || reviewers.length === 0) return true;
  return reviewers.some((group) => audience.groups.includes(group));
}

/** The error for a review that is not there, or not for who asks. */
function noSuchReview(name: string): Error {
  return fail(Reason.NOT_FOUND, `${name} does not exist, or not for you`, { name });
}
