import { hash } from 'node:crypto';
import { EvidenceError } from '../error.ts';

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;

// Leaves and nodes are told apart by the first byte that is hashed (RFC 6962, section 2.1).
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** The root of a tree without leaves: the SHA-256 of nothing (RFC 6962, section 2.1). */
export const EMPTY_ROOT: Uint8Array = hash('sha256', new Uint8Array(0), 'buffer');

/** The hash of a leaf's bytes, SHA-256(0x00 || bytes) (RFC 6962, section 2.1). */
export function leafHash(bytes: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + bytes.length);
  input[0] = LEAF_PREFIX;
  input.set(bytes, 1);
  return hash('sha256', input, 'buffer');
}

// One buffer for all: hashing is synchronous, and most of the work of a tree.
const NODE_INPUT = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

/**
 * The hash of a node from those of its children, SHA-256(0x01 || left || right) (RFC 6962, section 2.1).
 * @throws EvidenceError malformed: one of them has not 32 bytes
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new EvidenceError('malformed', 'a node hash has 32 bytes');
  }
  NODE_INPUT.set(left, 1);
  NODE_INPUT.set(right, 1 + HASH_BYTES);
  return hash('sha256', NODE_INPUT, 'buffer');
}

/** Whether both are the same bytes. Hashes here are public, so how long it takes may tell where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
