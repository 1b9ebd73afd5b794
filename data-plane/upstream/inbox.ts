/** What can be told to read no further, and to go on. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** How much may wait before its sender is held back. */
export interface InboxLimits {
  readonly messages: number;
  readonly bytes: number;
}

/** Messages of a socket that wait to be taken. What is too much is not thrown away: its sender has to wait. */
export class Inbox<T> {
  readonly #source: Pausable;
  readonly #limits: InboxLimits;
  readonly #waiting: { readonly message: T; readonly bytes: number }[] = [];
  #bytes = 0;
  #paused = false;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(source: Pausable, limits: InboxLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** The sender is held back. */
  get paused(): boolean {
    return this.#paused;
  }

  put(message: T, bytes: number): void {
    if (this.#ended) return;
    this.#waiting.push({ message, bytes });
    this.#bytes += bytes;
    if (!this.#paused && this.#isFull) {
      this.#paused = true;
      this.#source.pause();
    }
    this.#wake?.();
  }

  /** Of all that waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Gives back what was taken last. */
  untake(message: T, bytes: number): void {
    this.#waiting.unshift({ message, bytes });
    this.#bytes += bytes;
  }

  /** Throws away what waits. */
  drop(): void {
    this.#waiting.length = 0;
    this.#bytes = 0;
    this.#goOn();
  }

  /** Nothing comes any more; what waits can still be taken. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next message; undefined when none comes any more. One taker at a time. Throws the signal's reason. */
  async take(signal?: AbortSignal): Promise<T | undefined> {
    while (this.#waiting.length === 0 && !this.#ended) await this.#arrival(signal);
    const next = this.#waiting.shift();
    if (next === undefined) return undefined;
    this.#bytes -= next.bytes;
    this.#goOn();
    return next.message;
  }

  #goOn(): void {
    if (!this.#paused || this.#isFull) return;
    this.#paused = false;
    this.#source.resume();
  }

  get #isFull(): boolean {
    return this.#waiting.length >= this.#limits.messages || this.#bytes >= this.#limits.bytes;
  }

  #arrival(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        this.#wake = undefined;
        signal?.removeEventListener('abort', onAbort);
        finish();
      };
      const onAbort = () => settle(() => reject(signal?.reason));
      this.#wake = () => settle(resolve);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort);
    });
  }
}
