import { Command } from 'commander';
import { createCompleteCommand } from './complete.ts';
import { createListCommand } from './list.ts';
import { createShowCommand } from './show.ts';

/** `sworn review`. */
export function createReviewCommand(): Command {
  return new Command('review')
    .summary('what went on by break-glass: list, show, complete')
    .description(
      'Reviews are due of every request that went on by break-glass, without an approval. They are addressed to the reviewers of\n' +
        'the rule. Those that are overdue have raised an alarm.',
    )
    .addCommand(createListCommand())
    .addCommand(createShowCommand())
    .addCommand(createCompleteCommand());
}
