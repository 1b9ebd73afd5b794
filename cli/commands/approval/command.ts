import { Command } from 'commander';
import { createApproveCommand } from './approve.ts';
import { createDenyCommand } from './deny.ts';
import { createListCommand } from './list.ts';
import { createShowCommand } from './show.ts';
import { createWatchCommand } from './watch.ts';

/** `sworn approval`. */
export function createApprovalCommand(): Command {
  return new Command('approval')
    .summary('requests that wait for a reviewer')
    .description('Approvals: requests that a policy holds until a reviewer has decided.')
    .addCommand(createListCommand())
    .addCommand(createShowCommand())
    .addCommand(createApproveCommand())
    .addCommand(createDenyCommand())
    .addCommand(createWatchCommand());
}
