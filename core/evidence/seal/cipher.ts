import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { EvidenceError } from '../error.ts';

const ALGORITHM = 'aes-256-gcm';
/** Bytes of a key of AES-256. */
export const KEY_BYTES = 32;
/** Bytes of a nonce of AES-GCM (NIST SP 800-38D, section 8.2). */
export const NONCE_BYTES = 12;
/** Bytes of the tag of AES-GCM, the longest there is. */
export const TAG_BYTES = 16;

/** A key of AES-256, prepared: a cipher from the bare bytes takes three times as long. */
export type CipherKey = KeyObject;

/**
 * Prepares a key.
 * @param bytes 32 random bytes
 * @throws EvidenceError malformed
 */
export function createCipherKey(bytes: Uint8Array): CipherKey {
  if (bytes.length !== KEY_BYTES) throw new EvidenceError('malformed', 'a key has 32 bytes');
  return createSecretKey(bytes);
}

/**
 * Encrypts by AES-256-GCM (NIST SP 800-38D).
 * @param nonce 12 bytes, never twice with one key
 * @param context is authenticated with it, and not contained
 * @returns nonce, ciphertext, tag
 * @throws EvidenceError malformed: the nonce
 */
export function encrypt(
  key: CipherKey,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  if (nonce.length !== NONCE_BYTES) throw new EvidenceError('malformed', 'a nonce has 12 bytes');
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  cipher.setAAD(context);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]);
}

/**
 * Decrypts what `encrypt` gave.
 * @throws EvidenceError malformed (too short), altered (the bytes, their context, or the key is another)
 */
export function decrypt(key: CipherKey, sealed: Uint8Array, context: Uint8Array): Uint8Array {
  if (sealed.length < NONCE_BYTES + TAG_BYTES)
    throw new EvidenceError('malformed', 'too short for a ciphertext');
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(context);
  decipher.setAuthTag(sealed.subarray(tagAt));
  const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, tagAt));
  try {
    decipher.final();
  } catch (cause) {
    throw new EvidenceError('altered', 'a ciphertext does not authenticate', cause);
  }
  return plaintext;
}
