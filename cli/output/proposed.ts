import { type Proposal, ProposalSchema } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { shortName } from './names.ts';
import { type Output, printMessage, printValue } from './output.ts';

/** Says that a change was proposed; undefined when nothing would be different. */
export async function printProposed(output: Output, proposal: Proposal | undefined): Promise<void> {
  if (proposal !== undefined) {
    await printMessage(
      output,
      ProposalSchema,
      proposal,
      () => `${proposal.name} waits for another admin: sworn proposal show ${shortName(proposal.name)}\n`,
    );
  } else if (output.format === 'table') {
    await output.write('nothing would change\n');
  } else {
    await printValue(output, {});
  }
}
