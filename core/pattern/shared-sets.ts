import { type CharSet, charSet } from './chars.ts';

/*
 * Sets that patterns have over and over, each made once for all: the built-in rules have tens of thousands of them, and
 * equal sets are known by being the same.
 */

/** Of `aA]`: what a class of two letters is from its first letter on. */
export const PAIR_LENGTH = 3;
const PAIR = /^[A-Za-z]{2}\]$/;

const literals: readonly CharSet[] = Array.from({ length: 0x80 }, (_, c) => [c, c]);
const pairs = new Map<string, CharSet>();

/** The set of one code point. */
export function literalSet(codePoint: number): CharSet {
  return literals[codePoint] ?? [codePoint, codePoint];
}

/** The set of a class of two letters, from what stands behind its bracket; undefined for any other. */
export function pairSet(rest: string): CharSet | undefined {
  if (!PAIR.test(rest)) return undefined;
  const [a, b] = [rest.charCodeAt(0), rest.charCodeAt(1)];
  const set = pairs.get(rest) ?? charSet([a, a, b, b]);
  pairs.set(rest, set);
  return set;
}
