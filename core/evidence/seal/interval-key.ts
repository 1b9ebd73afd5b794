import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, type JWK } from 'jose';
import { JOSEError } from 'jose/errors';
import { EvidenceError } from '../error.ts';
import { type CipherKey, createCipherKey, KEY_BYTES } from './cipher.ts';

// X25519 and AES by RFC 7518, sections 4.6 and 5.3, and RFC 8037, section 3.2.
const KEY_ALGORITHM = 'ECDH-ES+A256KW';
const CONTENT_ALGORITHM = 'A256GCM';
const X25519 = { kty: 'OKP', crv: 'X25519' } as const;
/** What the header of one has. */
const HEADER = ['alg', 'enc', 'kid', 'epk'];
/** Ours have about 320 and the kid. */
const MAX_JWE_LENGTH = 4_096;

/** Encrypts the exchange keys of a short time. */
export interface IntervalKey {
  readonly key: CipherKey;
  /** The same key, sealed to the evidence key; goes into every payload. */
  readonly jwe: string;
}

/**
 * An interval key, sealed once. About 0.7 ms, so never once a request. The one-time key pair of the JWE is `jose`'s own.
 * @param random 32 bytes, fresh
 * @param evidenceKey public, OKP X25519 with `kid`
 * @throws EvidenceError malformed: the bytes or the evidence key
 */
export async function createIntervalKey(random: Uint8Array, evidenceKey: JWK): Promise<IntervalKey> {
  const key = createCipherKey(random);
  checkEvidenceKey(evidenceKey);
  const { x, kid } = evidenceKey;
  try {
    const jwe = await new CompactEncrypt(random)
      .setProtectedHeader({ alg: KEY_ALGORITHM, enc: CONTENT_ALGORITHM, kid })
      .encrypt({ ...X25519, x });
    return { key, jwe };
  } catch (cause) {
    throw new EvidenceError('malformed', 'not a public evidence key', cause);
  }
}

/**
 * Opens an interval key with the private evidence key that it was sealed to.
 * @param evidenceKey private, OKP X25519 with the same `kid`
 * @returns 32 bytes
 * @throws EvidenceError malformed (the JWE, or the evidence key), wrong_key (sealed to another evidence key), altered
 */
export async function openIntervalKey(jwe: string, evidenceKey: JWK): Promise<Uint8Array> {
  checkEvidenceKey(evidenceKey);
  const kid = intervalKeyId(jwe);
  if (kid !== evidenceKey.kid) {
    throw new EvidenceError('wrong_key', `sealed to evidence key ${kid}, not to ${evidenceKey.kid}`);
  }
  const plaintext = await decryptJwe(jwe, evidenceKey);
  if (plaintext.length !== KEY_BYTES) throw new EvidenceError('malformed', 'an interval key has 32 bytes');
  return plaintext;
}

/**
 * The `kid` of the evidence key that an interval key was sealed to: which to fetch. Nothing vouches for it.
 * @throws EvidenceError malformed: not a compact JWE of the one kind that is made here
 */
export function intervalKeyId(jwe: string): string {
  // What decodes the same in another spelling would be an alteration that nothing notices.
  if (jwe.length > MAX_JWE_LENGTH || !jwe.split('.').every(isBase64url)) {
    throw new EvidenceError('malformed', 'not a JWE');
  }
  const header = readHeader(jwe);
  const { alg, enc, kid } = header;
  // Any other part would change how it opens, or would have to be understood first.
  const isOther = Object.keys(header).some((name) => !HEADER.includes(name));
  if (isOther || alg !== KEY_ALGORITHM || enc !== CONTENT_ALGORITHM || typeof kid !== 'string') {
    throw new EvidenceError('malformed', 'an interval key of another kind');
  }
  return kid;
}

/** Whether it is base64url in its one canonical form (RFC 7515, section 2). */
function isBase64url(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text;
}

function readHeader(jwe: string) {
  try {
    return decodeProtectedHeader(jwe);
  } catch (cause) {
    throw new EvidenceError('malformed', 'not a JWE', cause);
  }
}

async function decryptJwe(jwe: string, { x, d }: EvidenceKey): Promise<Uint8Array> {
  if (typeof d !== 'string') throw new EvidenceError('malformed', 'not a private evidence key');
  try {
    const { plaintext } = await compactDecrypt(
      jwe,
      { ...X25519, x, d },
      {
        keyManagementAlgorithms: [KEY_ALGORITHM],
        contentEncryptionAlgorithms: [CONTENT_ALGORITHM],
      },
    );
    return plaintext;
  } catch (cause) {
    const failed = cause instanceof JOSEError && cause.code === 'ERR_JWE_DECRYPTION_FAILED';
    throw failed
      ? new EvidenceError('altered', 'an interval key does not authenticate', cause)
      : new EvidenceError('malformed', 'not an interval key', cause);
  }
}

type EvidenceKey = JWK & { kid: string; x: string };

function checkEvidenceKey(key: JWK): asserts key is EvidenceKey {
  if (
    key.kty !== X25519.kty ||
    key.crv !== X25519.crv ||
    typeof key.x !== 'string' ||
    typeof key.kid !== 'string'
  ) {
    throw new EvidenceError('malformed', 'an evidence key is an OKP key for X25519 with a kid');
  }
}
