import type { ServiceImpl } from '@connectrpc/connect';
import { ReviewState as State, Verdict } from '#proto/sworn/review/v1/review_pb.ts';
import type { ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import type { Context } from '../context.ts';
import { concludeReview } from '../review/complete.ts';
import { audienceOf, readReview } from '../review/read.ts';
import { viewReview } from '../review/view.ts';
import { listReviews, type ReviewState } from '../storage/approval/reviews.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { createdAt, parsePosition } from './position.ts';
import { takePage } from './take-page.ts';

const STATES: readonly ReviewState[] = ['PENDING', 'COMPLETED'];

/** ReviewService: the queue of what went on by break-glass. Who may call what is decided before, in access.ts. */
export function createReviewService(context: Context): ServiceImpl<typeof ReviewService> {
  const { database } = context;
  return {
    async listReviews(request, call) {
      const now = context.now();
      const state = STATES.find((name) => State[name] === request.state);
      const overdueAt = request.overdue ? now : undefined;
      const scope = `ListReviews ${state ?? ''} ${request.overdue}`;
      const { limit, after } = readPage(request, scope);
      const audience = audienceOf(getPerson(call));
      const which = { state, overdueAt };
      const found = await listReviews(database, audience, which, parsePosition(after), limit + 1);
      const { items, nextPageToken } = takePage(found, limit, scope, createdAt);
      return {
        reviews: items.map((document) => viewReview(document, now)),
        nextPageToken,
      };
    },

    async getReview({ name }, call) {
      return { review: await readReview(context, getPerson(call), name) };
    },

    async completeReview({ name, verdict, reason }, call) {
      const found = verdict === Verdict.JUSTIFIED ? 'JUSTIFIED' : 'UNJUSTIFIED';
      const reviewer = getPerson(call).caller;
      return { review: await concludeReview(context, reviewer, name, { verdict: found, reason }) };
    },
  };
}
