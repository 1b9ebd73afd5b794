import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import {
  findNewestUsage,
  listChangedUsage,
  listLiveUsage,
  type StoredUsage,
  USAGE_COLLECTION,
  type UsageSlot,
} from '../storage/usage.ts';
import { watchCollection } from '../storage/watch.ts';

/**
 * A change that is stored becomes visible when its transaction commits, and is dated before: so far what was dated is looked at
 * again. Longer than a transaction may take (database.ts).
 */
const OVERLAP_MS = 20_000;
/** Between two looks at what changed. */
const READ_MS = 500;
const HEARTBEAT_MS = 5_000;
/** Totals in one message. */
const PAGE = 1_000;

/** What changed, for those who follow it: one reading of the store for all of this replica. */
class Feed {
  readonly #context: Context;
  readonly #followers = new Set<Follower>();
  /** What was seen of slots that changed lately, so that each change is told once. */
  #seen = new Map<string, StoredUsage>();
  #since: Date | undefined;
  #reading = false;
  #hinted = false;

  constructor(context: Context) {
    this.#context = context;
    watchCollection(context.database, USAGE_COLLECTION, () => this.#hint(), context.shutdown);
  }

  follow(): Follower {
    const follower = new Follower(() => this.#followers.delete(follower));
    this.#followers.add(follower);
    return follower;
  }

  #hint(): void {
    this.#hinted = true;
    if (!this.#reading && this.#followers.size > 0) void this.#read();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    const { shutdown, logger } = this.#context;
    while (this.#hinted && !shutdown.aborted) {
      this.#hinted = false;
      try {
        await this.#tell();
      } catch (error) {
        logger.warn({ error: error instanceof Error ? error.name : 'unknown' }, 'usage cannot be read');
      }
      await sleep(READ_MS, undefined, { signal: shutdown }).catch(() => undefined);
    }
    this.#reading = false;
  }

  async #tell(): Promise<void> {
    const since = this.#since ?? (await this.#begin());
    this.#since = since;
    const seen = new Map<string, StoredUsage>();
    for await (const usage of listChangedUsage(this.#context.database, since)) {
      seen.set(usage.id, usage);
      if (this.#seen.get(usage.id)?.amount === usage.amount) continue;
      for (const follower of this.#followers) follower.put(usage);
    }
    this.#seen = seen;
    const newest = [...seen.values()].at(-1)?.changeTime;
    if (newest !== undefined) this.#since = new Date(newest.getTime() - OVERLAP_MS);
  }

  /** From the newest change on, by the store's clock: what was before it each follower has read. */
  async #begin(): Promise<Date> {
    const newest = await findNewestUsage(this.#context.database);
    return new Date((newest?.changeTime.getTime() ?? OVERLAP_MS) - OVERLAP_MS);
  }
}

/** Changed slots that somebody has not been told of yet, each once however often it changed. */
class Follower {
  readonly #waiting = new Map<string, UsageSlot>();
  readonly #leave: () => void;
  #wake: (() => void) | undefined;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  put(usage: StoredUsage): void {
    this.#waiting.set(usage.id, usage);
    this.#wake?.();
  }

  /** What waits, a page at most; empty after `timeoutMs` or on abort. */
  async take(timeoutMs: number, signal: AbortSignal): Promise<UsageSlot[]> {
    if (this.#waiting.size === 0 && !signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      const either = AbortSignal.any([woken.signal, signal]);
      await sleep(timeoutMs, undefined, { signal: either }).catch(() => undefined);
      this.#wake = undefined;
    }
    const page = [...this.#waiting].slice(0, PAGE);
    for (const [id] of page) this.#waiting.delete(id);
    return page.map(([, usage]) => usage);
  }

  close(): void {
    this.#leave();
  }
}

const feeds = new WeakMap<Context, Feed>();

/**
 * What all planes together have counted: first all that counts now, then what changes of it. Empty as a sign of life. Ends on
 * abort.
 */
export async function* watchUsage(context: Context, signal: AbortSignal): AsyncGenerator<UsageSlot[]> {
  let feed = feeds.get(context);
  if (feed === undefined) {
    feed = new Feed(context);
    feeds.set(context, feed);
  }
  // Before the first look, so that nothing falls between.
  const follower = feed.follow();
  try {
    let page: UsageSlot[] = [];
    for await (const usage of listLiveUsage(context.database, context.now())) {
      if (signal.aborted) return;
      page.push(usage);
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    yield page;
    while (!signal.aborted) yield await follower.take(HEARTBEAT_MS, signal);
  } finally {
    follower.close();
  }
}
