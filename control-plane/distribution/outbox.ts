/**
 * One slot between a publisher and a slow reader. A newer value takes the place of an unread one, so that the
 * publisher never waits and memory does not grow with the reader's delay.
 */
export interface Outbox<T> {
  /** Puts the newest value; never waits. */
  put(value: T): void;
  /** The newest unread value, as soon as there is one; undefined after `timeoutMs` or on abort. One reader. */
  take(timeoutMs: number, signal: AbortSignal): Promise<T | undefined>;
}

/** An empty outbox. */
export function createOutbox<T>(): Outbox<T> {
  let slot: T | undefined;
  let wake = () => {};

  return {
    put(value) {
      slot = value;
      wake();
    },
    async take(timeoutMs, signal) {
      if (slot === undefined && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          signal.addEventListener('abort', wake, { once: true });
        });
        wake();
        wake = () => {};
      }
      const value = slot;
      slot = undefined;
      return value;
    },
  };
}
