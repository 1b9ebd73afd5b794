import { Command } from 'commander';
import { createApproveCommand } from './approve.ts';
import { createListCommand } from './list.ts';
import { createRejectCommand } from './reject.ts';
import { createShowCommand } from './show.ts';
import { createWithdrawCommand } from './withdraw.ts';

/** `sworn proposal`. */
export function createProposalCommand(): Command {
  return new Command('proposal')
    .summary('changes that wait for a second admin: list, show, approve, reject, withdraw')
    .description(
      'Where the control plane runs with --four-eyes, changes of policies, roles, issuers, upstreams and notifiers become proposals,\n' +
        'made by the same commands. Another admin approves them, within seven days.',
    )
    .addCommand(createListCommand())
    .addCommand(createShowCommand())
    .addCommand(createApproveCommand())
    .addCommand(createRejectCommand())
    .addCommand(createWithdrawCommand());
}
