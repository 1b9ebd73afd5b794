import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import {
  IdentityService,
  ListRoleBindingsResponseSchema,
} from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { type RoleBinding, RoleSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { enumWord, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

const COLUMNS: readonly Column<RoleBinding>[] = [
  { title: 'BINDING', cell: ({ name }) => shortName(name), whole: true },
  { title: 'GROUP', cell: ({ group }) => group },
  { title: 'ROLE', cell: ({ role }) => enumWord(RoleSchema, role) },
  { title: 'CREATED', cell: ({ createTime }) => formatTime(createTime) },
];

/** `sworn role list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list which groups have which roles')
    .description('Lists which groups have which roles.')
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn role list', '']);
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(IdentityService);
  const { items: roleBindings, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listRoleBindings(page);
    return { items: response.roleBindings, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListRoleBindingsResponseSchema,
    message: create(ListRoleBindingsResponseSchema, { roleBindings, nextPageToken }),
    columns: COLUMNS,
    rows: roleBindings,
    nextPageToken,
    none: 'no bindings: nobody may do anything; sworn role bind GROUP ROLE',
  });
}
