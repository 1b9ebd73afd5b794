import type { Context } from '../context.ts';
import { Feed, type FeedSource } from '../feed/feed.ts';
import {
  findNewestUsage,
  listChangedUsage,
  listLiveUsage,
  type StoredUsage,
  USAGE_COLLECTION,
  type UsageSlot,
} from '../storage/record/usage.ts';

/** Longer than a transaction may take (database.ts); changes are dated by the store's clock. */
const OVERLAP_MS = 20_000;
const HEARTBEAT_MS = 5_000;
/** Totals in one message. */
const PAGE = 1_000;

const SOURCE: FeedSource<StoredUsage> = {
  collection: USAGE_COLLECTION,
  intervalMs: 500,
  list: listChangedUsage,
  newest: async (database) => (await findNewestUsage(database))?.changeTime,
  valueOf: ({ amount }) => amount,
  since: (newest) => new Date(newest.getTime() - OVERLAP_MS),
};

const feeds = new WeakMap<Context, Feed<StoredUsage>>();

/**
 * What all planes together have counted: first all that counts now, then what changes of it. Empty as a sign of life. Ends on
 * abort.
 */
export async function* watchUsage(context: Context, signal: AbortSignal): AsyncGenerator<UsageSlot[]> {
  let feed = feeds.get(context);
  if (feed === undefined) {
    feed = new Feed(context, SOURCE);
    feeds.set(context, feed);
  }
  // Before the first look, so that nothing falls between.
  const follower = await feed.follow();
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
    while (!signal.aborted) yield await follower.take(PAGE, HEARTBEAT_MS, signal);
  } finally {
    follower.close();
  }
}
