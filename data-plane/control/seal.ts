import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { PlaneIdentity } from './identity.ts';

const VERSION = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + SALT_BYTES + NONCE_BYTES;
const CIPHER = 'aes-256-gcm';
/** What the key is for: one that is derived for anything else from the same private key opens nothing here. */
const PURPOSE = 'sworn plane snapshot v1';

/** Encrypts what a plane keeps on its own disk. */
export interface Seal {
  /** Encrypts and authenticates; never the same bytes twice. */
  seal(plain: Uint8Array): Uint8Array;
  /** Throws SealError when this plane did not seal these bytes. */
  open(sealed: Uint8Array): Uint8Array;
}

/** What does not open. Says nothing about why: the reasons cannot be told apart. */
export class SealError extends Error {
  override readonly name = 'SealError';

  constructor() {
    super('not sealed by this plane: the file was changed, is of another plane, or is not sealed at all');
  }
}

/**
 * A seal by AES-256-GCM that only this plane opens: each value has a key of its own, derived from the plane's private
 * key and a random salt by HKDF (RFC 5869). Authenticated along with it are the header and the plane's name.
 * Layout: version (1), salt (16), nonce (12), ciphertext, tag (16).
 */
export function createSeal({ name, privateKey }: Pick<PlaneIdentity, 'name' | 'privateKey'>): Seal {
  // RFC 8032, 5.1.5: an Ed25519 private key is 32 random bytes, and `d` of RFC 8037.
  const secret = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  if (secret.length !== KEY_BYTES) throw new RangeError(`an Ed25519 private key has ${KEY_BYTES} bytes`);
  const deriveKey = (salt: Uint8Array): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, salt, PURPOSE, KEY_BYTES));
  const authenticated = (header: Uint8Array): Uint8Array =>
    Buffer.concat([header, Buffer.from(name, 'utf8')]);
  return {
    seal(plain) {
      const salt = randomBytes(SALT_BYTES);
      const nonce = randomBytes(NONCE_BYTES);
      const header = Buffer.concat([Uint8Array.of(VERSION), salt, nonce]);
      const cipher = createCipheriv(CIPHER, deriveKey(salt), nonce);
      cipher.setAAD(authenticated(header));
      return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed) {
      if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw new SealError();
      const header = sealed.subarray(0, HEADER_BYTES);
      const key = deriveKey(header.subarray(1, 1 + SALT_BYTES));
      const nonce = header.subarray(1 + SALT_BYTES);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(authenticated(header));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        const body = decipher.update(sealed.subarray(HEADER_BYTES, -TAG_BYTES));
        return Buffer.concat([body, decipher.final()]);
      } catch {
        throw new SealError();
      }
    },
  };
}
