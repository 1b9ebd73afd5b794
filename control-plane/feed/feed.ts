import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import type { Database } from '../storage/database.ts';
import { watchCollection } from '../storage/watch.ts';

/** Something that changes. */
export interface Changing {
  readonly id: string;
  readonly changeTime: Date;
}

/** What a feed reads. */
export interface FeedSource<T extends Changing> {
  readonly collection: string;
  /** Between two looks at what changed, ms, when these are short: what changes meanwhile is told so much later. */
  readonly intervalMs: number;
  /** What changed at this time or later, the longest ago first. */
  list(database: Database, since: Date): AsyncIterable<T>;
  /** When the last change was; undefined when there is nothing. */
  newest(database: Database): Promise<Date | undefined>;
  /** Of which something is told when it differs. */
  valueOf(item: T): unknown;
  /**
   * From where the next look begins, by the last change that one has seen: a change becomes visible later than its time says,
   * so that what was read lately is looked at again.
   */
  since(newest: Date, now: Date): Date;
}

const LONG_AGO = new Date(0);
/** Where a look is long, so many times as long passes until the next: no more than a fifth of the time is spent on looking. */
const REST = 4;

/** What changed, for those who follow it: one reading of the store for all of this replica. */
export class Feed<T extends Changing> {
  readonly #context: Context;
  readonly #source: FeedSource<T>;
  readonly #followers = new Set<Follower<T>>();
  /** Values of what changed lately, so that each change is told once. */
  #seen = new Map<string, unknown>();
  #since: Date | undefined;
  #isReading = false;
  #isHinted = false;
  /** The look that runs, and the one that begins after it. */
  #looking: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(context: Context, source: FeedSource<T>) {
    this.#context = context;
    this.#source = source;
    watchCollection(context.database, source.collection, () => this.#hint(), context.shutdown);
  }

  /** What changes from now on, and nothing of before. @param isWanted what of it */
  async follow(isWanted: (item: T) => boolean = () => true): Promise<Follower<T>> {
    await this.#look();
    const follower = new Follower<T>(isWanted, () => this.#followers.delete(follower));
    this.#followers.add(follower);
    return follower;
  }

  #hint(): void {
    this.#isHinted = true;
    if (!this.#isReading && this.#followers.size > 0) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    const { shutdown, logger } = this.#context;
    const { collection } = this.#source;
    while (this.#isHinted && !shutdown.aborted) {
      this.#isHinted = false;
      const startMs = performance.now();
      try {
        await this.#look();
      } catch (error) {
        logger.warn({ collection, ...describeError(error) }, 'what changed cannot be read');
      }
      const restMs = Math.max(this.#source.intervalMs, REST * (performance.now() - startMs));
      await sleep(restMs, undefined, { signal: shutdown }).catch(() => undefined);
    }
    this.#isReading = false;
  }

  /** Looks once for all who ask before it begins. */
  #look(): Promise<void> {
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      const look = this.#tell();
      this.#looking = look.catch(() => undefined);
      return look;
    });
    return this.#next;
  }

  async #tell(): Promise<void> {
    const { database, now } = this.#context;
    const source = this.#source;
    const since = this.#since ?? source.since((await source.newest(database)) ?? LONG_AGO, now());
    const seen = new Map<string, unknown>();
    let last: Date | undefined;
    for await (const item of source.list(database, since)) {
      const value = source.valueOf(item);
      seen.set(item.id, value);
      last = item.changeTime;
      if (this.#seen.get(item.id) === value) continue;
      for (const follower of this.#followers) follower.put(item);
    }
    this.#seen = seen;
    this.#since = last === undefined ? since : source.since(last, now());
  }
}

/** What changed and somebody has not been told of yet, each once however often it changed. */
class Follower<T extends Changing> {
  readonly #waiting = new Map<string, T>();
  readonly #isWanted: (item: T) => boolean;
  readonly #leave: () => void;
  #wake: (() => void) | undefined;

  constructor(isWanted: (item: T) => boolean, leave: () => void) {
    this.#isWanted = isWanted;
    this.#leave = leave;
  }

  put(item: T): void {
    if (!this.#isWanted(item)) return;
    this.#waiting.set(item.id, item);
    this.#wake?.();
  }

  /** What waits, so much at most; empty after `timeoutMs` or on abort. */
  async take(count: number, timeoutMs: number, signal: AbortSignal): Promise<T[]> {
    if (this.#waiting.size === 0 && !signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      const either = AbortSignal.any([woken.signal, signal]);
      await sleep(timeoutMs, undefined, { signal: either }).catch(() => undefined);
      this.#wake = undefined;
    }
    const page = [...this.#waiting.values()].slice(0, count);
    for (const { id } of page) this.#waiting.delete(id);
    return page;
  }

  close(): void {
    this.#leave();
  }
}
