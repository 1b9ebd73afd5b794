import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../program/log.ts';
import { recordAction } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { notify } from '../notification/notify.ts';
import { listUnalarmed, markAlarmed } from '../storage/approval/reviews.ts';
import { happeningOf } from './view.ts';

/** How late the alarm of an overdue review may be. */
const INTERVAL_MS = 5_000;
const BATCH = 100;

/**
 * Raises the alarm of reviews whose time is over, each once, whichever replica sees it first: a line in the log, the ACTION record
 * `alarm.review_overdue`, and the notification.
 * @returns how many this call raised
 */
export async function alarmOverdue(context: Context): Promise<number> {
  const { database, logger } = context;
  let count = 0;
  for (const name of await listUnalarmed(database, context.now(), BATCH)) {
    const marked = await database.transaction(async (session) => {
      const document = await markAlarmed(database, session, name, context.now());
      if (document === undefined) return undefined;
      const action = 'alarm.review_overdue';
      await recordAction(context, session, { caller: undefined, action, resource: name, review: document });
      await notify(context, session, happeningOf(document, 'review.overdue'));
      return document;
    });
    if (marked === undefined) continue;
    count++;
    const { exchange, plane } = marked;
    const about = { event: 'review_overdue', review: name, exchange, plane };
    logger.error(about, 'ALARM: what went on by break-glass was not reviewed in time');
  }
  return count;
}

/** Looks for overdue reviews every five seconds until the control plane drains. */
export async function runOverdue(context: Context): Promise<void> {
  const { shutdown, logger } = context;
  while (!shutdown.aborted) {
    try {
      await alarmOverdue(context);
    } catch (error) {
      logger.warn(describeError(error), 'overdue reviews could not be looked for; trying again');
    }
    await sleep(INTERVAL_MS, undefined, { signal: shutdown }).catch(() => undefined);
  }
}
