import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../program/log.ts';
import type { Database } from './database.ts';

/** How often a hint is given without any event: change streams have been seen to stall without an error. */
const POLL_INTERVAL_MS = 5_000;
/** The first event is a hint at once; those within this after a hint become the next one together. */
const HINT_INTERVAL_MS = 20;
/** How long one look at the stream waits for an event; the longest time an abort goes unseen by the server. */
const MAX_AWAIT_MS = 1_000;
const REOPEN_MIN_MS = 250;
const REOPEN_MAX_MS = 5_000;

/**
 * Calls `onHint` soon after the collection may have changed: at events, at each (re)opening, and every few seconds.
 * A hint carries no data; read what you need. Ends when `signal` aborts; never throws, and whatever ends the stream
 * (election, outage, dropped collection, dead resume token) only makes it open again, from now.
 */
export function watchCollection(
  database: Database,
  collectionName: string,
  onHint: () => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  const hint = throttle(onHint, HINT_INTERVAL_MS);
  const poll = setInterval(hint.call, POLL_INTERVAL_MS);
  signal.addEventListener('abort', () => {
    clearInterval(poll);
    hint.cancel();
  });
  void supervise(database, collectionName, hint.call, signal);
}

async function supervise(
  database: Database,
  collectionName: string,
  hint: () => void,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = REOPEN_MIN_MS;
  while (!signal.aborted) {
    try {
      await follow(database, collectionName, signal, () => {
        waitMs = REOPEN_MIN_MS;
        hint();
      });
    } catch (error) {
      if (signal.aborted) return;
      database.logger.warn(
        { collection: collectionName, waitMs, ...describeError(error) },
        'change stream ended; opening it again',
      );
    }
    await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, REOPEN_MAX_MS);
  }
}

/** Reads one change stream until it ends or fails. No resume token is kept: events are hints, and the state is read. */
async function follow(
  database: Database,
  collectionName: string,
  signal: AbortSignal,
  hint: () => void,
): Promise<void> {
  const stream = database.db.collection(collectionName).watch([{ $project: { _id: 1 } }], {
    maxAwaitTimeMS: MAX_AWAIT_MS,
  });
  const close = (): void => void stream.close().catch(() => undefined);
  signal.addEventListener('abort', close);
  try {
    let isOpen = false;
    while (!stream.closed && !signal.aborted) {
      const event = await stream.tryNext();
      if (event !== null || !isOpen) hint();
      isOpen = true;
    }
  } finally {
    signal.removeEventListener('abort', close);
    await stream.close().catch(() => undefined);
  }
}

/** Runs at the first call, and after each run at most once per interval for all that were made meanwhile. */
function throttle(run: () => void, intervalMs: number): { call: () => void; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let isCalled = false;
  const next = (): void => {
    timer = undefined;
    if (isCalled) begin();
  };
  const begin = (): void => {
    isCalled = false;
    timer = setTimeout(next, intervalMs);
    run();
  };
  return {
    call: () => {
      isCalled = true;
      if (timer === undefined) begin();
    },
    cancel: () => {
      isCalled = false;
      clearTimeout(timer);
    },
  };
}
