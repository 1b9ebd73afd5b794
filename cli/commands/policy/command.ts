import { Command } from 'commander';
import { createApplyCommand } from './apply.ts';
import { createDeleteCommand } from './delete.ts';
import { createDiffCommand } from './diff.ts';
import { createExplainCommand } from './explain.ts';
import { createGetCommand } from './get.ts';
import { createHistoryCommand } from './history.ts';
import { createListCommand } from './list.ts';
import { createRollbackCommand } from './rollback.ts';
import { createSimulateCommand } from './simulate.ts';
import { createTestCommand } from './test.ts';
import { createValidateCommand } from './validate.ts';

/** `sworn policy`. */
export function createPolicyCommand(): Command {
  return new Command('policy')
    .summary('who may ask what, with which masking')
    .description(
      'Policies: who may ask what, on which conditions, with which masking. docs/policy.md has the language.',
    )
    .addCommand(createApplyCommand())
    .addCommand(createListCommand())
    .addCommand(createGetCommand())
    .addCommand(createDeleteCommand())
    .addCommand(createHistoryCommand())
    .addCommand(createDiffCommand())
    .addCommand(createRollbackCommand())
    .addCommand(createValidateCommand())
    .addCommand(createTestCommand())
    .addCommand(createExplainCommand())
    .addCommand(createSimulateCommand());
}
