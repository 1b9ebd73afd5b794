import { create } from '@bufbuild/protobuf';
import { durationMs, timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  type ListGapsRequest,
  type ListGapsResponse,
  ListGapsResponseSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import {
  type Alarm,
  AlarmSchema,
  type Gap,
  GapKind,
  type PlanePresence,
  PlanePresenceSchema,
  Presence,
} from '#proto/sworn/audit/v1/gap_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from '../../api/fail.ts';
import type { Context } from '../../context.ts';
import { listAllPlanes, type StoredPlane } from '../../storage/configuration/planes.ts';
import { listAlarms, type StoredAlarm } from '../../storage/record/alarms.ts';
import { type EpochState, latest, readEpochs } from './epoch.ts';
import { findGaps } from './find.ts';

/** A plane reports every ten seconds; one that missed several reports may be gone. */
const SILENT_AFTER_MS = 90_000;
const MIN_SILENT_AFTER_MS = 1_000;
const MAX_LISTED = 10_000;

/**
 * Whether the record is whole, as far as the control plane can know: what writers said that they wrote, against what is
 * stored. Loss, silence and idleness are told apart.
 * @param signal of the caller: nobody waits for what is counted after they left
 * @throws ConnectError INVALID_ARGUMENT; NOT_FOUND of a plane that there never was
 */
export async function listGaps(
  context: Context,
  request: ListGapsRequest,
  signal: AbortSignal,
): Promise<ListGapsResponse> {
  const { database } = context;
  const plane = request.plane === '' ? undefined : request.plane;
  const silentAfterMs = readSilentAfter(request);
  const since = request.since === undefined ? undefined : timestampDate(request.since);
  // First: what comes while the rest is read is then no gap, but heard of.
  const planes = (await listAllPlanes(database)).filter(({ name }) => plane === undefined || name === plane);
  const epochs = await readEpochs(context, plane, { since, limit: MAX_LISTED, signal });
  if (plane !== undefined && planes.length === 0 && epochs.size === 0) {
    throw fail(Reason.NOT_FOUND, `there is no ${plane}`, { name: plane });
  }
  const gaps: Gap[] = [];
  const presences: PlanePresence[] = [];
  for (const stored of planes) {
    const own = epochs.get(stored.name) ?? [];
    epochs.delete(stored.name);
    const heard = latest([stored.createTime, stored.seenTime, ...own.map(({ heardTime }) => heardTime)]);
    const isSilent = context.now().getTime() - (heard?.getTime() ?? 0) > silentAfterMs;
    const found = findGaps(own, !isSilent && stored.revokeTime === undefined);
    gaps.push(...found);
    presences.push(presenceOf(stored, own, found, { heard, isSilent }));
  }
  // Replicas of the control plane: each has one epoch and no heads, and sends nothing.
  for (const own of epochs.values()) gaps.push(...findGaps(own, false));
  const alarms = await listAlarms(database, { plane, since }, MAX_LISTED);
  return create(ListGapsResponseSchema, {
    gaps: gaps.slice(0, MAX_LISTED),
    planes: presences,
    alarms: alarms.map(viewAlarm),
  });
}

function readSilentAfter({ silentAfter }: ListGapsRequest): number {
  const ms = silentAfter === undefined ? SILENT_AFTER_MS : durationMs(silentAfter);
  if (ms >= MIN_SILENT_AFTER_MS) return ms;
  throw fail(Reason.INVALID_ARGUMENT, 'silent_after must be a second or more', {
    silent_after: 'must be a second or more',
  });
}

function presenceOf(
  { name, displayName, revokeTime }: StoredPlane,
  epochs: readonly EpochState[],
  gaps: readonly Gap[],
  { heard, isSilent }: { readonly heard: Date | undefined; readonly isSilent: boolean },
): PlanePresence {
  const newest = epochs.at(-1);
  const isWaiting = gaps.some(({ kind }) => kind === GapKind.WAITING);
  const presence = (): Presence => {
    if (revokeTime !== undefined) return Presence.REVOKED;
    if (newest?.isEnded === true && newest.head <= newest.last) return Presence.STOPPED;
    if (isSilent) return Presence.SILENT;
    return isWaiting ? Presence.WAITING : Presence.IDLE;
  };
  return create(PlanePresenceSchema, {
    plane: name,
    displayName,
    presence: presence(),
    epoch: newest?.epoch ?? 0n,
    storedSeq: newest?.last ?? 0n,
    headSeq: newest?.head ?? 0n,
    ...(heard && { heardTime: timestampFromDate(heard) }),
  });
}

function viewAlarm({ plane, epoch, stored, offered, time }: StoredAlarm): Alarm {
  const head = ({ seq, digest }: StoredAlarm['stored']) => ({
    plane,
    epoch,
    seq,
    digest: Uint8Array.from(digest),
  });
  return create(AlarmSchema, {
    plane,
    stored: head(stored),
    offered: head(offered),
    time: timestampFromDate(time),
  });
}
