import { Command } from 'commander';
import { ReviewSchema, Verdict } from '#proto/sworn/review/v1/review_pb.ts';
import { ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderFinding } from './render.ts';

interface CompleteOptions {
  readonly justified?: true;
  readonly unjustified?: true;
  readonly reason: string;
}

/** `sworn review complete`. */
export function createCompleteCommand(): Command {
  const command = new Command('complete')
    .summary('say whether there was a reason to go on')
    .description('Completes a review. Nobody reviews what they did themselves.')
    .argument('<review>', 'its id')
    .option('--justified', 'the caller had a reason to go on')
    .option('--unjustified', 'they had none')
    .requiredOption('--reason <text>', 'why you find so')
    .action((id: string, options: CompleteOptions, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const { justified = false, unjustified = false, reason } = options;
        if (justified === unjustified) throw usageFailure('give one of --justified and --unjustified');
        const response = await client(ReviewService).completeReview({
          name: fullName('reviews', id),
          verdict: justified ? Verdict.JUSTIFIED : Verdict.UNJUSTIFIED,
          reason,
        });
        const review = required(response.review, 'review');
        await printMessage(output, ReviewSchema, review, () => renderFinding(review));
      }),
    );
  return withExamples(command, [
    'sworn review complete 0199f3c2-7e10-7000-8000-000000000001 --justified --reason "code blue, ward 3"',
    '',
  ]);
}
