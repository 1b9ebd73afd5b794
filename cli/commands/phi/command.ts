import { Command } from 'commander';
import { createEntitiesCommand } from './entities.ts';
import { createMaskCommand } from './mask.ts';
import { createScanCommand } from './scan.ts';

/** `sworn phi`. */
export function createPhiCommand(): Command {
  return new Command('phi')
    .summary('find and mask PHI on this machine')
    .description(
      'The detector of the data plane, on this machine: nothing is sent. docs/phi.md says what it finds.',
    )
    .addCommand(createScanCommand())
    .addCommand(createMaskCommand())
    .addCommand(createEntitiesCommand());
}
