import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { isEqual } from '../../../program/equal.ts';

/** The length of a master key. */
export const MASTER_KEY_BYTES = 32;
/** The length of its id. */
const ID_BYTES = 8;
/** What names no key is of the first one, which had no name in versions that knew but one; what names one begins with its id. */
const UNNAMED = 1;
const NAMED = 2;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
const MAC_BYTES = 32;

/** A master key, for what is derived from it. */
export interface MasterKey {
  /** 16 hexadecimal digits, derived from the key: they tell which one it is, and nothing of what it is. */
  readonly id: string;
  /** Encrypts and authenticates. */
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** Undefined where the value was changed, belongs to another context, or was sealed with another key. */
  open(sealed: Uint8Array, context: string): Uint8Array | undefined;
  /** HMAC-SHA-256 (RFC 2104). */
  mac(bytes: Uint8Array): Uint8Array;
  /** Whether this MAC is this key's of these bytes. */
  isMac(mac: Uint8Array, bytes: Uint8Array): boolean;
  /** The first and the last of its MACs to MongoDB, which compares binary data by length, then by bytes: none of another key is between. */
  readonly macs: readonly [Uint8Array, Uint8Array];
}

/**
 * AES-256-GCM and HMAC-SHA-256. Every sealed value has a key of its own, derived from the master key and a random salt by HKDF
 * (RFC 5869): random nonces under one key would be good for 2^32 values only (NIST SP 800-38D, 8.3).
 * Layout of a sealed value: 2, id (8), salt (16), nonce (12), ciphertext, tag (16); of a MAC: id (8), HMAC (32).
 * @param isFirst whether it is `master.key`: what that makes has no id, and a sealed value begins with 1
 */
export function createMasterKey(bytes: Uint8Array, isFirst: boolean): MasterKey {
  if (bytes.length !== MASTER_KEY_BYTES) throw new RangeError(`a master key has ${MASTER_KEY_BYTES} bytes`);
  const derive = (salt: Uint8Array | string, info: string, length: number): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', bytes, salt, info, length));
  const id = derive('', 'sworn master key id v1', ID_BYTES);
  const prefix = isFirst ? new Uint8Array() : id;
  const begin = Buffer.concat([Uint8Array.of(isFirst ? UNNAMED : NAMED), prefix]);
  const header = begin.length + SALT_BYTES + NONCE_BYTES;
  const keyOf = (salt: Uint8Array): Uint8Array => derive(salt, 'sworn seal v1', MASTER_KEY_BYTES);
  // A key object, made once: with one made of bytes each time, a MAC takes four times as long.
  const macKey = createSecretKey(derive('', 'sworn mac v1', MASTER_KEY_BYTES));
  const mac = (text: Uint8Array): Uint8Array =>
    Buffer.concat([prefix, createHmac('sha256', macKey).update(text).digest()]);
  return {
    id: Buffer.from(id).toString('hex'),
    seal(plain, context) {
      const salt = randomBytes(SALT_BYTES);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, keyOf(salt), nonce);
      cipher.setAAD(Buffer.from(context, 'utf8'));
      const body = [cipher.update(plain), cipher.final()];
      return Buffer.concat([begin, salt, nonce, ...body, cipher.getAuthTag()]);
    },
    open(sealed, context) {
      if (sealed.length < header + TAG_BYTES) return undefined;
      const salt = sealed.subarray(begin.length, begin.length + SALT_BYTES);
      const nonce = sealed.subarray(begin.length + SALT_BYTES, header);
      const decipher = createDecipheriv(CIPHER, keyOf(salt), nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context, 'utf8'));
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      try {
        const body = decipher.update(sealed.subarray(header, sealed.length - TAG_BYTES));
        return Buffer.concat([body, decipher.final()]);
      } catch {
        return undefined;
      }
    },
    mac,
    isMac: (given, text) => isEqual(given, mac(text)),
    macs: [
      Buffer.concat([prefix, Buffer.alloc(MAC_BYTES, 0)]),
      Buffer.concat([prefix, Buffer.alloc(MAC_BYTES, 0xff)]),
    ],
  };
}

/** Which key something names: the first one, which has no name there, or the one of an id. */
export type NamedKey = 'first' | { readonly id: string };

/** The key that a sealed value names; undefined where it is none. */
export function keyOfSealed(sealed: Uint8Array): NamedKey | undefined {
  if (sealed[0] === UNNAMED) return 'first';
  return sealed[0] === NAMED && sealed.length > ID_BYTES ? named(sealed.subarray(1)) : undefined;
}

/** The key that a MAC names; undefined where it is none. */
export function keyOfMac(mac: Uint8Array): NamedKey | undefined {
  if (mac.length === MAC_BYTES) return 'first';
  return mac.length === ID_BYTES + MAC_BYTES ? named(mac) : undefined;
}

function named(bytes: Uint8Array): NamedKey {
  return { id: Buffer.from(bytes.subarray(0, ID_BYTES)).toString('hex') };
}
