import { Command } from 'commander';
import { ApprovalSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderDecision } from './render.ts';

/** `sworn approval deny`. */
export function createDenyCommand(): Command {
  const command = new Command('deny')
    .summary('refuse a request')
    .description('Refuses the request. Nobody decides on their own request.')
    .argument('<approval>', 'its id')
    .option('--reason <text>', 'why; told to the caller, the record commits to it', '')
    .action((id: string, { reason }: { readonly reason: string }, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('approvals', id);
        const response = await client(ApprovalService).denyApproval({ name, reason });
        const approval = required(response.approval, 'approval');
        await printMessage(output, ApprovalSchema, approval, () => renderDecision(approval));
      }),
    );
  return withExamples(command, [
    'sworn approval deny 0199f3c2-7e10-7000-8000-000000000001 --reason "ask for counts, not names"',
    '',
  ]);
}
