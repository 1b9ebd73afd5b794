import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { NotificationState } from '#proto/sworn/notification/v1/notification_pb.ts';
import {
  ListNotificationsResponseSchema,
  NotificationService,
} from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { NOTIFICATION_COLUMNS } from './columns.ts';

interface ListOptions extends PageOptions {
  readonly dead?: true;
  readonly pending?: true;
}

/** `sworn notification list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list notifications, newest first')
    .description(
      'Lists notifications, newest first. What was delivered is kept for 7 days, what was given up for 90.',
    )
    .option('--dead', 'only those that were given up')
    .option('--pending', 'only those that wait for an attempt')
    .action((options: ListOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn notification list --dead', 'the dead letters']);
}

async function list({ client, output }: Invocation, options: ListOptions): Promise<void> {
  const states = [
    ...(options.dead ? [NotificationState.DEAD] : []),
    ...(options.pending ? [NotificationState.PENDING] : []),
  ];
  const service = client(NotificationService);
  const { items: notifications, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listNotifications({ ...page, states });
    return { items: response.notifications, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListNotificationsResponseSchema,
    message: create(ListNotificationsResponseSchema, { notifications, nextPageToken }),
    columns: NOTIFICATION_COLUMNS,
    rows: notifications,
    nextPageToken,
    none: 'no notifications',
  });
}
