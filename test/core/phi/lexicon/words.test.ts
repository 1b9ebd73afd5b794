import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFrontCoded } from '#core/phi/lexicon/front-code.ts';
import { pack } from '#core/phi/lexicon/pack.ts';
import { Words } from '#core/phi/lexicon/words.ts';

/** Few letters, so that many words begin alike, and some longer than an entry can count. */
const WORD = fc.stringMatching(/^[ab' -]{1,40}$|^[a-z]{1,9}$/);
const WORDS = fc.uniqueArray(WORD, { minLength: 1, maxLength: 200 });

/** Front-codes a list as the lists in the folder are. */
function frontCode(words: readonly string[]): string {
  return words
    .map((word, index) => {
      const before = words[index - 1] ?? '';
      let shared = 0;
      while (shared < Math.min(25, word.length - 1) && word[shared] === before[shared]) shared += 1;
      return String.fromCharCode(65 + shared) + word.slice(shared);
    })
    .join('');
}

test('a front-coded list gives its words back', () => {
  fc.assert(
    fc.property(WORDS, (listed) => {
      const words = [...listed].sort();
      expect(decodeFrontCoded(frontCode(words))).toEqual(words);
    }),
  );
});

test('the examples of the documentation hold', () => {
  expect(decodeFrontCoded('AabandonHedDte')).toEqual(['abandon', 'abandoned', 'abate']);
  expect(decodeFrontCoded('AsalemDtBioux falls')).toEqual(['salem', 'salt', 'sioux falls']);
});

test('packed words have their masks, and no other word has one', () => {
  let others = 0;
  fc.assert(
    fc.property(WORDS, WORDS, fc.integer({ min: 1, max: 900 }), (listed, asked, masks) => {
      const map = new Map(listed.map((word, index) => [word, 1 + (index % masks)]));
      const words = new Words(pack(map));
      expect(words.size).toBe(listed.length);
      for (const word of listed) expect(words.get(word.toUpperCase())).toBe(map.get(word));
      for (const word of [
        ...asked,
        ...listed.flatMap((word) => [`${word}a`, word.slice(0, -1), `a${word}`]),
      ]) {
        expect([word, words.get(word)]).toEqual([word, map.get(word) ?? 0]);
        if (!map.has(word)) others += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(others).toBeGreaterThan(1000);
});

test('more masks than one byte tells apart', () => {
  const map = new Map(Array.from({ length: 2000 }, (_, i) => [`w${i}`, i + 1]));
  const words = new Words(pack(map));
  for (const [word, mask] of map) expect(words.get(word)).toBe(mask);
});

test('a stretch of a text is looked up where it stands', () => {
  const words = new Words(pack(new Map([['rose', (1 << 23) | 1]])));
  expect(words.get('a rose is', 2, 6)).toBe((1 << 23) | 1);
  expect(words.get('a rose is', 2, 5)).toBe(0);
  expect(words.get('ros\u00e9')).toBe(0);
  expect(words.get('')).toBe(0);
  expect(new Words(pack(new Map())).get('rose')).toBe(0);
});

test('what is no key is refused', () => {
  for (const word of ['', 'Rose', 'ros\u00e9', 'a'.repeat(256)]) {
    expect(() => pack(new Map([[word, 1]]))).toThrow('is no key');
  }
  const longest = 'a'.repeat(255);
  expect(new Words(pack(new Map([[longest, 7]]))).get(longest)).toBe(7);
});
