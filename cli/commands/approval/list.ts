import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { State, StateSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import {
  ApprovalService,
  ListApprovalsResponseSchema,
} from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { collect, withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { enumNumber, enumWords } from '../../output/names.ts';
import { approvalColumns } from './render.ts';

interface ListOptions extends PageOptions {
  readonly state?: readonly string[];
}

/** `sworn approval list`: what waits for this reviewer, or every state. */
export function createListCommand(): Command {
  const states = [...enumWords(StateSchema), 'all'];
  const command = new Command('list')
    .summary('list approvals, by default those that wait for you')
    .description('Lists the approvals addressed to your groups, newest first. Auditors see all.')
    .option('--state <state>', `${states.join(', ')}; may be repeated (default: pending)`, collect)
    .action((options: ListOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(
    withPages(command),
    ['sworn approval list', 'what waits'],
    ['sworn approval list --state all --output json', 'everything, for a script'],
  );
}

async function list({ client, output }: Invocation, options: ListOptions): Promise<void> {
  const states = readStates(options.state);
  const service = client(ApprovalService);
  const { items: approvals, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listApprovals({ ...page, states });
    return { items: response.approvals, nextPageToken: response.nextPageToken };
  });
  // Asked for only where the list says something of who reads it.
  const isVoted =
    output.format === 'table' && approvals.some(({ quorum, votes }) => quorum > 1 && votes.length > 0);
  const reader = isVoted ? await client(IdentityService).whoAmI({}) : undefined;
  await printList(output, {
    schema: ListApprovalsResponseSchema,
    message: create(ListApprovalsResponseSchema, { approvals, nextPageToken }),
    columns: approvalColumns(Date.now(), reader),
    rows: approvals,
    nextPageToken,
    none: options.state === undefined ? 'nothing waits for you' : 'no approvals',
  });
}

function readStates(typed: readonly string[] | undefined): State[] {
  if (typed === undefined) return [State.PENDING];
  if (typed.includes('all')) return [];
  return typed.map((word) => {
    const state = enumNumber(StateSchema, word);
    if (state === undefined) {
      throw usageFailure(`--state ${word} is none of ${enumWords(StateSchema).join(', ')}, all`);
    }
    return state as State;
  });
}
