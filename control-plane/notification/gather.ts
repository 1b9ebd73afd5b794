import type { Context } from '../context.ts';
import { findLastNotification, type NotificationDocument } from '../storage/approval/notifications.ts';
import type { NotifierDocument } from '../storage/configuration/notifiers.ts';
import type { ClientSession } from '../storage/database.ts';

/** People are told of the first at once, and of all that come within this, in milliseconds, in one message after it. */
export const GATHER_MS = 30_000;

/** What may happen to many requests at once. */
const GATHERED: ReadonlySet<string> = new Set(['approval.request', 'approval.expiring', 'approval.expired']);

/**
 * Sets when new notifications to people go out, in the transaction that stores them: at once, or together with those that come
 * until then (see gatherNotifications). Programs are told of each by itself, since they act on it.
 */
export async function setOut(
  { database }: Context,
  session: ClientSession,
  { kind }: Pick<NotifierDocument, 'kind'>,
  documents: readonly NotificationDocument[],
): Promise<NotificationDocument[]> {
  const timed: NotificationDocument[] = [];
  for (const document of documents) {
    if (kind === 'webhook' || !GATHERED.has(document.event)) {
      timed.push(document);
      continue;
    }
    // Until then the one before may have had to wait itself.
    const since = new Date(document.createTime.getTime() - 2 * GATHER_MS);
    const last = await findLastNotification(database, session, document, since);
    const sendTime = timeAfter(last?.sendTime, document.createTime);
    timed.push({ ...document, sendTime, nextAttemptTime: sendTime });
  }
  return timed;
}

/** When a message goes out, after the last one to its receiver that went out, or will. */
function timeAfter(last: Date | undefined, now: Date): Date {
  if (last === undefined) return now;
  if (last > now) return last;
  const next = new Date(last.getTime() + GATHER_MS);
  return next > now ? next : now;
}
