import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { ReviewState } from '#proto/sworn/review/v1/review_pb.ts';
import { ListReviewsResponseSchema, ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { reviewColumns } from './render.ts';

interface ListOptions extends PageOptions {
  readonly overdue?: true;
  readonly completed?: true;
}

/** `sworn review list`: what waits for this reviewer; with --completed what does not any more. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list reviews, by default those that are due from you')
    .description('Lists the reviews addressed to your groups, newest first. Auditors see all.')
    .option('--overdue', 'only those whose time is over')
    .option('--completed', 'those that are completed')
    .action((options: ListOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn review list --overdue', 'what has raised an alarm']);
}

async function list({ client, output }: Invocation, options: ListOptions): Promise<void> {
  const service = client(ReviewService);
  const state = options.completed ? ReviewState.COMPLETED : ReviewState.PENDING;
  const overdue = options.overdue ?? false;
  const { items: reviews, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listReviews({ ...page, state, overdue });
    return { items: response.reviews, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListReviewsResponseSchema,
    message: create(ListReviewsResponseSchema, { reviews, nextPageToken }),
    columns: reviewColumns(Date.now()),
    rows: reviews,
    nextPageToken,
    none: 'no reviews',
  });
}
