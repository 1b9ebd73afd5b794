import { type CharSet, charSet } from './chars.ts';
import type { PatternNode } from './node.ts';

/*
 * Sets that patterns have over and over, each made once for all: the built-in rules have tens of thousands of them, and
 * equal sets are known by being the same.
 */

/** Of `aA]`: what a class of two letters is from its first letter on. */
export const PAIR_LENGTH = 3;
const CLASS_END = 0x5d;

const literals: readonly CharSet[] = Array.from({ length: 0x80 }, (_, c) => [c, c]);
/** By both letters. */
const pairs: (CharSet | undefined)[] = [];

/** The set of one code point. */
export function literalSet(codePoint: number): CharSet {
  return literals[codePoint] ?? [codePoint, codePoint];
}

/** The set of a class of two letters, from what stands behind its bracket; undefined for any other. */
export function pairSet(rest: string): CharSet | undefined {
  const [a, b] = [rest.charCodeAt(0), rest.charCodeAt(1)];
  if (rest.charCodeAt(2) !== CLASS_END || !isLetter(a) || !isLetter(b)) return undefined;
  const index = (a << 7) | b;
  const set = pairs[index] ?? charSet([a, a, b, b]);
  pairs[index] = set;
  return set;
}

function isLetter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a);
}

const nodes = new WeakMap<CharSet, PatternNode>();

/** The pattern of one character of a set; the same one for the same set. */
export function setNode(set: CharSet): PatternNode {
  const known = nodes.get(set);
  if (known !== undefined) return known;
  const node: PatternNode = { kind: 'set', set };
  nodes.set(set, node);
  return node;
}
