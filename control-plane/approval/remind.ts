import type { Context } from '../context.ts';
import { notify } from '../notification/notify.ts';
import { listUnreminded, markReminded } from '../storage/approval/approval-reminders.ts';
import { happeningOf } from './transition.ts';

/** The last part of an approval's time, but an hour at most. */
const REMIND_PART = 1 / 4;
const MAX_REMIND_MS = 3_600_000;
const BATCH = 100;

/** When the reviewers of an approval that begins now are reminded of it. */
export function remindTimeOf(now: Date, expiresMs: number): Date {
  return new Date(now.getTime() + expiresMs - Math.min(expiresMs * REMIND_PART, MAX_REMIND_MS));
}

/**
 * Tells notifiers of pending approvals whose time is running out, each once, whichever replica sees it first.
 * @returns how many this call told of
 */
export async function remindReviewers(context: Context): Promise<number> {
  const { database } = context;
  let count = 0;
  for (const name of await listUnreminded(database, context.now(), BATCH)) {
    const isTold = await database.transaction(async (session) => {
      const document = await markReminded(database, session, name, context.now());
      if (document !== undefined) await notify(context, session, happeningOf(document, 'approval.expiring'));
      return document !== undefined;
    });
    if (isTold) count++;
  }
  return count;
}
