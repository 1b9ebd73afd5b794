import { Command } from 'commander';
import { EvidenceError } from '#core/evidence/error.ts';
import { parseNoteKey } from '#core/evidence/note/key.ts';
import { CommandFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printValue } from '../../output/output.ts';

/** `sworn audit key`. */
export function createKeyCommand(): Command {
  const command = new Command('key')
    .summary("print the log's verifier key")
    .description(
      'Prints the verifier key that checkpoints of the log verify by, as the control plane says it. Compare it with one ' +
        'that you have from elsewhere, and keep it: who can change the answer could sign another log.',
    )
    .action((_options: object, self: Command) => invoke(self, print));
  return withExamples(command, ['sworn audit key', 'NAME+ID+KEY, for witnesses and auditors']);
}

async function print({ getText, output }: Invocation): Promise<void> {
  const vkey = (await getText('/log/key')).trimEnd();
  const origin = nameOf(vkey);
  if (output.format === 'table') await output.write(`${vkey}\n`);
  else await printValue(output, { origin, vkey });
}

function nameOf(vkey: string): string {
  try {
    return parseNoteKey(vkey).name;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new CommandFailure(`what the control plane gives is no verifier key: ${error.message}`);
  }
}
