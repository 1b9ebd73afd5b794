/** How many may be inside, how many may wait, and how long each, in milliseconds. */
export interface GateLimits {
  readonly maxRunning: number;
  readonly maxQueued: number;
  readonly waitMs: number;
}

interface Waiter {
  admit(): void;
}

/** Why somebody did not get in. */
export class GateFull extends Error {
  override readonly name = 'GateFull';
}

/** Lets so many in at once; a few more wait their turn, first come, first served. */
export class Gate {
  readonly #limits: GateLimits;
  readonly #waiting = new Set<Waiter>();
  #running = 0;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /** Lets in whoever need not wait. Whoever is let in has to leave, once. */
  tryEnter(): boolean {
    if (this.#running >= this.#limits.maxRunning || this.#waiting.size > 0) return false;
    this.#running += 1;
    return true;
  }

  /** Resolves when let in. Rejects with GateFull, at once or after the time to wait, or with the signal's reason. */
  enter(signal: AbortSignal): Promise<void> {
    if (this.tryEnter()) return Promise.resolve();
    if (signal.aborted) return Promise.reject(signal.reason);
    const { maxQueued, waitMs } = this.#limits;
    if (this.#waiting.size >= maxQueued) return Promise.reject(new GateFull('the queue is full'));
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const waiter = {
        admit: () => {
          stop();
          resolve();
        },
      };
      const onAbort = () => {
        stop();
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new GateFull('no place became free in time'));
      }, waitMs);
      signal.addEventListener('abort', onAbort);
      this.#waiting.add(waiter);
    });
  }

  /** The place goes to who has waited longest. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running -= 1;
    else next.admit();
  }
}
