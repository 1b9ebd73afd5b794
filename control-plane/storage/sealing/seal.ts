import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

/** The length of the master key. */
export const MASTER_KEY_BYTES = 32;
const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + SALT_BYTES + NONCE_BYTES;
const CIPHER = 'aes-256-gcm';

/** Encrypts, or authenticates, what lies in the database. */
export interface Seal {
  /**
   * Encrypts and authenticates. `context` names what and whose it is, such as `upstreams/openai credential`; the
   * result opens only under the same context, so that a sealed value cannot be moved to another document.
   */
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** Throws SealError when the value was changed, belongs to another context, or was sealed with another key. */
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** HMAC-SHA-256 (RFC 2104), 32 bytes, for what may be read by all but written only with the master key. */
  mac(bytes: Uint8Array): Uint8Array;
}

/** A sealed value that does not open. Says nothing about why: the reasons cannot be told apart. */
export class SealError extends Error {
  override readonly name = 'SealError';

  constructor() {
    super('the sealed value was changed, belongs elsewhere, or was sealed with another master key');
  }
}

/**
 * A seal by AES-256-GCM. Every value has a key of its own, derived from the master key and a random salt by HKDF
 * (RFC 5869): random nonces under one key would be good for 2^32 values only (NIST SP 800-38D, 8.3).
 * Layout: version (1), salt (16), nonce (12), ciphertext, tag (16).
 */
export function createSeal(masterKey: Uint8Array): Seal {
  if (masterKey.length !== MASTER_KEY_BYTES)
    throw new RangeError(`a master key has ${MASTER_KEY_BYTES} bytes`);
  const deriveKey = (salt: Uint8Array): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', masterKey, salt, 'sworn seal v1', MASTER_KEY_BYTES));
  // A key object, made once: with one made of bytes each time, a MAC takes four times as long.
  const macKey = createSecretKey(
    new Uint8Array(hkdfSync('sha256', masterKey, '', 'sworn mac v1', MASTER_KEY_BYTES)),
  );
  return {
    seal(plain, context) {
      const salt = randomBytes(SALT_BYTES);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, deriveKey(salt), nonce);
      cipher.setAAD(Buffer.from(context, 'utf8'));
      const body = [cipher.update(plain), cipher.final()];
      return Buffer.concat([Uint8Array.of(VERSION), salt, nonce, ...body, cipher.getAuthTag()]);
    },
    open(sealed, context) {
      if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw new SealError();
      const key = deriveKey(sealed.subarray(1, 1 + SALT_BYTES));
      const nonce = sealed.subarray(1 + SALT_BYTES, HEADER_BYTES);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context, 'utf8'));
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      try {
        const body = decipher.update(sealed.subarray(HEADER_BYTES, sealed.length - TAG_BYTES));
        return Buffer.concat([body, decipher.final()]);
      } catch {
        throw new SealError();
      }
    },
    mac: (bytes) => createHmac('sha256', macKey).update(bytes).digest(),
  };
}
