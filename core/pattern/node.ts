import type { CharSet } from './chars.ts';

/** Where an empty-width assertion holds. */
export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word' | 'not-word';

/**
 * A parsed pattern. Groups leave no trace: a search asks only whether a pattern is found, and so captures and
 * greediness make no difference.
 */
export type PatternNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  | { readonly kind: 'concat'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'alternate'; readonly nodes: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly node: PatternNode;
      readonly min: number;
      readonly max: number;
      /** Where its count stands in the source, where there is one. */
      readonly at?: number;
    };
