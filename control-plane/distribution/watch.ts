import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchSnapshotRequest } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { SignedSnapshot } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import type { BuiltSnapshot } from './build.ts';
import type { Publisher } from './publish.ts';

const HEARTBEAT_INTERVAL_MS = 5_000;
const FIRST_MESSAGE_MS = 1_000;

/**
 * What a plane's WatchSnapshot stream carries: at once the newest snapshot, then each newer one, and undefined as
 * a heartbeat. Ends when `signal` aborts.
 * @throws AlteredError when no newer one can be built, ConnectError STORE_UNAVAILABLE when nobody knows whether there is one: any
 *   message would say that what the plane has then is the newest
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
    // A change that was answered before this call must be in the first message. The headers leave with it, so it
    // does not wait for a store that is away; what is built later comes through the outbox.
    const late = sleep(FIRST_MESSAGE_MS, undefined, { signal }).then(
      () => publisher.current(),
      () => undefined,
    );
    let next = await Promise.race([publisher.newest(), late]);
    let sent: BuiltSnapshot | undefined;
    while (!signal.aborted) {
      const fault = publisher.fault();
      if (fault !== undefined) throw fault;
      // What was built while the first message was waited for lies in the outbox as well.
      if (next === undefined || next !== sent)
        yield next === undefined || isOlder(next) ? undefined : next.signed;
      sent = next ?? sent;
      next = await outbox.take(HEARTBEAT_INTERVAL_MS, signal);
    }
  } finally {
    publisher.unsubscribe(outbox);
  }
}
