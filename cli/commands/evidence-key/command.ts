import { Command } from 'commander';
import { createListCommand } from './list.ts';
import { createRotateCommand } from './rotate.ts';

/** `sworn evidence-key`. */
export function createEvidenceKeyCommand(): Command {
  return new Command('evidence-key')
    .summary('the keys that open prompts and answers: list, rotate')
    .description(
      'The keys of the organisation that planes seal prompts and answers to. Their private parts never leave the control plane.',
    )
    .addCommand(createListCommand())
    .addCommand(createRotateCommand());
}
