import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../context.ts';
import {
  type Facts,
  insertNotifications,
  type NotificationDocument,
} from '../storage/approval/notifications.ts';
import { findNotifiersOf, type NotifierDocument } from '../storage/configuration/notifiers.ts';
import type { ClientSession } from '../storage/database.ts';
import { setOut } from './gather.ts';

/** What happened. */
export interface Happening {
  /** `approval.request`, `alarm.record_conflict`. */
  readonly event: string;
  /** What it is about: `approvals/{id}`. */
  readonly resource: string;
  readonly facts?: Facts;
}

/** What an entity may be called: a plane names those that it counts, and its word must not carry a text. */
const ENTITY_NAME = /^[A-Z][A-Z0-9_]{2,39}$/;

/**
 * Tells the notifiers that want to know, in the transaction that does what is told of: what is not done is not told, and
 * nothing that is done can go untold. The messages go out later, from any replica (deliver.ts).
 */
export function notify(context: Context, session: ClientSession, happening: Happening): Promise<void> {
  return notifyAll(context, session, happening.event, [happening]);
}

/** As notify, of several of one event at once, each by itself: not for those that are gathered (gather.ts). */
export async function notifyAll(
  context: Context,
  session: ClientSession,
  event: string,
  happenings: readonly Happening[],
): Promise<void> {
  if (happenings.length === 0) return;
  const notifiers = await findNotifiersOf(context.database, session, topicsOf(event));
  const documents: NotificationDocument[] = [];
  for (const happening of happenings) {
    for (const notifier of notifiers.filter((one) => isConcerned(one, happening))) {
      const messages = messagesTo(notifier, happening, context.now());
      documents.push(...(await setOut(context, session, notifier, messages)));
    }
  }
  await insertNotifications(context.database, session, documents);
}

/** One new notification for each receiver of a notifier. */
export function messagesTo(
  { _id: notifier, kind, to }: NotifierDocument,
  { event, resource, facts = {} }: Happening,
  now: Date,
): NotificationDocument[] {
  const { findings, ...rest } = facts;
  const named = findings?.filter(({ entity }) => ENTITY_NAME.test(entity));
  return (kind === 'email' ? to : ['']).map((recipient) => ({
    _id: `notifications/${uuidv7()}`,
    notifier,
    recipient,
    event,
    resource,
    facts: { ...rest, ...(named && { findings: named }) },
    state: 'PENDING',
    attempts: 0,
    createTime: now,
    nextAttemptTime: now,
  }));
}

/** What a notifier may have named to be told of this. An overdue review is an alarm as well. */
function topicsOf(event: string): string[] {
  if (event.startsWith('alarm.')) return ['alarm'];
  return event === 'review.overdue' ? [event, 'alarm'] : [event];
}

/** Groups narrow down what is addressed to groups, and leave out what is for admins; alarms concern everybody. */
function isConcerned({ groups }: NotifierDocument, { event, facts }: Happening): boolean {
  if (event.startsWith('proposal.')) return groups.length === 0;
  const reviewers = facts?.reviewers;
  if (groups.length === 0 || reviewers === undefined || reviewers.length === 0) return true;
  return reviewers.some((group) => groups.includes(group));
}
