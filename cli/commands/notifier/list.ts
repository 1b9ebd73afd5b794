import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import {
  ListNotifiersResponseSchema,
  NotificationService,
} from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { NOTIFIER_COLUMNS } from './render.ts';

/** `sworn notifier list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list notifiers')
    .description('Lists notifiers by name, without their secrets.')
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn notifier list', '']);
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(NotificationService);
  const { items: notifiers, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listNotifiers(page);
    return { items: response.notifiers, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListNotifiersResponseSchema,
    message: create(ListNotifiersResponseSchema, { notifiers, nextPageToken }),
    columns: NOTIFIER_COLUMNS,
    rows: notifiers,
    nextPageToken,
    none: 'no notifiers; sworn notifier create NAME --webhook URL --secret-from SOURCE',
  });
}
