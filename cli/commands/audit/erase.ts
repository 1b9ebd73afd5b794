import { Command } from 'commander';
import {
  type EraseExchangesRequest,
  type EraseExchangesResponse,
  EraseExchangesResponseSchema,
  ErasureResult,
  RetentionService,
} from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { CommandFailure, usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { confirm } from '../../output/confirm.ts';
import { fullName } from '../../output/names.ts';
import { messageJson, printStreamed } from '../../output/output.ts';
import { ErasureTally } from './erasure-tally.ts';

interface EraseOptions {
  readonly session?: string;
  readonly exchange?: string;
  readonly expired?: boolean;
  readonly authority: string;
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

type Request = Pick<EraseExchangesRequest, 'scope' | 'authority' | 'reason'>;

/** `sworn audit erase`: exit code 1 when a hold kept something of what was named, or nobody said yes. */
export function createEraseCommand(): Command {
  const command = new Command('erase')
    .summary('destroy prompts and answers')
    .description(
      'Destroys prompts, answers and what reviewers read, with the keys that open them. Records, proofs and the log stay, and ' +
        'say by whose authority it was done. Shows what would go, and asks.\n' +
        'Authority and reason stay in the record for ever: nothing of a patient belongs there.',
    )
    .option('--session <session>', 'of all exchanges of this session')
    .option('--exchange <exchange>', 'of this exchange')
    .option('--expired', 'of all exchanges whose retention is over; the control plane does so by itself')
    .requiredOption('--authority <who>', 'by whose authority: a person, an order, a procedure')
    .requiredOption('--reason <text>', 'why')
    .option('--dry-run', 'only show what would go')
    .option('--yes', 'do not ask')
    .action((options: EraseOptions, self: Command) =>
      invoke(self, (invocation) => erase(invocation, options)),
    );
  return withExamples(
    command,
    [
      "sworn audit erase --session 0199f3c2 --authority 'Privacy Office' --reason 'case 4711' --dry-run",
      'what would go',
    ],
    [
      "sworn audit erase --exchange 0199f3c2 --authority 'Privacy Office' --reason 'case 4711'",
      'asks, then erases',
    ],
  );
}

async function erase(invocation: Invocation, options: EraseOptions): Promise<void> {
  const { output } = invocation;
  const request = readRequest(options);
  const isPreview = options.dryRun === true;
  if (isPreview || options.yes !== true) {
    const preview = await run(invocation, request, true, isPreview);
    if (isPreview) {
      output.note(`${preview.summary('would be erased')}; nothing was done`);
      return;
    }
    if (preview.erased > 0 && !(await confirm(`${preview.summary('to be erased')}: for good? yes/no `))) {
      throw new CommandFailure('nothing was erased', {
        code: 'not_confirmed',
        hint: "answer 'yes', or add --yes where nobody can be asked",
      });
    }
    if (preview.erased === 0) {
      report(invocation, options, preview);
      return;
    }
  }
  report(invocation, options, await run(invocation, request, false, true));
}

/** Shows what becomes of each exchange: in a table, where it fits, or a line of JSON each. */
async function run(
  { client, output }: Invocation,
  request: Request,
  validateOnly: boolean,
  isResult: boolean,
): Promise<ErasureTally> {
  const tally = new ErasureTally(validateOnly);
  for await (const response of client(RetentionService).eraseExchanges({ ...request, validateOnly })) {
    tally.add(response);
    if (isResult && output.format !== 'table') await print(output, response);
  }
  if (output.format === 'table') await output.write(tally.render(output));
  return tally;
}

function print(output: Invocation['output'], response: EraseExchangesResponse): Promise<void> {
  return printStreamed(output, messageJson(EraseExchangesResponseSchema, response));
}

function report({ output }: Invocation, { expired }: EraseOptions, tally: ErasureTally): void {
  output.note(tally.summary('erased'));
  // What is expired and held goes when it is released; what was named and is held was wanted now.
  if (expired === true || tally.count(ErasureResult.HELD) === 0) return;
  throw new CommandFailure(`a hold keeps ${tally.count(ErasureResult.HELD)} of them`, {
    code: 'held',
    hint: 'sworn hold list',
  });
}

function readRequest({ session, exchange, expired, authority, reason }: EraseOptions): Request {
  const scopes: Request['scope'][] = [];
  if (session !== undefined) scopes.push({ case: 'session', value: fullName('sessions', session) });
  if (exchange !== undefined) scopes.push({ case: 'exchange', value: fullName('exchanges', exchange) });
  if (expired === true) scopes.push({ case: 'expired', value: true });
  const [scope] = scopes;
  if (scope === undefined || scopes.length > 1) {
    throw usageFailure('say what to erase: one of --session, --exchange and --expired');
  }
  return { scope, authority, reason };
}
