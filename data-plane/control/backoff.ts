import { setTimeout as delay } from 'node:timers/promises';

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** Waits between attempts: twice as long after each failure, up to ten seconds, spread so that planes do not march in step. */
export class Backoff {
  #failures = 0;

  /** The last attempt succeeded. */
  reset(): void {
    this.#failures = 0;
  }

  /** Resolves when the next attempt is due, at once when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    await pause(longest * (0.5 + Math.random() / 2), signal);
  }
}

/** Resolves after `ms` milliseconds, at once when `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
