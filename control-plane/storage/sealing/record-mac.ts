import { hash } from 'node:crypto';
import type { TreeHead } from '#core/evidence/merkle/head.ts';
import { isPlane } from '#core/evidence/verify/chain.ts';
import { isEqual } from '../../../program/equal.ts';
import { canonicalBytes } from './canonical.ts';
import type { Seal } from './seal.ts';
import { bytesOf } from './sealing.ts';

/** Where a record stands, when and in which order it came, and its SHA-256. */
interface Received {
  readonly _id: string;
  readonly receiveTime: Date;
  readonly plane: string;
  readonly epoch: bigint;
  readonly seq: bigint;
  readonly digest: Uint8Array;
}

/**
 * The MAC of a record that a control plane received, from a plane or from itself. Without it whoever writes to the database could
 * make up records, and have them become leaves, or put those that there are into another order.
 */
export function macOfRecord(
  seal: Seal,
  { _id, receiveTime, plane, epoch, seq, digest }: Received,
): Uint8Array {
  return seal.mac(canonicalBytes(['received', { _id, receiveTime, plane, epoch, seq, digest }]));
}

/** What has to be read of a record for its MAC; `_id` comes by itself. */
export const RECEIVED_FIELDS = { plane: 1, epoch: 1, seq: 1, receiveTime: 1, bytes: 1, mac: 1 } as const;

/** A record as it is stored. */
export type StoredRecord = Omit<Received, 'digest'> & {
  readonly bytes: Uint8Array;
  readonly mac?: unknown;
};

/** Whether a control plane received these bytes, in this place and at this time. */
export function isReceived(seal: Seal, { bytes, mac, ...place }: StoredRecord): boolean {
  const { _id, receiveTime, plane, epoch, seq } = place;
  // The store gives what somebody wrote there, of whatever type.
  const isRecord = typeof _id === 'string' && receiveTime instanceof Date && bytes instanceof Uint8Array;
  if (!isRecord || typeof epoch !== 'bigint' || typeof seq !== 'bigint') return false;
  const digest = hash('sha256', bytes, 'buffer');
  return isMac(mac, macOfRecord(seal, { _id, receiveTime, plane, epoch, seq, digest }));
}

/** Whether a control plane received it from itself: what a plane says is none of its actions, wherever it is found. */
export function isWritten(seal: Seal, record: StoredRecord): boolean {
  return !isPlane(record.plane) && isReceived(seal, record);
}

/** The MAC of the log as far as it has grown: or a leaf could be put into it past the control plane, which then signs it. */
export function macOfLog(
  seal: Seal,
  origin: string,
  publicKey: Uint8Array,
  { size, root }: TreeHead,
): Uint8Array {
  return seal.mac(canonicalBytes(['log', { origin, publicKey, size, root }]));
}

/** Whether a stored MAC, of whatever type it is, is this one. */
export function isMac(stored: unknown, right: Uint8Array): boolean {
  const given = bytesOf(stored);
  return given !== undefined && isEqual(given, right);
}
