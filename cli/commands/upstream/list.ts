import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import {
  ListUpstreamsResponseSchema,
  UpstreamService,
} from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { UPSTREAM_COLUMNS } from './render.ts';

/** `sworn upstream list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list providers')
    .description('Lists providers by name, without their credentials.')
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn upstream list', '']);
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(UpstreamService);
  const { items: upstreams, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listUpstreams(page);
    return { items: response.upstreams, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListUpstreamsResponseSchema,
    message: create(ListUpstreamsResponseSchema, { upstreams, nextPageToken }),
    columns: UPSTREAM_COLUMNS,
    rows: upstreams,
    nextPageToken,
    none: 'no upstreams; sworn upstream create NAME --base-url URL --credential-from SOURCE',
  });
}
