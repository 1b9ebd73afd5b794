import { open } from 'node:fs/promises';
import { Command } from 'commander';
import type { Finding } from '#core/phi/detect.ts';
import { fileFailure } from '../../failure.ts';
import { invokeOffline } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { formatJsonLine } from '../../output/json.ts';
import type { Output } from '../../output/output.ts';
import { openStdin } from '../../read.ts';
import { detecting, inputFailure } from './failure.ts';
import { createFinder } from './find.ts';
import { readLines } from './lines.ts';
import { type PolicyOptions, readPhiPolicy, withPolicy } from './policy.ts';

const HINT =
  'each line is like {"id":"note-1","text":"..."}; the lines before were written, this one and those after were not';

/** Lines that are looked through between two writes. */
const PORTION_LINES = 64;

/** A text to look through. */
interface Note {
  readonly id: string | number | null;
  readonly text: string;
}

/** `sworn phi scan`: JSON Lines in, JSON Lines out. */
export function createScanCommand(): Command {
  const command = new Command('scan')
    .summary('say where PHI is in the texts of JSON Lines')
    .description(
      'Reads {"id","text"} a line and writes {"id","findings":[{"entity","start","end","score","rule"}]} a line, in ' +
        'the same order, whatever --output says. Places are UTF-16 offsets into the text, the end exclusive; nothing ' +
        'of the text is written.\n\nWith --policy only what the policies mask is reported, their own identifiers too. ' +
        'The first wrong line ends it with 2: the lines before are written by then, and nothing after.',
    )
    .argument('[file]', 'the JSON Lines; stdin without it, or with -', '-')
    .action((file: string, options: PolicyOptions, self: Command) =>
      invokeOffline(self, (output) => run(output, file, options)),
    );
  return withExamples(
    withPolicy(command),
    ['sworn phi scan notes.jsonl > findings.jsonl', ''],
    [`echo '{"id":1,"text":"SSN 078-05-1120"}' | sworn phi scan`, ''],
    ['sworn phi scan --policy research.yaml < notes.jsonl', 'only what these policies mask'],
  );
}

async function run(output: Output, file: string, options: PolicyOptions): Promise<void> {
  const { detector, plan } = await readPhiPolicy(options);
  const find = createFinder(detector, plan);
  await scanLines(await openInput(file), find, output.write);
}

/**
 * Writes the findings of each line of a UTF-8 stream. One read may bring thousands of lines: what is found goes out
 * after every few of them, so that the reader gets it soon, and the work ends soon when the reader has left.
 * Throws a CommandFailure at the first line that is wrong, with the lines before it written.
 */
export async function scanLines(
  source: AsyncIterable<Buffer>,
  find: (text: string) => Finding[],
  write: (text: string) => Promise<void>,
): Promise<void> {
  let number = 0;
  for await (const lines of readLines(source)) {
    for (let start = 0; start < lines.length; start += PORTION_LINES) {
      let found = '';
      try {
        for (const line of lines.slice(start, start + PORTION_LINES)) {
          number += 1;
          if (line.trim() !== '') found += scanLine(line, `line ${number}`, find);
        }
      } finally {
        if (found !== '') await write(found);
      }
    }
  }
}

function scanLine(line: string, place: string, find: (text: string) => Finding[]): string {
  const { id, text } = readNote(line, place);
  const findings = detecting(place, () => find(text)).map(({ entity, start, end, score, rule }) => ({
    entity,
    start,
    end,
    score,
    rule,
  }));
  return formatJsonLine({ id, findings });
}

/** The note of a line. Throws a CommandFailure that quotes nothing of it. */
function readNote(line: string, place: string): Note {
  const note = parse(line);
  const text = field(note, 'text');
  if (typeof text !== 'string') throw inputFailure(`${place}: not a JSON object with a string "text"`, HINT);
  const id = field(note, 'id') ?? null;
  // Another number would not come back as it was written.
  if (id === null || typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id))) {
    return { id, text };
  }
  throw inputFailure(`${place}: "id" is neither a string nor a whole number`, HINT);
}

/** The value of a line; undefined when it is no JSON. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: 'id' | 'text'): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly id?: unknown; readonly text?: unknown })[name];
}

async function openInput(file: string): Promise<AsyncIterable<Buffer>> {
  if (file === '-') return openStdin();
  try {
    const handle = await open(file);
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
    await handle.close();
    throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
  } catch (error) {
    throw fileFailure(`read ${file}`, error);
  }
}
