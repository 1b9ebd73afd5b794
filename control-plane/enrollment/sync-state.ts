import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Plane, PlaneSchema, SyncState } from '#proto/sworn/plane/v1/plane_pb.ts';
import type { SnapshotHead } from '../storage/configuration/heads.ts';
import type { StoredPlane } from '../storage/configuration/planes.ts';

/** A plane that has not spoken for this long may be gone, whatever it said last. */
const SILENT_AFTER_MS = 90_000;

/** A plane as people see it: what it said that it runs, against what it should run. */
export function describePlane(stored: StoredPlane, head: SnapshotHead | undefined, now: Date): Plane {
  const { report, seenTime, revokeTime } = stored;
  return create(PlaneSchema, {
    name: stored.name,
    displayName: stored.displayName,
    publicKey: stored.publicKey,
    syncState: syncState(stored, head, now),
    appliedRevision: report?.appliedRevision ?? 0n,
    headRevision: head?.revision ?? 0n,
    applyError: report?.applyError ?? '',
    detectorError: report?.detectorError ?? '',
    spoolDepth: report?.spoolDepth ?? 0n,
    version: report?.version ?? '',
    region: report?.region ?? '',
    upstreams: [...(report?.upstreams ?? [])],
    createTime: timestampFromDate(stored.createTime),
    ...(seenTime && { seenTime: timestampFromDate(seenTime) }),
    ...(revokeTime && { revokeTime: timestampFromDate(revokeTime) }),
  });
}

/** Where a plane stands; what it said last counts for as long as it speaks. */
export function syncState(
  { report, seenTime }: Pick<StoredPlane, 'report' | 'seenTime'>,
  head: SnapshotHead | undefined,
  now: Date,
): SyncState {
  if (report === undefined || seenTime === undefined) return SyncState.NOT_SENT;
  const isNewest =
    head !== undefined && report.epoch === head.epoch && report.appliedRevision === head.revision;
  const isSilent = now.getTime() - seenTime.getTime() > SILENT_AFTER_MS;
  if (isSilent) return SyncState.STALE;
  if (report.applyError !== '') return SyncState.ERROR;
  return isNewest ? SyncState.SYNCED : SyncState.STALE;
}
