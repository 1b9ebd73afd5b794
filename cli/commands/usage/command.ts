import { Command } from 'commander';
import { createListCommand } from './list.ts';

/** `sworn usage`. */
export function createUsageCommand(): Command {
  return new Command('usage')
    .summary('how far the limits of policies are used: list')
    .description('Usage: what limits of policies have counted, on all planes together.')
    .addCommand(createListCommand());
}
