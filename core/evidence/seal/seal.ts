import { createHash } from 'node:crypto';
import { type CipherKey, createCipherKey, encrypt } from './cipher.ts';
import { compress } from './compress.ts';
import {
  type ExchangeBinding,
  exchangeKeyContext,
  type PayloadBinding,
  partContext,
  type SealedPayload,
} from './payload.ts';

/** A key for one exchange, as it is and wrapped. */
export interface ExchangeKey {
  readonly key: CipherKey;
  /** Encrypted with the interval key; goes into every payload of the exchange. */
  readonly wrapped: Uint8Array;
}

/**
 * A key for one exchange, wrapped with the interval key and bound to the exchange.
 * @param random 32 bytes, fresh
 * @param nonce 12 random bytes, fresh
 * @throws EvidenceError malformed: one of the arguments
 */
export function createExchangeKey(
  intervalKey: CipherKey,
  random: Uint8Array,
  nonce: Uint8Array,
  binding: ExchangeBinding,
): ExchangeKey {
  const key = createCipherKey(random);
  return { key, wrapped: encrypt(intervalKey, nonce, random, exchangeKeyContext(binding)) };
}

/**
 * Compresses and encrypts a piece of a payload. The parts of one kind are numbered from 0 through the exchange.
 * @param nonce 12 random bytes, fresh
 * @param pack how it becomes raw deflate: `compress`, or `store`
 * @throws EvidenceError malformed: nonce, binding or index
 */
export function sealPart(
  exchangeKey: CipherKey,
  nonce: Uint8Array,
  piece: Uint8Array,
  binding: PayloadBinding,
  index: number,
  pack = compress,
): Uint8Array {
  return encrypt(exchangeKey, nonce, pack(piece), partContext(binding, index));
}

const LENGTH_BYTES = 4;

/**
 * SHA-256 over every part after its length in four bytes, the higher first: what a leaf says of a payload. A part that is
 * left out at the end shows by it alone.
 */
export function ciphertextDigest(parts: Iterable<Uint8Array>): Uint8Array {
  return digestOf(parts);
}

/**
 * SHA-256 over interval key and wrapped key in the same way: what a leaf says of them, so that nobody puts others in their
 * place unseen. Both are ciphertexts of random keys, so that the digest tells nothing when they are gone.
 */
export function keysDigest({
  intervalKey,
  wrappedKey,
}: Pick<SealedPayload, 'intervalKey' | 'wrappedKey'>): Uint8Array {
  return digestOf([Buffer.from(intervalKey), wrappedKey]);
}

function digestOf(pieces: Iterable<Uint8Array>): Uint8Array {
  const hash = createHash('sha256');
  for (const piece of pieces) {
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32BE(piece.length);
    hash.update(length).update(piece);
  }
  return hash.digest();
}
