import { hash } from 'node:crypto';
import type { TreeHead } from '#core/evidence/merkle/head.ts';
import { isPlane } from '#core/evidence/verify/chain.ts';
import { canonicalBytes } from './canonical.ts';
import type { Seal } from './seal.ts';
import { isMac } from './sealing.ts';

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
export function macOfRecord(seal: Seal, record: Received): Uint8Array {
  return seal.mac(receivedBytes(record));
}

/** What it is of. */
export function receivedBytes({ _id, receiveTime, plane, epoch, seq, digest }: Received): Uint8Array {
  return canonicalBytes(['received', { _id, receiveTime, plane, epoch, seq, digest }]);
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
  if (!(bytes instanceof Uint8Array)) return false;
  return isReceivedAs(seal, { ...place, mac, digest: hash('sha256', bytes, 'buffer') });
}

/** Whether a control plane received a record of this digest, in this place and at this time. */
export function isReceivedAs(seal: Seal, { mac, ...record }: Received & { readonly mac?: unknown }): boolean {
  const { _id, receiveTime, epoch, seq, digest } = record;
  // The store gives what somebody wrote there, of whatever type.
  const isRecord = typeof _id === 'string' && receiveTime instanceof Date && digest instanceof Uint8Array;
  if (!isRecord || typeof epoch !== 'bigint' || typeof seq !== 'bigint') return false;
  return isMac(seal, mac, receivedBytes(record));
}

/** Whether a control plane received it from itself: what a plane says is none of its actions, wherever it is found. */
export function isWritten(seal: Seal, record: StoredRecord): boolean {
  return !isPlane(record.plane) && isReceived(seal, record);
}

/** The log as far as it has grown. */
interface Grown {
  /** Its name. */
  readonly origin: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly head: TreeHead;
}

/** The MAC of the log as far as it has grown: or a leaf could be put into it past the control plane, which then signs it. */
export function macOfLog(seal: Seal, log: Grown): Uint8Array {
  return seal.mac(logBytes(log));
}

/** Whether a control plane wrote that the log has grown so far. */
export function isLogOurs(seal: Seal, mac: unknown, log: Grown): boolean {
  return isMac(seal, mac, logBytes(log));
}

function logBytes({ origin, publicKey, head: { size, root } }: Grown): Uint8Array {
  return canonicalBytes(['log', { origin, publicKey, size, root }]);
}
