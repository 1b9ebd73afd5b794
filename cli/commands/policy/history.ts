import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import {
  ListPolicyRevisionsResponseSchema,
  PolicyService,
} from '#proto/sworn/policy/v1/policy_service_pb.ts';
import type { PolicyRevision } from '#proto/sworn/policy/v1/revision_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { callerName, fullName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

const COLUMNS: readonly Column<PolicyRevision>[] = [
  { title: 'REVISION', cell: ({ number }) => `${number}`, whole: true },
  { title: 'TIME', cell: ({ createTime }) => formatTime(createTime), whole: true },
  { title: 'CHANGE', cell: ({ number, spec }) => changeOf(number, spec !== undefined), whole: true },
  { title: 'BY', cell: ({ author }) => callerName(author) },
  { title: 'APPROVED BY', cell: ({ approvedBy }) => callerName(approvedBy) },
  { title: 'REASON', cell: ({ reason }) => reason },
];

/** `sworn policy history`. */
export function createHistoryCommand(): Command {
  const command = new Command('history')
    .summary('list the revisions of a policy, newest first')
    .description(
      'Lists what a policy has said: who changed it, when and why. A policy that is gone has a history, too.',
    )
    .argument('<name>', 'its name, with or without policies/')
    .action((name: string, options: PageOptions, self: Command) =>
      invoke(self, (invocation) => list(invocation, name, options)),
    );
  return withExamples(withPages(command), ['sworn policy history research', '']);
}

async function list({ client, output }: Invocation, typed: string, options: PageOptions): Promise<void> {
  const policy = fullName('policies', typed);
  const { items: revisions, nextPageToken } = await readPages(options, async (page) => {
    const response = await client(PolicyService).listPolicyRevisions({ policy, ...page });
    return { items: response.revisions, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListPolicyRevisionsResponseSchema,
    message: create(ListPolicyRevisionsResponseSchema, { revisions, nextPageToken }),
    columns: COLUMNS,
    rows: revisions,
    nextPageToken,
    none: 'no revisions',
  });
}

function changeOf(number: bigint, isThere: boolean): string {
  if (!isThere) return 'deleted';
  return number === 1n ? 'created' : 'changed';
}
