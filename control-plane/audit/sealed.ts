import { fromBinary } from '@bufbuild/protobuf';
import { EvidenceError } from '#core/evidence/error.ts';
import { intervalKeyId } from '#core/evidence/seal/interval-key.ts';
import { ciphertextDigest, keysDigest } from '#core/evidence/seal/seal.ts';
import { type Record, type SealedPayload, SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { isEqual } from '../../program/equal.ts';

/** A nonce, a key and a tag: see record.proto. */
const WRAPPED_KEY_BYTES = 12 + 32 + 16;

/** What a record says of its payload. */
export type Stated = Pick<Record, 'ciphertextSha256' | 'keysSha256'>;

/**
 * Checks that bytes are a sealed payload, as far as that shows without a key.
 * @param stated what the record says of it; where undefined, nothing is stated
 * @returns what is wrong; undefined when nothing is
 */
export function checkSealed(bytes: Uint8Array, stated: Stated | undefined): string | undefined {
  const sealed = readSealed(bytes);
  if (sealed === undefined) return 'the payload is not a serialised sworn.audit.v1.SealedPayload';
  if (!isIntervalKey(sealed.intervalKey)) return 'interval_key is not a JWE to an evidence key';
  if (sealed.wrappedKey.length !== WRAPPED_KEY_BYTES) return 'wrapped_key is not a wrapped key';
  if (sealed.parts.length === 0) return 'the payload has no part';
  return stated && checkStated(sealed, stated);
}

/** Compares a sealed payload with its record: what is wrong; undefined when nothing is. */
export function checkStated(sealed: SealedPayload, stated: Stated): string | undefined {
  if (!isEqual(stated.ciphertextSha256, ciphertextDigest(sealed.parts))) {
    return 'ciphertext_sha256 is not the digest of the parts';
  }
  // Planes before this field said nothing of the keys.
  if (stated.keysSha256.length === 0 || isEqual(stated.keysSha256, keysDigest(sealed))) return undefined;
  return 'keys_sha256 is not the digest of the keys';
}

/** A sealed payload; undefined when the bytes are none. */
export function readSealed(bytes: Uint8Array): SealedPayload | undefined {
  try {
    return fromBinary(SealedPayloadSchema, bytes);
  } catch {
    return undefined;
  }
}

function isIntervalKey(jwe: string): boolean {
  try {
    intervalKeyId(jwe);
    return true;
  } catch (error) {
    if (error instanceof EvidenceError) return false;
    throw error;
  }
}
