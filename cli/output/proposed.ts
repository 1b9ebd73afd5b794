import { type Proposal, ProposalSchema } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { shortName } from './names.ts';
import { messageJson, type Output, printValue } from './output.ts';

/**
 * Says that a change was proposed; undefined when nothing would be different. To programs `applied` says that it was not made, as
 * the message is another one than that of a change, and the exit code the same.
 */
export async function printProposed(output: Output, proposal: Proposal | undefined): Promise<void> {
  if (output.format !== 'table') {
    const fields = proposal && { applied: false, ...(messageJson(ProposalSchema, proposal) as object) };
    return await printValue(output, fields ?? {});
  }
  const waits = ({ name }: Proposal): string =>
    `not applied: ${name} waits for another admin: sworn proposal show ${shortName(name)}\n`;
  await output.write(proposal === undefined ? 'nothing would change\n' : waits(proposal));
}
