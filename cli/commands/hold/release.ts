import { Command } from 'commander';
import { HoldSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { callerName, fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { sanitise } from '../../output/sanitise.ts';
import { formatTime } from '../../output/time.ts';

/** `sworn hold release`. */
export function createReleaseCommand(): Command {
  const command = new Command('release')
    .summary('end a hold')
    .description('Ends a hold. Content whose retention is over meanwhile is erased within minutes.')
    .argument('<hold>', 'its id')
    .requiredOption('--reason <text>', 'why; it stays in the record for ever')
    .action((id: string, { reason }: { readonly reason: string }, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('holds', id);
        const response = await client(RetentionService).releaseHold({ name, reason });
        const hold = required(response.hold, 'hold');
        // One that was released before stays as it was: when, by whom and why say so.
        const { releasedBy, releaseTime, releaseReason } = hold;
        const when = `${formatTime(releaseTime)} by ${callerName(releasedBy)}`;
        await printMessage(output, HoldSchema, hold, () =>
          sanitise(`${hold.name} was released ${when}: ${releaseReason}\n`),
        );
      }),
    );
  return withExamples(command, ["sworn hold release 0199f3c2 --reason 'matter 4711 is closed'", '']);
}
