import { Command } from 'commander';
import { createCreateCommand } from './create.ts';
import { createDeleteCommand } from './delete.ts';
import { createGetCommand } from './get.ts';
import { createListCommand } from './list.ts';
import { createUpdateCommand } from './update.ts';

/** `sworn issuer`. */
export function createIssuerCommand(): Command {
  return new Command('issuer')
    .summary('OpenID providers whose tokens are accepted')
    .description('Issuers: the OpenID providers whose tokens planes and control plane accept.')
    .addCommand(createCreateCommand())
    .addCommand(createListCommand())
    .addCommand(createGetCommand())
    .addCommand(createUpdateCommand())
    .addCommand(createDeleteCommand());
}
