import { type CharSet, MAX_CODE_POINT } from './chars.ts';

/**
 * The code points in classes that no pattern of the set tells apart, so that a transition table has a column
 * per class and not per code point.
 */
export interface Alphabet {
  /** How many classes there are; they are numbered from 0. */
  readonly size: number;
  /** The class of each code point below 65,536. */
  readonly basic: Uint16Array;
  /** The class of a code point above. */
  classOf(codePoint: number): number;
  /** One flag per class: whether its code points are in the set. The set must be one that was given. */
  members(set: CharSet): Uint8Array;
}

/** Splits all of Unicode along the bounds of the sets. */
export function createAlphabet(sets: Iterable<CharSet>): Alphabet {
  const bounds = new Set<number>([0]);
  for (const set of sets) {
    for (let i = 0; i < set.length; i += 2) {
      bounds.add(set[i] ?? 0);
      bounds.add((set[i + 1] ?? 0) + 1);
    }
  }
  bounds.delete(MAX_CODE_POINT + 1);
  const starts = Uint32Array.from(bounds).sort();
  const basic = new Uint16Array(0x10000);
  starts.forEach((start, index) => {
    if (start < basic.length) basic.fill(index, start, starts[index + 1] ?? basic.length);
  });
  const classOf = (codePoint: number): number => {
    let lo = 0;
    let hi = starts.length - 1;
    while (lo < hi) {
      const middle = (lo + hi + 1) >> 1;
      if ((starts[middle] ?? 0) <= codePoint) lo = middle;
      else hi = middle - 1;
    }
    return lo;
  };
  const members = (set: CharSet): Uint8Array => {
    const flags = new Uint8Array(starts.length);
    for (let i = 0; i < set.length; i += 2) {
      flags.fill(1, classOf(set[i] ?? 0), classOf(set[i + 1] ?? 0) + 1);
    }
    return flags;
  };
  return { size: starts.length, basic, classOf, members };
}
