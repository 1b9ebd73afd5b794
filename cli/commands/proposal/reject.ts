import { Command } from 'commander';
import { ProposalSchema } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderDecision } from './render.ts';

/** `sworn proposal reject`. */
export function createRejectCommand(): Command {
  const command = new Command('reject')
    .summary('refuse a proposal')
    .description('Refuses what another admin proposed.')
    .argument('<proposal>', 'its id')
    .option('--reason <text>', 'why; stands in the record', '')
    .action((id: string, { reason }: { readonly reason: string }, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(ProposalService).rejectProposal({
          name: fullName('proposals', id),
          reason,
        });
        const proposal = required(response.proposal, 'proposal');
        await printMessage(output, ProposalSchema, proposal, () => renderDecision(proposal));
      }),
    );
  return withExamples(command, [
    'sworn proposal reject 0199f3c2-7e10-7000-8000-000000000001 --reason "masks too little"',
    '',
  ]);
}
