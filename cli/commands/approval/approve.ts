import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { Command } from 'commander';
import { ApprovalSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { parseLength, withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderDecision } from './render.ts';

interface ApproveOptions {
  readonly reason: string;
  /** Milliseconds. */
  readonly for?: number;
}

/** `sworn approval approve`. */
export function createApproveCommand(): Command {
  const command = new Command('approve')
    .summary('let a request go on')
    .description(
      'Lets the request go on, once; where several people have to approve, when the last of them has. Nobody decides on\n' +
        'their own request. With --for, the caller may go on by the same rule for so long without asking again.',
    )
    .argument('<approval>', 'its id')
    .option('--reason <text>', 'why; the record commits to it', '')
    .option(
      '--for <length>',
      'also grant the rule to the caller: 30m; at most what the rule allows',
      parseLength,
    )
    .action((id: string, { reason, for: windowMs }: ApproveOptions, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('approvals', id);
        const response = await client(ApprovalService).approveApproval({
          name,
          reason,
          ...(windowMs !== undefined && { window: durationFromMs(windowMs) }),
        });
        const approval = required(response.approval, 'approval');
        await printMessage(output, ApprovalSchema, approval, () => renderDecision(approval));
      }),
    );
  return withExamples(
    command,
    [
      'sworn approval approve 0199f3c2-7e10-7000-8000-000000000001 --reason "de-identified cohort, protocol 12"',
      '',
    ],
    ['sworn approval approve 0199f3c2 --for 2h --reason "on call tonight"', 'and what follows'],
  );
}
