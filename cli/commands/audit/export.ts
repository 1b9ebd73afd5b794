import { open, rename, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { AuditService, ExportExchangesResponseSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { formatJsonLine } from '../../output/json.ts';
import { messageJson } from '../../output/output.ts';
import { type FilterOptions, readFilter, withFilter } from './filter.ts';

/** An export holds what people asked: nobody else on this machine may read it. */
const FILE_MODE = 0o600;

interface ExportOptions extends FilterOptions {
  readonly out?: string;
  readonly content?: boolean;
}

/** `sworn audit export`: JSON Lines, an exchange with its records on each. */
export function createExportCommand(): Command {
  const command = new Command('export')
    .summary('export exchanges with their records as JSON Lines')
    .description(
      'Writes the matching exchanges with their records, oldest first, one JSON object a line, whatever --output says.\n' +
        'A file appears under its name only when it is complete, readable by you alone.',
    )
    .option('--out <file>', 'to this file instead of stdout')
    .option('--content', 'with prompts and answers; the reading is recorded')
    .action((options: ExportOptions, self: Command) =>
      invoke(self, (invocation) => run(invocation, options)),
    );
  return withExamples(
    withFilter(command),
    ['sworn audit export --since 24h > day.jsonl', "the last day's, without content"],
    [
      'sworn audit export --session 0199f3c2 --content --out session.jsonl',
      'one session with prompts and answers',
    ],
  );
}

async function run(invocation: Invocation, options: ExportOptions): Promise<void> {
  const lines = readLines(invocation, options);
  if (options.out === undefined) {
    for await (const line of lines) await invocation.output.write(line);
    return;
  }
  const count = await writeWhole(options.out, lines);
  invocation.output.note(`${count} ${count === 1 ? 'exchange' : 'exchanges'} in ${options.out}`);
}

async function* readLines({ client }: Invocation, options: ExportOptions): AsyncGenerator<string> {
  const request = { filter: readFilter(options), includeContent: options.content === true };
  for await (const response of client(AuditService).exportExchanges(request)) {
    yield formatJsonLine(messageJson(ExportExchangesResponseSchema, response));
  }
}

/** Writes the lines beside the file, then puts them in its place: a broken export leaves no file that looks whole. */
async function writeWhole(path: string, lines: AsyncIterable<string>): Promise<number> {
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  const file = await open(partial, 'wx', FILE_MODE);
  let count = 0;
  try {
    for await (const line of lines) {
      await file.appendFile(line);
      count += 1;
    }
    await file.sync();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return count;
}
