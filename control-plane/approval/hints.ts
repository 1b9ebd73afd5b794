import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { watchCollection } from '../storage/watch.ts';

/** Says when approvals may have changed. */
export interface Hints {
  /** Resolves at the next hint, or at once when one came since the last call; or after `timeoutMs`, or on abort. */
  next(timeoutMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

const listeners = new WeakMap<Context, Set<() => void>>();

/** Subscribes to hints. However many subscribe, a replica watches the collection once. */
export function subscribe(context: Context): Hints {
  const all = listenersOf(context);
  let isHinted = false;
  let wake: (() => void) | undefined;
  const listener = (): void => {
    isHinted = true;
    wake?.();
  };
  all.add(listener);
  return {
    async next(timeoutMs, signal) {
      if (!isHinted && !signal.aborted) {
        const wait = new AbortController();
        wake = () => wait.abort();
        await sleep(timeoutMs, undefined, { signal: AbortSignal.any([wait.signal, signal]) }).catch(
          () => undefined,
        );
      }
      wake = undefined;
      isHinted = false;
    },
    close: () => void all.delete(listener),
  };
}

function listenersOf(context: Context): Set<() => void> {
  const known = listeners.get(context);
  if (known !== undefined) return known;
  const all = new Set<() => void>();
  listeners.set(context, all);
  const tell = (): void => {
    for (const listener of all) listener();
  };
  watchCollection(context.database, 'approvals', tell, context.shutdown);
  return all;
}
