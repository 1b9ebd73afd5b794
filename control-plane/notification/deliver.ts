import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import {
  claimNotification,
  type Ending,
  endAttempt,
  gatherNotifications,
  type NotificationDocument,
} from '../storage/approval/notifications.ts';
import { findNotifier } from '../storage/configuration/notifiers.ts';
import { SealError } from '../storage/sealing/seal.ts';
import { sendEmail } from './channel/email.ts';
import { openPoster, type Poster } from './channel/post.ts';
import { postSlack } from './channel/slack.ts';
import { postWebhook } from './channel/webhook.ts';
import { deadEnding, deliveredEnding, failedEnding, isExhausted } from './ending.ts';
import { DeliveryError, toDeliveryError } from './error.ts';
import { writeMessage } from './message.ts';
import { openSecret } from './secret.ts';

/** How late a message may set out. */
const INTERVAL_MS = 1_000;
/** One attempt, from the first byte to the answer. */
const ATTEMPT_TIMEOUT_MS = 15_000;
/** What an attempt may still take when the control plane drains. */
const DRAIN_MS = 3_000;
/** Longer than an attempt with all that the store may take: whoever claimed it is gone by then. */
const LEASE_MS = 120_000;
/** Attempts of a replica at once; of one notifier, so that a receiver that hangs does not hold up the others. */
const MAX_RUNNING = 16;
const MAX_RUNNING_EACH = 2;

/** What a worker can be told to do otherwise, by tests. */
export interface DeliveryTimes {
  readonly intervalMs?: number;
  readonly attemptMs?: number;
}

/**
 * Delivers what is due until the control plane drains; every replica does. A notification is claimed for one attempt by a
 * lease in the store. When its replica dies in the middle, another one tries again once the lease is over: a message comes at
 * least once, and twice only with the same id.
 */
export async function runDelivery(context: Context, times: DeliveryTimes = {}): Promise<void> {
  const { shutdown, logger } = context;
  const poster = openPoster();
  const running = new Map<Promise<void>, string>();
  const cut = new AbortController();
  while (!shutdown.aborted) {
    try {
      while (running.size < MAX_RUNNING && !shutdown.aborted) {
        const claimed = await claim(context, [...running.values()]);
        if (claimed === undefined) break;
        const timeout = AbortSignal.timeout(times.attemptMs ?? ATTEMPT_TIMEOUT_MS);
        const attempt = deliver(context, poster, claimed, AbortSignal.any([cut.signal, timeout]));
        const tracked: Promise<void> = attempt.finally(() => running.delete(tracked));
        running.set(tracked, claimed.notifier);
      }
    } catch (error) {
      logger.warn(describeError(error), 'notifications could not be looked for; trying again');
    }
    await sleep(times.intervalMs ?? INTERVAL_MS, undefined, { signal: shutdown }).catch(() => undefined);
  }
  const timer = setTimeout(() => cut.abort(new DOMException('draining', 'TimeoutError')), DRAIN_MS);
  await Promise.all(running.keys());
  clearTimeout(timer);
  await poster.close();
}

async function claim(
  context: Context,
  running: readonly string[],
): Promise<NotificationDocument | undefined> {
  const now = context.now();
  const isBusy = (name: string): boolean =>
    running.filter((notifier) => notifier === name).length >= MAX_RUNNING_EACH;
  const busy = [...new Set(running)].filter(isBusy);
  const leaseEnd = new Date(now.getTime() + LEASE_MS);
  const { database } = context;
  const claimed = await claimNotification(database, uuidv7(), now, leaseEnd, busy);
  return claimed && (await gatherNotifications(database, claimed, now));
}

/** One attempt, and what came of it. Never throws: without an ending the lease runs out, and it is tried again. */
async function deliver(
  context: Context,
  poster: Poster,
  notification: NotificationDocument,
  signal: AbortSignal,
): Promise<void> {
  const { database, logger } = context;
  const { _id: name, notifier, event, attempts } = notification;
  try {
    const ending = await attempt(context, poster, notification, signal);
    const isOurs = await endAttempt(database, notification, ending);
    if (!isOurs || ending.state === 'DELIVERED') return;
    const about = { notification: name, notifier, event, attempts, why: ending.lastError };
    if (ending.state === 'DEAD') {
      logger.error({ ...about, event: 'notification_dead', of: event }, 'a notification was given up');
    } else {
      logger.warn({ ...about, event: 'notification_failed', of: event }, 'a notification failed');
    }
  } catch (error) {
    logger.warn({ notification: name, ...describeError(error) }, 'the end of an attempt was not noted');
  }
}

async function attempt(
  context: Context,
  poster: Poster,
  notification: NotificationDocument,
  signal: AbortSignal,
): Promise<Ending> {
  if (isExhausted(notification)) return deadEnding(context, 'every attempt broke off');
  try {
    await send(context, poster, notification, signal);
    return deliveredEnding(context);
  } catch (error) {
    return failedEnding(context, notification, toDeliveryError(error), Math.random());
  }
}

/** @throws DeliveryError, or the error of a connection or the store */
async function send(
  context: Context,
  poster: Poster,
  notification: NotificationDocument,
  signal: AbortSignal,
): Promise<void> {
  const { settings, now } = context;
  const notifier = await findNotifier(context.database, notification.notifier);
  if (notifier === undefined) throw new DeliveryError('its notifier was deleted', { isFinal: true });
  const message = writeMessage(notification, settings.consoleUrl);
  if (notifier.kind === 'email') {
    if (settings.smtp === undefined) throw new DeliveryError('this control plane has no --smtp-url');
    if (!notifier.to.includes(notification.recipient)) {
      throw new DeliveryError('its notifier has this address no more', { isFinal: true });
    }
    return await sendEmail(settings.smtp, notification, message, signal);
  }
  const secret = open(context, notifier);
  if (notifier.kind === 'slack') return await postSlack(poster, new URL(secret), message, signal);
  await postWebhook(poster, new URL(notifier.place), secret, notification, message, now(), signal);
}

function open(...[context, notifier]: Parameters<typeof openSecret>): string {
  try {
    return openSecret(context, notifier);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new DeliveryError('its secret does not open: it was changed, or the master key is another');
  }
}
