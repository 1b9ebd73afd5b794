import type { EntityName } from '../entities.ts';

/**
 * Consonants: without digits a token is no identifier to the detector, without vowels it is no word. In brackets with the
 * entity it is safe in JSON strings, in URLs but for their brackets, and in Markdown.
 */
const ALPHABET = 'bcdfghjkmnpqrstv';
/** 32 bits: among a thousand values of one entity in a session, two share a code with a chance of 1 in 8,600. */
const SHORT_BYTES = 4;
/** 64 bits, for a value whose short code is taken in its session. */
const LONG_BYTES = 8;

/** Any token in a text; the first group is its entity. */
export const TOKEN = new RegExp(`\\[([A-Z][A-Z0-9_]{2,39})_[${ALPHABET}]{8}(?:[${ALPHABET}]{8})?\\]`, 'g');
/** At the end of a text, what may become a token with what follows. */
export const TOKEN_START = new RegExp(`\\[(?:[A-Z][A-Z0-9_]{0,40}[${ALPHABET}]{0,16})?$`);

/**
 * The tokens for a value, a short one and, where that is taken, a long one: `[PERSON_kqvbtmhc]`.
 * @param digest of entity and value, with a key that only their session has: 32 bytes
 */
export function tokensOf(entity: EntityName, digest: Uint8Array): readonly [string, string] {
  const code = (bytes: number) =>
    Array.from(
      digest.subarray(0, bytes),
      (byte) => `${ALPHABET.charAt(byte >> 4)}${ALPHABET.charAt(byte & 15)}`,
    ).join('');
  return [`[${entity}_${code(SHORT_BYTES)}]`, `[${entity}_${code(LONG_BYTES)}]`];
}
