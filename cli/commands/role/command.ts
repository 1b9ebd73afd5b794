import { Command } from 'commander';
import { createBindCommand } from './bind.ts';
import { createListCommand } from './list.ts';
import { createUnbindCommand } from './unbind.ts';

/** `sworn role`. */
export function createRoleCommand(): Command {
  return new Command('role')
    .summary('which groups are admins, reviewers, auditors')
    .description('Roles: the members of which OIDC groups are admins, reviewers and auditors.')
    .addCommand(createListCommand())
    .addCommand(createBindCommand())
    .addCommand(createUnbindCommand());
}
