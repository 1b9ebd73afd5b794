import { Webhook } from 'standardwebhooks';
import type { NotificationDocument } from '../../storage/approval/notifications.ts';
import type { Message } from '../message.ts';
import type { Poster } from './post.ts';

/**
 * Posts a signed webhook (https://www.standardwebhooks.com). The id and the body are the same at every attempt, so that a
 * receiver can tell what it has had; time and signature are of the attempt.
 * @param secret `whsec_` and base64
 */
export async function postWebhook(
  poster: Poster,
  url: URL,
  secret: string,
  notification: NotificationDocument,
  message: Message,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const id = notification._id.slice('notifications/'.length);
  const body = JSON.stringify(bodyOf(notification, message));
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': `${Math.floor(now.getTime() / 1_000)}`,
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
  await poster.post(url, body, headers, signal);
}

function bodyOf({ event, resource, facts, createTime }: NotificationDocument, message: Message): object {
  const { findings, dueTime, ...rest } = facts;
  return {
    type: event,
    timestamp: createTime.toISOString(),
    data: {
      name: resource,
      ...rest,
      ...(findings && {
        findings: Object.fromEntries(findings.map(({ entity, count }) => [entity, count])),
      }),
      ...(dueTime && { dueTime: dueTime.toISOString() }),
      text: message.subject,
      command: message.command,
      ...(message.link !== undefined && { url: message.link }),
    },
  };
}
