import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { ProposalState, ProposalStateSchema } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import {
  ListProposalsResponseSchema,
  ProposalService,
} from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { collect, withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { enumNumber, enumWords } from '../../output/names.ts';
import { COLUMNS } from './render.ts';

interface ListOptions extends PageOptions {
  readonly state?: readonly string[];
}

/** `sworn proposal list`: what waits for a second admin, or every state. */
export function createListCommand(): Command {
  const states = [...enumWords(ProposalStateSchema), 'all'];
  const command = new Command('list')
    .summary('list proposals, by default those that wait')
    .description('Lists proposed changes, newest first.')
    .option('--state <state>', `${states.join(', ')}; may be repeated (default: pending)`, collect)
    .action((options: ListOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(
    withPages(command),
    ['sworn proposal list', 'what waits'],
    ['sworn proposal list --state all', 'everything'],
  );
}

async function list({ client, output }: Invocation, options: ListOptions): Promise<void> {
  const states = readStates(options.state);
  const service = client(ProposalService);
  const { items: proposals, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listProposals({ ...page, states });
    return { items: response.proposals, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListProposalsResponseSchema,
    message: create(ListProposalsResponseSchema, { proposals, nextPageToken }),
    columns: COLUMNS,
    rows: proposals,
    nextPageToken,
    none: options.state === undefined ? 'nothing waits' : 'no proposals',
  });
}

function readStates(typed: readonly string[] | undefined): ProposalState[] {
  if (typed === undefined) return [ProposalState.PENDING];
  if (typed.includes('all')) return [];
  return typed.map((word) => {
    const state = enumNumber(ProposalStateSchema, word);
    if (state === undefined) {
      throw usageFailure(`--state ${word} is none of ${enumWords(ProposalStateSchema).join(', ')}, all`);
    }
    return state as ProposalState;
  });
}
