import type { Approval } from '#proto/sworn/approval/v1/approval_pb.ts';
import type { Person } from '../api/identity.ts';
import type { Context } from '../context.ts';
import {
  type ApprovalDocument,
  type ApprovalState,
  type Audience,
  listRecent,
  readApprovals,
} from '../storage/approvals.ts';
import { subscribe } from './hints.ts';
import { audienceOf } from './read.ts';
import { viewApproval } from './view.ts';

const HEARTBEAT_MS = 5_000;
/** Who was away no longer than this misses no refusal; approvals that still hold are sent however long it was. */
const RECENT_MS = 3_600_000;
/** Approvals that a watcher keeps track of. */
const MAX_RECENT = 5_000;
/** Approvals that are read at a time. */
const PAGE = 100;

/**
 * The approvals that this plane asked for: first, as they are now, all that are open or changed in the last hour, so
 * that a plane that was cut off misses no approval that still holds; then each one again when its state changes. `undefined` is a sign of
 * life, sent at least every `heartbeatMs`. States that were passed through quickly may be left out. Ends on abort.
 */
export function watchForPlane(
  context: Context,
  plane: string,
  signal: AbortSignal,
  heartbeatMs = HEARTBEAT_MS,
): AsyncIterable<Approval | undefined> {
  return follow(context, { plane }, () => true, signal, heartbeatMs);
}

/** The pending approvals that this person may see, then every change; otherwise as watchForPlane. */
export function watchForReviewer(
  context: Context,
  person: Person,
  signal: AbortSignal,
): AsyncIterable<Approval | undefined> {
  return follow(context, audienceOf(person), (state) => state === 'PENDING', signal, HEARTBEAT_MS);
}

async function* follow(
  context: Context,
  audience: Audience,
  isFirstSent: (state: ApprovalState) => boolean,
  abort: AbortSignal,
  heartbeatMs: number,
): AsyncGenerator<Approval | undefined> {
  const signal = AbortSignal.any([abort, context.shutdown]);
  const hints = subscribe(context);
  let known: ReadonlyMap<string, ApprovalState> | undefined;
  let sentMs = 0;
  try {
    while (!signal.aborted) {
      const states = await readStates(context, audience);
      const before = known;
      const changed = [...states].filter(([name, state]) =>
        before === undefined ? isFirstSent(state) : before.get(name) !== state,
      );
      known = states;
      for await (const document of readAll(
        context,
        changed.map(([name]) => name),
      )) {
        if (signal.aborted) return;
        yield viewApproval(document, context.now());
        sentMs = performance.now();
      }
      if (performance.now() - sentMs >= heartbeatMs || before === undefined) {
        yield undefined;
        sentMs = performance.now();
      }
      await hints.next(Math.max(heartbeatMs - (performance.now() - sentMs), 0), signal);
    }
  } finally {
    hints.close();
  }
}

async function readStates(context: Context, audience: Audience): Promise<Map<string, ApprovalState>> {
  const since = new Date(context.now().getTime() - RECENT_MS);
  const recent = await listRecent(context.database, audience, since, MAX_RECENT);
  return new Map(recent.map((document) => [document._id, document.state]));
}

async function* readAll(context: Context, names: readonly string[]): AsyncGenerator<ApprovalDocument> {
  for (let start = 0; start < names.length; start += PAGE) {
    yield* await readApprovals(context.database, names.slice(start, start + PAGE));
  }
}
