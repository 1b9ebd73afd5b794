import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { IdentityService, ListIssuersResponseSchema } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { ISSUER_COLUMNS } from './render.ts';

/** `sworn issuer list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list the trusted issuers')
    .description('Lists the trusted issuers by name.')
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn issuer list', '']);
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(IdentityService);
  const { items: issuers, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listIssuers(page);
    return { items: response.issuers, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListIssuersResponseSchema,
    message: create(ListIssuersResponseSchema, { issuers, nextPageToken }),
    columns: ISSUER_COLUMNS,
    rows: issuers,
    nextPageToken,
    none: 'no issuers: nobody can log in; sworn issuer create NAME --issuer-url URL',
  });
}
