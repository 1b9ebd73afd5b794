import { Command, InvalidArgumentError } from 'commander';
import { AuditService, ReplaySessionResponseSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { isMissing } from '../../connect/missing.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { messageJson, printStreamed } from '../../output/output.ts';
import { findNamed } from './named.ts';
import { serve } from './replay-serve.ts';
import { createTranscript } from './transcript.ts';

interface ReplayOptions {
  readonly speed: number;
  readonly serve?: boolean;
  readonly port?: number;
}

/** `sworn audit replay`: a session again, as it ran. */
export function createReplayCommand(): Command {
  const command = new Command('replay')
    .summary('show a session again as it ran')
    .description(
      'Shows a session, or one exchange, as it ran: what was asked, then the answer as it was delivered, at its pace.\n' +
        'With --output json: the recorded pieces, one JSON object a line. That you read it is recorded.\n' +
        'With --serve: to a client of the API instead. Point its base URL there; each request gets the answer that the same\n' +
        'request got, piece by piece at its pace, until Ctrl-C. It is served to this machine alone.',
    )
    .argument('<session>', 'a session id, the name that the application gave it, or exchanges/ID')
    .option('--speed <factor>', '1 is the original pace, 2 twice as fast, 0 at once', parseSpeed, 1)
    .option('--serve', 'answer clients of the API, on 127.0.0.1')
    .option('--port <number>', 'with --serve: the port; a free one when absent', parsePort)
    .action((name: string, options: ReplayOptions, self: Command) =>
      invoke(self, (invocation) => replay(invocation, name, options)),
    );
  return withExamples(
    command,
    ['sworn audit replay 0199f3c2', 'as it ran'],
    ['sworn audit replay visit-4711', 'by the name that the application gave it'],
    ['sworn audit replay exchanges/0199f3c2 --speed 0', 'one exchange, at once'],
    ['sworn audit replay visit-4711 --serve --speed 0', 'to the application that asked, once more'],
  );
}

/** An id goes before a name: nobody can put a session of their own in the place of another by naming it so. */
async function replay(invocation: Invocation, typed: string, options: ReplayOptions): Promise<void> {
  if (options.port !== undefined && options.serve !== true) throw usageFailure('--port goes with --serve');
  const name = typed.startsWith('exchanges/') ? typed : fullName('sessions', typed);
  try {
    await show(invocation, name, options);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const named = await findNamed(invocation, typed);
    if (named === undefined) throw error;
    await show(invocation, named, options);
  }
}

async function show(invocation: Invocation, name: string, options: ReplayOptions): Promise<void> {
  const { client, output } = invocation;
  const { speed } = options;
  if (options.serve === true) return await serve(invocation, name, { speed, port: options.port ?? 0 });
  const transcript = createTranscript(output);
  try {
    for await (const response of client(AuditService).replaySession({ name, speed })) {
      if (output.format === 'table') await transcript.show(response);
      else await printStreamed(output, messageJson(ReplaySessionResponseSchema, response));
    }
  } finally {
    if (output.format === 'table') await transcript.close();
  }
}

function parsePort(typed: string): number {
  const port = Number(typed);
  if (typed.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  }
  return port;
}

function parseSpeed(typed: string): number {
  const speed = Number(typed);
  if (typed.trim() === '' || !Number.isFinite(speed) || speed < 0) {
    throw new InvalidArgumentError('a speed is a number, 0 or more.');
  }
  return speed;
}
