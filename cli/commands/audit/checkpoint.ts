import { Command } from 'commander';
import { encodeBase64 } from '#core/evidence/base64.ts';
import { parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { parseNote } from '#core/evidence/note/note.ts';
import { badAnswer } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printValue } from '../../output/output.ts';

/** `sworn audit checkpoint`. */
export function createCheckpointCommand(): Command {
  const command = new Command('checkpoint')
    .summary('print the newest checkpoint of the log')
    .description(
      'Prints the newest signed checkpoint of the log as a C2SP signed note, with the cosignatures of its witnesses. ' +
        'It verifies nothing.',
    )
    .action((_options: object, self: Command) => invoke(self, print));
  return withExamples(
    command,
    ['sworn audit checkpoint > checkpoint', 'the note, to keep'],
    ['sworn audit checkpoint --output json', 'its parts, and the note'],
  );
}

async function print({ getText, output, controlPlane }: Invocation): Promise<void> {
  const note = await getText('/log/checkpoint');
  const parts = read(note, controlPlane);
  // The exact bytes: signatures are over them.
  if (output.format === 'table') await output.write(note);
  else await printValue(output, parts);
}

function read(note: string, controlPlane: string) {
  try {
    const { text, signatures } = parseNote(note);
    const { origin, size, root } = parseCheckpoint(text);
    return { origin, size, root: encodeBase64(root), signatures: signatures.map(({ name }) => name), note };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw badAnswer(`what ${controlPlane} gives is no checkpoint: ${error.message}`, controlPlane);
  }
}
