import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { EvidenceError } from '../error.ts';

/** Bytes of an Ed25519 public key (RFC 8032). */
export const PUBLIC_KEY_BYTES = 32;

/** An Ed25519 public key: its 32 bytes, or as Node has it. */
export type PublicKey = Uint8Array | KeyObject;

/** What signs: a private key in memory, or whoever keeps one. */
export interface Signer {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Signs by Ed25519 (RFC 8032), 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/**
 * A signer with an Ed25519 private key that lies in memory.
 * @throws EvidenceError malformed: the key is of another kind
 */
export function createSigner(privateKey: KeyObject): Signer {
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new EvidenceError('malformed', 'not an Ed25519 private key');
  }
  const publicKey = rawPublicKey(createPublicKey(privateKey));
  return { publicKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

/**
 * The key as Node has it.
 * @throws EvidenceError malformed: not an Ed25519 public key
 */
export function toPublicKey(key: PublicKey): KeyObject {
  if (key instanceof Uint8Array) {
    if (key.length !== PUBLIC_KEY_BYTES) throw new EvidenceError('malformed', 'an Ed25519 key has 32 bytes');
    const x = Buffer.from(key).toString('base64url');
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  }
  if (key.type !== 'public' || key.asymmetricKeyType !== 'ed25519') {
    throw new EvidenceError('malformed', 'not an Ed25519 public key');
  }
  return key;
}

/**
 * The 32 bytes of the key.
 * @throws EvidenceError malformed: not an Ed25519 public key
 */
export function rawPublicKey(key: PublicKey): Uint8Array {
  const { x } = toPublicKey(key).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'));
}

/** Whether the signature is one of the key over the bytes (RFC 8032); one of another length is not. */
export function isSignature(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, bytes, key, signature);
}
