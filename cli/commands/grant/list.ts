import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { ApprovalService, ListGrantsResponseSchema } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import type { Grant } from '#proto/sworn/approval/v1/grant_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { callerName, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatUntil } from '../../output/time.ts';

/** `sworn grant list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list grants in force, newest first')
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn grant list', '']);
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(ApprovalService);
  const { items: grants, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listGrants(page);
    return { items: response.grants, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListGrantsResponseSchema,
    message: create(ListGrantsResponseSchema, { grants, nextPageToken }),
    columns: columns(Date.now()),
    rows: grants,
    nextPageToken,
    none: 'no grants',
  });
}

function columns(nowMs: number): Column<Grant>[] {
  return [
    { title: 'GRANT', cell: ({ name }) => shortName(name), whole: true },
    { title: 'CALLER', cell: ({ caller }) => callerName(caller) },
    { title: 'RULE', cell: ({ policy, rule }) => `${shortName(policy)}/${rule}` },
    { title: 'BY', cell: ({ createdBy }) => callerName(createdBy), spare: true },
    { title: 'APPROVAL', cell: ({ approval }) => shortName(approval), whole: true, spare: true },
    { title: 'ENDS IN', cell: ({ expireTime }) => formatUntil(expireTime, nowMs), whole: true },
  ];
}
