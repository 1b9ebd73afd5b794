import type { Assertion } from './node.ts';

/** What stands before a place in the text, as far as an assertion can ask. */
export const BEFORE_NOTHING = 0;
export const BEFORE_NEWLINE = 1;
export const BEFORE_WORD = 2;
export const BEFORE_OTHER = 3;

const HOLDING: readonly ReadonlySet<Assertion>[] = buildHolding();

/** The assertions that hold between what stands before a place and what stands after it. */
export function assertionsThatHold(before: number, after: number): ReadonlySet<Assertion> | undefined {
  return HOLDING[before * 4 + after];
}

function buildHolding(): ReadonlySet<Assertion>[] {
  const table: ReadonlySet<Assertion>[] = [];
  for (let before = 0; before < 4; before++) {
    for (let after = 0; after < 4; after++) {
      const holds = new Set<Assertion>();
      if (before === BEFORE_NOTHING) holds.add('text-start');
      if (after === BEFORE_NOTHING) holds.add('text-end');
      if (before === BEFORE_NOTHING || before === BEFORE_NEWLINE) holds.add('line-start');
      if (after === BEFORE_NOTHING || after === BEFORE_NEWLINE) holds.add('line-end');
      holds.add((before === BEFORE_WORD) === (after === BEFORE_WORD) ? 'not-word' : 'word');
      table.push(holds);
    }
  }
  return table;
}
