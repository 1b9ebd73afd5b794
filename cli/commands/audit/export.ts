import { Command } from 'commander';
import { AuditService, ExportExchangesResponseSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { writeWhole } from '../../evidence/write-whole.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { formatJsonLine } from '../../output/json.ts';
import { messageJson } from '../../output/output.ts';
import { exportBundle } from './export-bundle.ts';
import { type FilterOptions, readFilter, withFilter } from './filter.ts';

interface ExportOptions extends FilterOptions {
  readonly out?: string;
  readonly content?: boolean;
  readonly bundle?: string;
  /** False for `--no-payloads`. */
  readonly payloads: boolean;
  readonly force: boolean;
}

/** `sworn audit export`: JSON Lines, an exchange with its records on each; or a bundle that verifies by itself. */
export function createExportCommand(): Command {
  const command = new Command('export')
    .summary('export exchanges as JSON Lines, or evidence as a bundle')
    .description(
      'Writes the matching exchanges with their records, oldest first, one JSON object a line, whatever --output says.\n' +
        'With --bundle: the records themselves, with all that verifies them without the control plane (sworn audit verify\n' +
        '--bundle); payloads stay sealed. Without a filter it has the whole log.\n' +
        'A file appears under its name only when it is complete, readable by you alone.',
    )
    .option('--out <file>', 'to this file instead of stdout')
    .option('--content', 'with prompts and answers; the reading is recorded')
    .option('--bundle <file>', 'evidence, to this file')
    .option('--no-payloads', 'a bundle without payloads')
    .option('--force', 'write over a file that is there', false)
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
    ['sworn audit export --bundle log.bundle', 'everything, to verify elsewhere'],
    [
      'sworn audit export --entity US_SSN --since 30d --bundle ssn.bundle',
      'a part, each record with its proof',
    ],
  );
}

async function run(invocation: Invocation, options: ExportOptions): Promise<void> {
  if (options.bundle !== undefined) {
    if (options.out !== undefined || options.content === true) {
      throw usageFailure(
        'a bundle is a file, with sealed content: --bundle goes without --out and --content',
      );
    }
    await exportBundle(invocation, options.bundle, options);
    return;
  }
  const lines = readLines(invocation, options);
  if (options.out === undefined) {
    for await (const line of lines) await invocation.output.write(line);
    return;
  }
  const count = await writeWhole(options.out, lines, options);
  invocation.output.note(`${count} ${count === 1 ? 'exchange' : 'exchanges'} in ${options.out}`);
}

async function* readLines(invocation: Invocation, options: ExportOptions): AsyncGenerator<string> {
  const { client } = invocation;
  const request = { filter: await readFilter(invocation, options), includeContent: options.content === true };
  for await (const response of client(AuditService).exportExchanges(request)) {
    yield formatJsonLine(messageJson(ExportExchangesResponseSchema, response));
  }
}
