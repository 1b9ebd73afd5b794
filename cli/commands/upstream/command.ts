import { Command } from 'commander';
import { createCheckCommand } from './check.ts';
import { createCreateCommand } from './create.ts';
import { createDeleteCommand } from './delete.ts';
import { createGetCommand } from './get.ts';
import { createListCommand } from './list.ts';
import { createUpdateCommand } from './update.ts';

/** `sworn upstream`. */
export function createUpstreamCommand(): Command {
  return new Command('upstream')
    .summary('providers and their credentials')
    .description('Upstreams: the providers that planes call. A credential is written, and never shown again.')
    .addCommand(createCreateCommand())
    .addCommand(createListCommand())
    .addCommand(createGetCommand())
    .addCommand(createUpdateCommand())
    .addCommand(createDeleteCommand())
    .addCommand(createCheckCommand());
}
