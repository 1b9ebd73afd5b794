import type { Approval } from '#proto/sworn/approval/v1/approval_pb.ts';
import type { Person } from '../api/identity.ts';
import type { Context } from '../context.ts';
import { Feed, type FeedSource } from '../feed/feed.ts';
import { type Audience, readApprovals } from '../storage/approval/approvals.ts';
import {
  type ChangedApproval,
  findNewestChange,
  isFor,
  listChangedApprovals,
  listWatched,
} from '../storage/approval/watched-approvals.ts';
import { audienceOf } from './read.ts';
import { viewApproval } from './view.ts';

const HEARTBEAT_MS = 5_000;
/** Clocks, those of planes too, differ by less; a transaction takes less (database.ts). */
const SKEW_MS = 300_000;
/** Approvals that are read at a time. */
const PAGE = 100;

const SOURCE: FeedSource<ChangedApproval> = {
  collection: 'approvals',
  // Somebody waits for each.
  intervalMs: 50,
  list: listChangedApprovals,
  newest: findNewestChange,
  valueOf: ({ state }) => state,
  since: (newest, now) => new Date(Math.min(newest.getTime(), now.getTime()) - SKEW_MS),
};

const feeds = new WeakMap<Context, Feed<ChangedApproval>>();

/**
 * The approvals that this plane asked for: first, as they are now, all whose time is not over, so that however long a plane
 * was cut off it misses nothing that it may still wait for; then each one again when its state changes. `undefined` is a sign of
 * life, sent at least every `heartbeatMs`. States that were passed through quickly may be left out. Ends on abort.
 */
export function watchForPlane(
  context: Context,
  plane: string,
  signal: AbortSignal,
  heartbeatMs = HEARTBEAT_MS,
): AsyncIterable<Approval | undefined> {
  return follow(context, { plane }, signal, heartbeatMs);
}

/** The pending approvals that this person may see, then every change; otherwise as watchForPlane. */
export function watchForReviewer(
  context: Context,
  person: Person,
  signal: AbortSignal,
): AsyncIterable<Approval | undefined> {
  return follow(context, audienceOf(person), signal, HEARTBEAT_MS);
}

async function* follow(
  context: Context,
  audience: Audience,
  abort: AbortSignal,
  heartbeatMs: number,
): AsyncGenerator<Approval | undefined> {
  const signal = AbortSignal.any([abort, context.shutdown]);
  // Before the first reading, so that nothing falls between.
  const follower = await feedOf(context).follow((changed) => isFor(audience, changed));
  try {
    yield* readWatched(context, audience, signal);
    yield undefined;
    while (!signal.aborted) {
      const changed = await follower.take(PAGE, heartbeatMs, signal);
      if (signal.aborted) return;
      const views = await read(
        context,
        changed.map(({ id }) => id),
      );
      if (views.length === 0) yield undefined;
      yield* views;
    }
  } finally {
    follower.close();
  }
}

async function* readWatched(
  context: Context,
  audience: Audience,
  signal: AbortSignal,
): AsyncGenerator<Approval> {
  let names: string[] = [];
  for await (const name of listWatched(
    context.database,
    audience,
    new Date(context.now().getTime() - SKEW_MS),
  )) {
    if (signal.aborted) return;
    names.push(name);
    if (names.length < PAGE) continue;
    yield* await read(context, names);
    names = [];
  }
  yield* await read(context, names);
}

async function read(context: Context, names: readonly string[]): Promise<Approval[]> {
  if (names.length === 0) return [];
  const found = await readApprovals(context.database, names);
  return found.map((document) => viewApproval(document, context.now()));
}

function feedOf(context: Context): Feed<ChangedApproval> {
  let feed = feeds.get(context);
  if (feed === undefined) {
    feed = new Feed(context, SOURCE);
    feeds.set(context, feed);
  }
  return feed;
}
