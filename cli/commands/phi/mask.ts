import { Command } from 'commander';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import type { CommandFailure } from '../../failure.ts';
import { invokeOffline } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import type { Output } from '../../output/output.ts';
import { openStdin } from '../../read.ts';
import { detecting, inputFailure } from './failure.ts';
import { type PolicyOptions, readPhiPolicy, withPolicy } from './policy.ts';

interface MaskOptions extends PolicyOptions {
  readonly json?: boolean;
}

/** `sworn phi mask`: a filter from stdin to stdout. */
export function createMaskCommand(): Command {
  const command = new Command('mask')
    .summary('mask PHI from stdin to stdout, while it comes')
    .description(
      'Writes what it reads, every finding replaced by its entity: [US_SSN]. It writes while it reads and holds back ' +
        'only what could still become a finding; what is none stays byte for byte. With --policy, entities that all ' +
        'of the policies leave (none) are left.\n\nWhen anything fails, nothing more is written and the exit code is ' +
        'not 0.',
    )
    .option('--json', 'stdin is one JSON document: match strings and keys decoded, keep it valid')
    .action((options: MaskOptions, self: Command) =>
      invokeOffline(self, (output) => filter(output, options)),
    );
  return withExamples(
    withPolicy(command),
    ['sworn phi mask < note.txt > masked.txt', ''],
    ['tail -f app.log | sworn phi mask', ''],
    ['sworn phi mask --json < patient.json', 'values are matched with their keys'],
    ['sworn phi mask --policy research.yaml < note.txt', 'as these policies mask answers'],
  );
}

async function filter(output: Output, options: MaskOptions): Promise<void> {
  const { detector, plan } = await readPhiPolicy(options);
  const masker = createMasker(detector, plan ?? MASK_ALL);
  const json = options.json === true;
  const masked = json ? masker.jsonStream() : masker.stream();
  // Before a JSON document a byte order mark means nothing; a text is handed on as it is.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: !json });
  let bytes = 0;
  for await (const chunk of openStdin()) {
    const text = decode(() => decoder.decode(chunk, { stream: true }), bytes);
    const out = detecting(`after byte ${bytes}`, () => masked.push(text));
    bytes += chunk.length;
    if (out !== '') await output.write(out);
  }
  decode(() => decoder.decode(), bytes);
  await output.write(detecting(`after byte ${bytes}`, () => masked.end()));
}

/** Text that can be looked at. In what is no UTF-8, or UTF-16 taken for it, PHI would not be seen. */
function decode(run: () => string, bytes: number): string {
  let text: string;
  try {
    text = run();
  } catch {
    throw notText(bytes);
  }
  if (text.includes('\0')) throw notText(bytes);
  return text;
}

function notText(bytes: number): CommandFailure {
  return inputFailure(
    `the input after byte ${bytes} is not UTF-8 text, so nothing of it was written`,
    'convert it first, for example with iconv -t UTF-8',
  );
}
