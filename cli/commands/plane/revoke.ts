import { Command } from 'commander';
import { PlaneSchema } from '#proto/sworn/plane/v1/plane_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';

/** `sworn plane revoke`. */
export function createRevokeCommand(): Command {
  const command = new Command('revoke')
    .summary('end the trust in a plane at once')
    .description('Ends the trust in a data plane at once and for good. To have it back, let it join anew.')
    .argument('<plane>', 'its id, as plane list shows it')
    .action((id: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(PlaneService).revokePlane({ name: fullName('planes', id) });
        const plane = required(response.plane, 'plane');
        await printMessage(output, PlaneSchema, plane, () => `${plane.name} revoked\n`);
      }),
    );
  return withExamples(command, ['sworn plane revoke 0199f3c2-7e10-7000-8000-000000000001', '']);
}
