import { create } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { NotificationState as State } from '#proto/sworn/notification/v1/notification_pb.ts';
import type { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import type { Context } from '../context.ts';
import { createNotifier, removeNotifier, testNotifier, updateNotifier } from '../notification/notifier.ts';
import { retryNotification } from '../notification/retry.ts';
import { viewNotification, viewNotifier } from '../notification/view.ts';
import { listNotifications, type NotificationState } from '../storage/approval/notifications.ts';
import { findNotifier, listNotifiers } from '../storage/configuration/notifiers.ts';
import { fail } from './fail.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { createdAt, parsePosition } from './position.ts';
import { nameOf, takePage } from './take-page.ts';

const NOTIFIERS = 'notifiers';
const STATES: readonly NotificationState[] = ['PENDING', 'DELIVERED', 'DEAD'];

/** NotificationService: channels and their secrets, which come in here and never go out again, and what they told. */
export function createNotificationService(context: Context): ServiceImpl<typeof NotificationService> {
  const { database } = context;
  return {
    async listNotifiers(request) {
      const page = readPage(request, NOTIFIERS);
      const found = (await listNotifiers(database, page)).map(viewNotifier);
      const { items, nextPageToken } = takePage(found, page.limit, NOTIFIERS, nameOf);
      return { notifiers: items, nextPageToken };
    },

    async getNotifier({ name }) {
      const found = await findNotifier(database, name);
      if (found === undefined) throw fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
      return { notifier: viewNotifier(found) };
    },

    async createNotifier({ notifierId, notifier = create(NotifierSchema), secret }, call) {
      const { caller } = getPerson(call);
      return { notifier: await createNotifier(context, caller, notifierId, notifier, secret) };
    },

    async updateNotifier({ notifier = create(NotifierSchema), updateMask, secret }, call) {
      const { caller } = getPerson(call);
      return { notifier: await updateNotifier(context, caller, notifier, updateMask, secret) };
    },

    async deleteNotifier({ name, etag }, call) {
      await removeNotifier(context, getPerson(call).caller, name, etag);
      return {};
    },

    async testNotifier({ name }, call) {
      return { notifications: await testNotifier(context, getPerson(call).caller, name) };
    },

    async listNotifications(request) {
      const states = STATES.filter((state) => request.states.includes(State[state]));
      const scope = `ListNotifications ${states.join()}`;
      const { limit, after } = readPage(request, scope);
      const found = await listNotifications(database, states, parsePosition(after), limit + 1);
      const { items, nextPageToken } = takePage(found, limit, scope, createdAt);
      return { notifications: items.map(viewNotification), nextPageToken };
    },

    async retryNotification({ name }, call) {
      return { notification: await retryNotification(context, getPerson(call).caller, name) };
    },
  };
}
