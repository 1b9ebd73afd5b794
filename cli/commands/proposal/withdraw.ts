import { Command } from 'commander';
import { ProposalSchema } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderDecision } from './render.ts';

/** `sworn proposal withdraw`. */
export function createWithdrawCommand(): Command {
  const command = new Command('withdraw')
    .summary('take your own proposal back')
    .description('Takes your own proposal back.')
    .argument('<proposal>', 'its id')
    .option('--reason <text>', 'why; stands in the record', '')
    .action((id: string, { reason }: { readonly reason: string }, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(ProposalService).withdrawProposal({
          name: fullName('proposals', id),
          reason,
        });
        const proposal = required(response.proposal, 'proposal');
        await printMessage(output, ProposalSchema, proposal, () => renderDecision(proposal));
      }),
    );
  return withExamples(command, ['sworn proposal withdraw 0199f3c2-7e10-7000-8000-000000000001', '']);
}
