import type { Choice } from './choice.ts';
import { digest, digestValue } from './digest.ts';
import { placeholder } from './placeholder.ts';

/**
 * Sixteen consonants for the sixteen values of four bits. Without digits a token is no identifier to the detector,
 * which may read `MRN_…` as a label and its value; without vowels it is no word.
 */
const ALPHABET = 'bcdfghjkmnpqrstv';
/** 64 bits: among a million values of an entity, two share a token with a chance of 1 in 37 million. */
const TOKEN_BYTES = 8;

/** `[MRN_kqvbtmhcgrpdnsjf]`: the same token for the same value under the same key. */
export const hash: Choice = (entity, value, session) => {
  if (session === undefined) return undefined;
  return placeholder(entity, spell(digestValue(session.key, 'hash', entity, value)));
};

/** Sixteen letters for an id, without what it says: under one key the same for the same id. */
export function hashId(key: Uint8Array, id: string): string {
  return spell(digest(key, 'id', id));
}

function spell(digest: Uint8Array): string {
  let token = '';
  for (const byte of digest.subarray(0, TOKEN_BYTES)) {
    token += ALPHABET.charAt(byte >> 4) + ALPHABET.charAt(byte & 15);
  }
  return token;
}
