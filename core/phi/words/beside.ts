import type { Claims } from './claim.ts';
import type { Word } from './run.ts';

/** The small word before a word of the run, in the run or before it. */
export function wordBefore(claims: Claims, index: number): string {
  const { words, left } = claims.run;
  if (index === 0) return left.words[0] ?? '';
  const before = words[index - 1] as Word;
  return (words[index] as Word).gap === 'space' ? before.text : '';
}

/** The word after a word of the run, in the run or after it. */
export function wordAfter(claims: Claims, index: number): string {
  const { words, right } = claims.run;
  const next = words[index + 1];
  return next === undefined
    ? (right[0] ?? '')
    : next.gap === 'space' || next.gap === 'hyphen'
      ? next.text
      : '';
}
