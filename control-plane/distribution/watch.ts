import type { WatchSnapshotRequest } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { SignedSnapshot } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import type { BuiltSnapshot } from './build.ts';
import type { Publisher } from './publish.ts';

const HEARTBEAT_INTERVAL_MS = 5_000;

/**
 * What a plane's WatchSnapshot stream carries: at once the newest snapshot, then each newer one, and undefined as
 * a heartbeat. Ends when `signal` aborts.
 * @param has what the plane runs: a replica that is behind it sends nothing older
 */
export async function* watchSnapshot(
  publisher: Publisher,
  has: Pick<WatchSnapshotRequest, 'epoch' | 'appliedRevision'>,
  signal: AbortSignal,
): AsyncGenerator<SignedSnapshot | undefined> {
  const isOlder = (snapshot: BuiltSnapshot): boolean =>
    snapshot.epoch === has.epoch && snapshot.revision < has.appliedRevision;
  const outbox = publisher.subscribe();
  try {
    publisher.refresh();
    let next = publisher.current();
    // The headers leave with the first message: one goes at once, if only a heartbeat.
    while (!signal.aborted) {
      yield next === undefined || isOlder(next) ? undefined : next.signed;
      next = await outbox.take(HEARTBEAT_INTERVAL_MS, signal);
    }
  } finally {
    publisher.unsubscribe(outbox);
  }
}
