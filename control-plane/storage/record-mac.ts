import { hash } from 'node:crypto';
import type { TreeHead } from '#core/evidence/merkle/head.ts';
import { isEqual } from '../../program/equal.ts';
import { canonicalBytes } from './canonical.ts';
import type { Seal } from './seal.ts';
import { bytesOf } from './sealing.ts';

/** Where a record stands, and its SHA-256. */
interface Place {
  readonly plane: string;
  readonly epoch: bigint;
  readonly seq: bigint;
  readonly digest: Uint8Array;
}

/**
 * The MAC of a record that a control plane wrote. Planes sign for theirs; without it whoever writes to the database could
 * make up records of a control plane, and have them become leaves.
 */
export function macOfRecord(seal: Seal, { plane, epoch, seq, digest }: Place): Uint8Array {
  return seal.mac(canonicalBytes(['records', { plane, epoch, seq, digest }]));
}

/** A record as it is stored. */
interface Stored extends Omit<Place, 'digest'> {
  readonly bytes: Uint8Array;
  readonly mac?: unknown;
}

/** Whether a control plane wrote these bytes in this place. Planes make no MACs. */
export function isWritten(seal: Seal, { bytes, mac, plane, epoch, seq }: Stored): boolean {
  // The store gives what somebody wrote there, of whatever type.
  if (!(bytes instanceof Uint8Array) || typeof epoch !== 'bigint' || typeof seq !== 'bigint') return false;
  const digest = hash('sha256', bytes, 'buffer');
  return isMac(mac, macOfRecord(seal, { plane, epoch, seq, digest }));
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
