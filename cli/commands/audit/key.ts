import { Command } from 'commander';
import { formatNoteKey } from '#core/evidence/note/key.ts';
import { askLogKey } from '../../evidence/keys.ts';
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

async function print(invocation: Invocation): Promise<void> {
  const { output } = invocation;
  const key = await askLogKey(invocation);
  const vkey = formatNoteKey(key);
  if (output.format === 'table') await output.write(`${vkey}\n`);
  else await printValue(output, { origin: key.name, vkey });
}
