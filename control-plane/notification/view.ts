import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  type Notification,
  NotificationSchema,
  NotificationState,
} from '#proto/sworn/notification/v1/notification_pb.ts';
import {
  type Notifier,
  NotifierSchema,
  type NotifierSpec,
} from '#proto/sworn/notification/v1/notifier_pb.ts';
import type { NotificationDocument } from '../storage/approval/notifications.ts';
import type { NotifierDocument } from '../storage/configuration/notifiers.ts';

/** A stored notifier as the API shows it, without its secret. */
export function viewNotifier(document: NotifierDocument): Notifier {
  const { _id: name, events, groups, etag, createTime, updateTime, secretTime } = document;
  return create(NotifierSchema, {
    name,
    spec: { channel: viewChannel(document), events: [...events], groups: [...groups] },
    etag,
    createTime: timestampFromDate(createTime),
    updateTime: timestampFromDate(updateTime),
    ...(secretTime && { secretTime: timestampFromDate(secretTime) }),
  });
}

function viewChannel({ kind, place, to }: NotifierDocument): NotifierSpec['channel'] {
  const { channel } = create(NotifierSchema, {
    spec: {
      channel:
        kind === 'webhook'
          ? { case: kind, value: { url: place } }
          : kind === 'slack'
            ? { case: kind, value: { host: place } }
            : { case: kind, value: { to: [...to] } },
    },
  }).spec ?? { channel: { case: undefined } };
  return channel;
}

/** A stored notification as the API shows it. */
export function viewNotification(document: NotificationDocument): Notification {
  const { _id: name, notifier, recipient, event, resource, state, attempts, doneTime } = document;
  return create(NotificationSchema, {
    name,
    notifier,
    recipient,
    event,
    resource,
    state: NotificationState[state],
    attempts,
    lastError: document.lastError ?? '',
    toldBy: document.toldBy ?? '',
    createTime: timestampFromDate(document.createTime),
    ...(state === 'PENDING' && { nextAttemptTime: timestampFromDate(document.nextAttemptTime) }),
    ...(doneTime && { doneTime: timestampFromDate(doneTime) }),
  });
}
