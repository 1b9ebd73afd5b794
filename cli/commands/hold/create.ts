import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Command } from 'commander';
import { HoldSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { isOnRecord, missingText } from '../../connect/missing.ts';
import { required } from '../../connect/required.ts';
import { CommandFailure, usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { parseGiven, parseTime, withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { scopeText } from './columns.ts';

interface CreateOptions {
  readonly session?: string;
  readonly exchange?: string;
  readonly caller?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly toCome?: boolean;
  readonly reason: string;
}

/** `sworn hold create`. */
export function createCreateCommand(): Command {
  const command = new Command('create')
    .summary('keep content from being erased')
    .description(
      'Keeps prompts and answers from being erased, also those that are still to come. What is given must all hold.\n' +
        'The reason stays in the record for ever: nothing of a patient belongs there.',
    )
    .option('--session <session>', 'of the session with this id', parseGiven)
    .option('--exchange <exchange>', 'of this exchange', parseGiven)
    .option('--caller <who>', 'of this caller: subject or e-mail', parseGiven)
    .option('--since <time>', 'begun at or after: 2026-03-01T09:30:00Z, or 24h for a day ago', parseTime)
    .option('--until <time>', 'begun before', parseTime)
    .option('--to-come', 'also where nothing is on record under this session or exchange yet')
    .requiredOption('--reason <text>', 'why: the matter that it is for')
    .action((options: CreateOptions, self: Command) =>
      invoke(self, (invocation) => place(invocation, options)),
    );
  return withExamples(
    command,
    ["sworn hold create --caller ana@example.org --since 2026-03-01 --reason 'matter 4711'", "a caller's"],
    ["sworn hold create --session 0199f3c2 --reason 'matter 4711'", 'a session'],
  );
}

async function place(invocation: Invocation, options: CreateOptions): Promise<void> {
  const { client, output } = invocation;
  const { session, exchange, caller, since, until, reason } = options;
  if ([session, exchange, caller, since, until].every((part) => part === undefined)) {
    throw usageFailure('say what to keep: --session, --exchange, --caller, --since, --until');
  }
  const scope = {
    session: session === undefined ? '' : fullName('sessions', session),
    exchange: exchange === undefined ? '' : fullName('exchanges', exchange),
    caller: caller ?? '',
    ...(since === undefined ? {} : { since: timestampFromDate(since) }),
    ...(until === undefined ? {} : { until: timestampFromDate(until) }),
  };
  const name = scope.exchange || scope.session;
  // A hold on a name that is none would keep nothing, and nobody would know.
  if (name !== '' && options.toCome !== true && !(await isOnRecord(invocation, name))) {
    throw new CommandFailure(missingText(name), {
      code: 'not_found',
      hint: 'add --to-come where it is still to come',
    });
  }
  const response = await client(RetentionService).createHold({ scope, reason });
  const hold = required(response.hold, 'hold');
  await printMessage(output, HoldSchema, hold, () => `${hold.name} keeps ${scopeText(hold)}\n`);
}
