import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '#core/pattern/compile.ts';
import { LazyDfa } from '#core/pattern/dfa.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import { checkPattern } from '#core/pattern/set.ts';
import { shareBeginnings } from '#core/pattern/share.ts';
import { measure } from '#core/pattern/size.ts';

const found = (source: string, share: boolean, text: string): boolean => {
  const node = parsePattern(source);
  let hit = false;
  new LazyDfa(compile([share ? shareBeginnings(node) : node])).run(text, () => {
    hit = true;
    return true;
  });
  return hit;
};

const word = fc.string({ unit: fc.constantFrom('a', 'b', '[ab]', '.', 'b?', ''), maxLength: 4 });
const list = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => `(?:${words.join('|')})`);

test('a pattern whose alternatives share their beginnings finds the same', () => {
  fc.assert(
    fc.property(
      list,
      list,
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }),
      (x, y, text) => {
        const source = `c${x}${y}c`;
        expect(found(source, true, text)).toBe(found(source, false, text));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a list of words takes about as many states as it has different beginnings', () => {
  const shared = measure(shareBeginnings(parsePattern('cat|car|cab|dog|do|')));
  expect(shared).toBeLessThan(measure(parsePattern('cat|car|cab|dog|do|')));
  expect(shareBeginnings(parsePattern('ab|ac'))).toEqual(parsePattern('a(?:b|c)'));
});

test('a list of hundreds of names is taken', () => {
  const names = Array.from({ length: 350 }, (_, i) => (i * 7_919 + 12_345).toString(36));
  expect(() => checkPattern(`(?i)\\b(?:${names.join('|')})\\b`)).not.toThrow();
});
