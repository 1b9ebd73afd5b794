import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { EvidenceError } from '../error.ts';

/** Bytes of a commitment's key. */
export const COMMITMENT_KEY_BYTES = 32;

/**
 * Commits to bytes without telling anything of them: HMAC-SHA-256 (RFC 2104) of `sworn.commitment/v1`, a newline, the
 * kind, a newline, and the bytes.
 * @param key 32 random bytes, fresh; whoever has them can check the commitment, and guess
 * @param kind what the bytes are; a short word on one line
 * @param bytes whole, or in pieces however cut
 * @returns 32 bytes
 * @throws EvidenceError malformed: key or kind
 */
export function commit(key: Uint8Array, kind: string, bytes: Uint8Array | Iterable<Uint8Array>): Uint8Array {
  if (key.length !== COMMITMENT_KEY_BYTES) {
    throw new EvidenceError('malformed', 'the key of a commitment has 32 bytes');
  }
  if (kind === '' || kind.includes('\n')) throw new EvidenceError('malformed', 'a kind is one line');
  // A key that is prepared takes a third of the time.
  const hmac = createHmac('sha256', createSecretKey(key)).update(`sworn.commitment/v1\n${kind}\n`);
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) hmac.update(piece);
  return hmac.digest();
}

/**
 * Verifies that a commitment is to these bytes; takes as long wherever it differs.
 * @throws EvidenceError malformed (key, kind, or no commitment), altered
 */
export function verifyCommitment(
  commitment: Uint8Array,
  key: Uint8Array,
  kind: string,
  bytes: Uint8Array | Iterable<Uint8Array>,
): void {
  const expected = commit(key, kind, bytes);
  if (commitment.length !== expected.length) {
    throw new EvidenceError('malformed', 'a commitment has 32 bytes');
  }
  if (!timingSafeEqual(commitment, expected)) {
    throw new EvidenceError('altered', `not the ${kind} that was committed to`);
  }
}
