import { Command } from 'commander';
import { createCreateCommand } from './create.ts';
import { createDeleteCommand } from './delete.ts';
import { createListCommand } from './list.ts';

/** `sworn revocation`. */
export function createRevocationCommand(): Command {
  return new Command('revocation')
    .summary('refuse a caller, application, token or session at once: create, list, delete')
    .description(
      'Revocations refuse a caller, an application, a token or a session before the token ends: on the control plane at once,\n' +
        'on every plane within a second, and for requests that are under way too.',
    )
    .addCommand(createCreateCommand())
    .addCommand(createListCommand())
    .addCommand(createDeleteCommand());
}
