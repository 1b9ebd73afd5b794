import type { CharSet } from '#core/pattern/chars.ts';
import type { Steps } from '../automaton/threads.ts';

/**
 * Sorts of characters by what values may begin with them, from the first class of each on; what is in none is another.
 * Few of the labels before a word matter when digits are wanted behind them.
 */
export const SORTS: readonly CharSet[] = [[0x61, 0x7a], [0x30, 0x39], [0x41, 0x5a], []];

/**
 * What the patterns of rules become: all that a plan needs of them but the expressions that measure values. It is numbers
 * alone, and working it out costs a hundred times as much as reading it from where it is kept.
 */
export interface Patterns {
  /** First the values of the rules, then what stands before them, then what ends a match. */
  readonly steps: Steps;
  /** `(class << shiftOf(steps)) + class`: whether a value may begin with the second behind the first. */
  readonly pairs: Uint8Array;
  /** By rule, a bit for each of SORTS that its value may begin with. */
  readonly sorts: Uint8Array;
  /** By rule, one flag: whether it needs no label. */
  readonly forms: Uint8Array;
  /** By rule, flags of `firstUnits`, one rule after the other. */
  readonly firsts: Uint8Array;
  readonly looks: LookPatterns;
}

/** What rules look back at, one pattern after the other, and then what ends a match. */
export interface LookPatterns {
  readonly steps: Steps;
  /** By pattern. */
  readonly rules: Int32Array;
  readonly bounded: Uint8Array;
  /** What follows for the value when the pattern is there, and when it is not. */
  readonly there: Uint8Array;
  readonly missing: Uint8Array;
}

/** By how much a class is shifted where two are one number. */
export function shiftOf({ size }: Steps): number {
  return Math.ceil(Math.log2(size));
}

/** The classes that end a match, which have a pattern of their own, the last one. */
export function boundsOf({ sets, argument, starts }: Steps): Uint8Array {
  return sets[argument[starts.at(-1) as number] as number] as Uint8Array;
}

/** By class, the sort of its characters. */
export function sortClasses({ size, classes }: Steps): Uint8Array {
  const sorts = new Uint8Array(size).fill(SORTS.length - 1);
  SORTS.forEach(([from = 1, to = 0], sort) => {
    for (let unit = from; unit <= to; unit++) sorts[classes[unit] as number] = sort;
  });
  return sorts;
}
