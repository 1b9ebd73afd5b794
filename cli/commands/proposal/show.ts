import { Command } from 'commander';
import { ProposalSchema } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderProposal } from './render.ts';

/** `sworn proposal show`. */
export function createShowCommand(): Command {
  const command = new Command('show')
    .summary('show a proposal with what it would change')
    .description('Shows who proposes what and why, with each resource before and after, line by line.')
    .argument('<proposal>', 'its id')
    .action((id: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(ProposalService).getProposal({ name: fullName('proposals', id) });
        const proposal = required(response.proposal, 'proposal');
        await printMessage(output, ProposalSchema, proposal, () => renderProposal(output, proposal));
      }),
    );
  return withExamples(command, ['sworn proposal show 0199f3c2-7e10-7000-8000-000000000001', '']);
}
