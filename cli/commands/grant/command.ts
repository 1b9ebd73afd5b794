import { Command } from 'commander';
import { createListCommand } from './list.ts';
import { createRevokeCommand } from './revoke.ts';

/** `sworn grant`. */
export function createGrantCommand(): Command {
  return new Command('grant')
    .summary('callers who need not wait for a while: list, revoke')
    .description(
      "Grants let a caller go on without waiting where a rule asks for approval. 'sworn approval approve --for' gives one; it\n" +
        'ends by itself, when it is revoked, and when its policy changes.',
    )
    .addCommand(createListCommand())
    .addCommand(createRevokeCommand());
}
