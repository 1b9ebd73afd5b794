import { type Notification, NotificationStateSchema } from '#proto/sworn/notification/v1/notification_pb.ts';
import { enumWord, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

/** The columns in which notifications are shown. */
export const NOTIFICATION_COLUMNS: readonly Column<Notification>[] = [
  { title: 'NOTIFICATION', cell: ({ name }) => shortName(name), whole: true },
  { title: 'STATE', cell: ({ state }) => enumWord(NotificationStateSchema, state), whole: true },
  { title: 'EVENT', cell: ({ event }) => event, whole: true },
  { title: 'BY', cell: ({ notifier }) => shortName(notifier) },
  { title: 'TO', cell: ({ recipient }) => recipient },
  { title: 'CREATED', cell: ({ createTime }) => formatTime(createTime), whole: true, spare: true },
  { title: 'TRIED', cell: ({ attempts }) => `${attempts}`, spare: true },
  { title: 'LAST ERROR', cell: ({ lastError }) => lastError, wrap: true },
  { title: 'ABOUT', cell: ({ resource }) => resource, spare: true },
];
