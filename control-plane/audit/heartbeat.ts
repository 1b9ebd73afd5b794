import type { SignedHead } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { isEqual } from '../../program/equal.ts';
import type { PlaneIdentity } from '../api/identity.ts';
import type { Context } from '../context.ts';
import { findPlaneHeads, storePlaneHead } from '../storage/record/plane-heads.ts';
import { findDigest } from '../storage/record/records.ts';
import { explainConflict } from './alarm.ts';
import { ConflictError } from './conflict.ts';
import { type PlaneHead, readSignedHead } from './signed-head.ts';

/**
 * Stores how far a plane says, signed, that its epoch has come; of each epoch the one that goes furthest.
 *
 * @param depth how many records it has yet to hand in
 * @throws ConnectError INVALID_ARGUMENT (the head is not the plane's), RECORD_CONFLICT (another record of that seq is
 *   stored, or was signed before)
 */
export async function receiveHeartbeat(
  context: Context,
  plane: PlaneIdentity,
  signed: SignedHead,
  depth?: bigint,
): Promise<void> {
  const head = readSignedHead(plane, signed);
  if (head.seq === 0n) return;
  const writer = { plane: plane.name, epoch: head.epoch };
  try {
    await checkHeartbeat(context, plane.name, head);
  } catch (error) {
    throw await explainConflict(context, error);
  }
  const receiveTime = context.now();
  await storePlaneHead(context.database, writer, 'heartbeat', {
    ...head,
    receiveTime,
    ...(depth !== undefined && { depth }),
  });
}

/** @throws ConflictError */
async function checkHeartbeat({ database }: Context, plane: string, head: PlaneHead): Promise<void> {
  const { epoch, seq, digest } = head;
  const stored = await findDigest(database, { plane, epoch }, seq);
  const { heartbeat } = (await findPlaneHeads(database, { plane, epoch })) ?? {};
  const signed = heartbeat?.seq === seq ? heartbeat.digest : undefined;
  for (const before of [stored, signed]) {
    if (before === undefined || isEqual(before, digest)) continue;
    const why = 'a heartbeat names another record of that seq';
    throw new ConflictError({ plane, epoch, stored: { seq, digest: before }, offered: { seq, digest }, why });
  }
}
