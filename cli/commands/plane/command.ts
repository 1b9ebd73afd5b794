import { Command } from 'commander';
import { createJoinTokenCommand } from './join-token.ts';
import { createListCommand } from './list.ts';
import { createRevokeCommand } from './revoke.ts';
import { createWithdrawJoinTokenCommand } from './withdraw-join-token.ts';

/** `sworn plane`. */
export function createPlaneCommand(): Command {
  return new Command('plane')
    .summary('data planes: list, let join, revoke')
    .description('Data planes: which have joined and what they run, tokens for new ones, the end of one.')
    .addCommand(createListCommand())
    .addCommand(createJoinTokenCommand())
    .addCommand(createWithdrawJoinTokenCommand())
    .addCommand(createRevokeCommand());
}
