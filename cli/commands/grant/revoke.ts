import { Command } from 'commander';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printDone } from '../../output/done.ts';
import { fullName } from '../../output/names.ts';

/** `sworn grant revoke`. */
export function createRevokeCommand(): Command {
  const command = new Command('revoke')
    .summary('end a grant at once, on every plane')
    .description(
      'Ends a grant: the next request of its caller waits for a reviewer again. What is under way goes on.',
    )
    .argument('<grant>', 'its id, as grant list shows it')
    .action((typed: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('grants', typed);
        await client(ApprovalService).revokeGrant({ name });
        await printDone(output, name, 'revoked');
      }),
    );
  return withExamples(command, ['sworn grant revoke 0199f3c2', '']);
}
