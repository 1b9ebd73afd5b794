import { Command } from 'commander';
import { HoldSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';

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
        await printMessage(output, HoldSchema, hold, () => `${hold.name} is released\n`);
      }),
    );
  return withExamples(command, ["sworn hold release 0199f3c2 --reason 'matter 4711 is closed'", '']);
}
