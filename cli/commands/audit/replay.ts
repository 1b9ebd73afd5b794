import { Command, InvalidArgumentError } from 'commander';
import { AuditService, ReplaySessionResponseSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { messageJson, printStreamed } from '../../output/output.ts';
import { createTranscript } from './transcript.ts';

/** `sworn audit replay`: a session again, as it ran. */
export function createReplayCommand(): Command {
  const command = new Command('replay')
    .summary('show a session again as it ran')
    .description(
      'Shows a session, or one exchange, as it ran: what was asked, then the answer as it was delivered, at its pace.\n' +
        'With --output json: the recorded pieces, one JSON object a line. That you read it is recorded.',
    )
    .argument('<session>', 'a session id, or exchanges/ID')
    .option('--speed <factor>', '1 is the original pace, 2 twice as fast, 0 at once', parseSpeed, 1)
    .action((name: string, { speed }: { readonly speed: number }, self: Command) =>
      invoke(self, (invocation) => replay(invocation, name, speed)),
    );
  return withExamples(
    command,
    ['sworn audit replay 0199f3c2', 'as it ran'],
    ['sworn audit replay exchanges/0199f3c2 --speed 0', 'one exchange, at once'],
  );
}

async function replay({ client, output }: Invocation, typed: string, speed: number): Promise<void> {
  const name = typed.startsWith('exchanges/') ? typed : fullName('sessions', typed);
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

function parseSpeed(typed: string): number {
  const speed = Number(typed);
  if (typed.trim() === '' || !Number.isFinite(speed) || speed < 0) {
    throw new InvalidArgumentError('a speed is a number, 0 or more.');
  }
  return speed;
}
