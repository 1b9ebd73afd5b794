import type { Context } from '../context.ts';
import type { Ending, NotificationDocument } from '../storage/approval/notifications.ts';
import type { DeliveryError } from './error.ts';

/** Then a notification is a dead letter. With the waits below that is after about a day. */
const MAX_ATTEMPTS = 12;
const FIRST_WAIT_MS = 5_000;
const WAIT_FACTOR = 3;
const MAX_WAIT_MS = 6 * 3_600_000;
/** What a receiver may ask for at most with `Retry-After`. */
const MAX_RETRY_AFTER_MS = 3_600_000;
const DAY_MS = 86_400_000;
const DELIVERED_KEPT_MS = 7 * DAY_MS;
const DEAD_KEPT_MS = 90 * DAY_MS;

/** Whether an attempt is one too many: those before it died with their replicas. */
export function isExhausted({ attempts }: NotificationDocument): boolean {
  return attempts > MAX_ATTEMPTS;
}

/** The end of an attempt that succeeded. */
export function deliveredEnding(context: Context): Ending {
  const doneTime = context.now();
  return { state: 'DELIVERED', doneTime, expireTime: new Date(doneTime.getTime() + DELIVERED_KEPT_MS) };
}

/** The end of a notification that is given up. */
export function deadEnding(context: Context, lastError: string): Extract<Ending, { state: 'DEAD' }> {
  const doneTime = context.now();
  const expireTime = new Date(doneTime.getTime() + DEAD_KEPT_MS);
  return { state: 'DEAD', doneTime, expireTime, lastError };
}

/**
 * The end of an attempt that failed: 5 s, 15 s, 45 s and so on to 6 h before the next one, each shortened by up to a half at
 * random, so that what failed together does not come together again.
 * @param random from 0 to 1
 */
export function failedEnding(
  context: Context,
  { attempts }: NotificationDocument,
  { message, isFinal, retryAfterMs = 0 }: DeliveryError,
  random: number,
): Ending {
  if (isFinal || attempts >= MAX_ATTEMPTS) return deadEnding(context, message);
  const waitMs = Math.min(FIRST_WAIT_MS * WAIT_FACTOR ** (attempts - 1), MAX_WAIT_MS);
  const jittered = waitMs * (1 - random / 2);
  const nextMs = context.now().getTime() + Math.max(jittered, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
  return { state: 'PENDING', nextAttemptTime: new Date(nextMs), lastError: message };
}
