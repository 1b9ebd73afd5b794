import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import {
  IdentityService,
  ListRevocationsResponseSchema,
} from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { REVOCATION_COLUMNS } from './columns.ts';

/** `sworn revocation list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list revocations in force, newest first')
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn revocation list', '']);
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(IdentityService);
  const { items: revocations, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listRevocations(page);
    return { items: response.revocations, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListRevocationsResponseSchema,
    message: create(ListRevocationsResponseSchema, { revocations, nextPageToken }),
    columns: REVOCATION_COLUMNS,
    rows: revocations,
    nextPageToken,
    none: 'no revocations',
  });
}
