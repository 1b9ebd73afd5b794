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

/** Splits all of Unicode along the bounds of the sets, and takes together what is in the same sets. */
export function createAlphabet(given: Iterable<CharSet>): Alphabet {
  const sets = [...given];
  const bounds = new Set<number>([0]);
  for (const set of sets) {
    for (let i = 0; i < set.length; i += 2) {
      bounds.add(set[i] ?? 0);
      bounds.add((set[i + 1] ?? 0) + 1);
    }
  }
  bounds.delete(MAX_CODE_POINT + 1);
  const starts = Uint32Array.from(bounds).sort();
  const stretchOf = (codePoint: number): number => {
    let lo = 0;
    let hi = starts.length - 1;
    while (lo < hi) {
      const middle = (lo + hi + 1) >> 1;
      if ((starts[middle] ?? 0) <= codePoint) lo = middle;
      else hi = middle - 1;
    }
    return lo;
  };
  const { classes, size } = classify(sets, starts.length, stretchOf);
  const basic = new Uint16Array(0x10000);
  starts.forEach((start, index) => {
    if (start < basic.length) basic.fill(classes[index] ?? 0, start, starts[index + 1] ?? basic.length);
  });
  const classOf = (codePoint: number): number => classes[stretchOf(codePoint)] ?? 0;
  const members = (set: CharSet): Uint8Array => {
    const flags = new Uint8Array(size);
    for (let i = 0; i < set.length; i += 2) {
      const last = stretchOf(set[i + 1] ?? 0);
      for (let stretch = stretchOf(set[i] ?? 0); stretch <= last; stretch++) flags[classes[stretch] ?? 0] = 1;
    }
    return flags;
  };
  return { size, basic, classOf, members };
}

/** The class of each stretch between two bounds: those that are in the same sets share one. */
function classify(
  sets: readonly CharSet[],
  stretches: number,
  stretchOf: (codePoint: number) => number,
): { classes: Uint16Array; size: number } {
  const classes = new Uint16Array(stretches);
  /** By class: how many stretches it has, how many of them are in the set, and the class that these get. */
  const sizes = new Int32Array(stretches);
  const inside = new Int32Array(stretches);
  const moved = new Int32Array(stretches);
  sizes[0] = stretches;
  let size = 1;
  for (const set of sets) {
    const touched: number[] = [];
    const ranges: number[] = [];
    for (let i = 0; i < set.length; i += 2) ranges.push(stretchOf(set[i] ?? 0), stretchOf(set[i + 1] ?? 0));
    for (let i = 0; i < ranges.length; i += 2) {
      for (let stretch = ranges[i] as number; stretch <= (ranges[i + 1] as number); stretch++) {
        const own = classes[stretch] as number;
        if (inside[own] === 0) touched.push(own);
        inside[own] = (inside[own] as number) + 1;
      }
    }
    // A class that the set cuts in two becomes two.
    for (const own of touched) {
      const count = inside[own] as number;
      inside[own] = 0;
      moved[own] = own;
      if (count === sizes[own]) continue;
      sizes[own] = (sizes[own] as number) - count;
      sizes[size] = count;
      moved[own] = size;
      size += 1;
    }
    for (let i = 0; i < ranges.length; i += 2) {
      for (let stretch = ranges[i] as number; stretch <= (ranges[i + 1] as number); stretch++) {
        classes[stretch] = moved[classes[stretch] as number] as number;
      }
    }
  }
  return { classes, size };
}
