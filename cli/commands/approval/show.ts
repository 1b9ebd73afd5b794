import { Command } from 'commander';
import { ApprovalSchema, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderApproval } from './render.ts';

/** `sworn approval show`: with the prompt; the reading is recorded. */
export function createShowCommand(): Command {
  const command = new Command('show')
    .summary('show one approval with its prompt')
    .description('Shows one approval with the prompt that waits. That you read it is recorded.')
    .argument('<approval>', 'its id')
    .action((id: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(ApprovalService).getApproval({ name: fullName('approvals', id) });
        const approval = required(response.approval, 'approval');
        const isAsked = output.format === 'table' && approval.state === State.PENDING;
        const reader = isAsked ? await client(IdentityService).whoAmI({}) : undefined;
        await printMessage(output, ApprovalSchema, approval, () =>
          renderApproval(approval, Date.now(), output, reader),
        );
      }),
    );
  return withExamples(command, ['sworn approval show 0199f3c2-7e10-7000-8000-000000000001', '']);
}
