import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { ListPlanesResponseSchema, PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { planeColumns } from './columns.ts';

/** `sworn plane list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list data planes and what they run')
    .description(
      'Lists data planes: whether each runs the newest revision, when it last spoke, what waits in its spool.',
    )
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn plane list', '']);
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(PlaneService);
  const { items: planes, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listPlanes(page);
    return { items: response.planes, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListPlanesResponseSchema,
    message: create(ListPlanesResponseSchema, { planes, nextPageToken }),
    columns: planeColumns(Date.now()),
    rows: planes,
    nextPageToken,
    none: 'no data planes; let one join with a token from: sworn plane join-token NAME',
  });
}
