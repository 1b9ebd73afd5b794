import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { ListHoldsResponseSchema, RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { HOLD_COLUMNS } from './columns.ts';

interface ListOptions extends PageOptions {
  readonly released?: boolean;
}

/** `sworn hold list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list holds, newest first')
    .option('--released', 'also those that are released')
    .action((options: ListOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn hold list', '']);
}

async function list({ client, output }: Invocation, options: ListOptions): Promise<void> {
  const service = client(RetentionService);
  const showReleased = options.released === true;
  const { items: holds, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listHolds({ ...page, showReleased });
    return { items: response.holds, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListHoldsResponseSchema,
    message: create(ListHoldsResponseSchema, { holds, nextPageToken }),
    columns: HOLD_COLUMNS,
    rows: holds,
    nextPageToken,
    none: 'no holds',
  });
}
