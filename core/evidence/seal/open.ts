import { EvidenceError } from '../error.ts';
import { type CipherKey, createCipherKey, decrypt, KEY_BYTES, NONCE_BYTES, TAG_BYTES } from './cipher.ts';
import { decompress } from './compress.ts';
import { exchangeKeyContext, type PayloadBinding, partContext, type SealedPayload } from './payload.ts';

/** What an exchange may hold, 64 MiB, and something for what stands around it. */
export const MAX_PAYLOAD_BYTES = 65 * 1024 * 1024;
const WRAPPED_KEY_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** Opens an interval key, 32 bytes, from its compact JWE: `openIntervalKey`, or who keeps the evidence key. */
export type UnwrapInterval = (jwe: string) => Promise<Uint8Array>;

/**
 * Opens a sealed payload: interval key, exchange key, then every part, whole or not at all. That no part is missing at
 * the end is for `ciphertextDigest` to say.
 * @param binding of the place where the payload was found
 * @param limit bytes that come out at most
 * @throws EvidenceError wrong_key (the interval key was sealed to another key, or `unwrapInterval` failed otherwise),
 *   altered (a byte is another, or it is the payload of another place), malformed, too_large
 */
export async function openPayload(
  sealed: SealedPayload,
  unwrapInterval: UnwrapInterval,
  binding: PayloadBinding,
  limit = MAX_PAYLOAD_BYTES,
): Promise<Uint8Array> {
  const intervalKey = await openInterval(sealed.intervalKey, unwrapInterval);
  const exchangeKey = openExchangeKey(intervalKey, sealed.wrappedKey, binding);
  return openParts(exchangeKey, sealed.parts, binding, limit);
}

/**
 * Opens the parts of a payload with the key of their exchange.
 * @throws EvidenceError altered, malformed, too_large
 */
function openParts(
  exchangeKey: CipherKey,
  parts: readonly Uint8Array[],
  binding: PayloadBinding,
  limit = MAX_PAYLOAD_BYTES,
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let left = limit;
  for (const [index, part] of parts.entries()) {
    const piece = decompress(decrypt(exchangeKey, part, partContext(binding, index)), left);
    left -= piece.length;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function openInterval(jwe: string, unwrapInterval: UnwrapInterval): Promise<CipherKey> {
  let bytes: Uint8Array;
  try {
    bytes = await unwrapInterval(jwe);
  } catch (cause) {
    if (cause instanceof EvidenceError) throw cause;
    throw new EvidenceError('wrong_key', 'the evidence key does not open an interval key', cause);
  }
  if (bytes.length !== KEY_BYTES) throw new EvidenceError('malformed', 'an interval key has 32 bytes');
  return createCipherKey(bytes);
}

function openExchangeKey(key: CipherKey, wrapped: Uint8Array, binding: PayloadBinding): CipherKey {
  if (wrapped.length !== WRAPPED_KEY_BYTES) throw new EvidenceError('malformed', 'not a wrapped key');
  return createCipherKey(decrypt(key, wrapped, exchangeKeyContext(binding)));
}
