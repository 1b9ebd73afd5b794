import { Command } from 'commander';
import { createJoinTokenCommand } from './join-token.ts';
import { createListCommand } from './list.ts';
import { createRevokeCommand } from './revoke.ts';

/** `sworn plane`. */
export function createPlaneCommand(): Command {
  return new Command('plane')
    .summary('data planes: list, let join, revoke')
    .description('Data planes: which have joined and what they run, a token for a new one, the end of one.')
    .addCommand(createListCommand())
    .addCommand(createJoinTokenCommand())
    .addCommand(createRevokeCommand());
}
