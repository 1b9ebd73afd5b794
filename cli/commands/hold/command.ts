import { Command } from 'commander';
import { createCreateCommand } from './create.ts';
import { createListCommand } from './list.ts';
import { createReleaseCommand } from './release.ts';

/** `sworn hold`. */
export function createHoldCommand(): Command {
  return new Command('hold')
    .summary('legal holds: create, list, release')
    .description('Legal holds keep prompts and answers from being erased, by people and by retention.')
    .addCommand(createCreateCommand())
    .addCommand(createListCommand())
    .addCommand(createReleaseCommand());
}
