import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Notifier, NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { runDelivery } from '../../../control-plane/notification/deliver.ts';
import { createNotifier } from '../../../control-plane/notification/notifier.ts';
import type { NotificationDocument } from '../../../control-plane/storage/approval/notifications.ts';
import { person } from '../audit/call.ts';
import type { Store } from '../audit/store.ts';

export const SECRET = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;
export const admin = person('ada', ['sworn-admins']);

/** Adds a notifier of this name. */
export function addNotifier(
  context: Context,
  id: string,
  spec: NonNullable<Exclude<MessageInitShape<typeof NotifierSchema>, Notifier>['spec']>,
  secret: string,
) {
  const notifier = create(NotifierSchema, { spec });
  return createNotifier(context, admin, id, notifier, secret);
}

/** The delivery of one replica, ended by the function that it returns. */
export function startDelivery(context: Context, attemptMs = 5_000): () => Promise<void> {
  const stop = new AbortController();
  const running = runDelivery({ ...context, shutdown: stop.signal }, { intervalMs: 10, attemptMs });
  return async () => {
    stop.abort();
    await running;
  };
}

/** All notifications by a notifier, oldest first. */
export function notificationsOf(store: Store, id: string): Promise<NotificationDocument[]> {
  return store.database.db
    .collection<NotificationDocument>('notifications')
    .find({ notifier: `notifiers/${id}` })
    .sort({ _id: 1 })
    .toArray();
}
