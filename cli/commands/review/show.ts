import { Command } from 'commander';
import { ReviewSchema } from '#proto/sworn/review/v1/review_pb.ts';
import { ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderReview } from './render.ts';

/** `sworn review show`: with prompt and justification; the reading is recorded. */
export function createShowCommand(): Command {
  const command = new Command('show')
    .summary('show one review with prompt and justification')
    .description('Shows one review with prompt and justification. That you read them is recorded.')
    .argument('<review>', 'its id')
    .action((id: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(ReviewService).getReview({ name: fullName('reviews', id) });
        const review = required(response.review, 'review');
        await printMessage(output, ReviewSchema, review, () => renderReview(review, Date.now()));
      }),
    );
  return withExamples(command, ['sworn review show 0199f3c2-7e10-7000-8000-000000000001', '']);
}
