import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WordTable } from '#core/phi/lexicon/table.ts';
import { decodeFrontCoded } from './front-code.ts';

const WORDS = fc.uniqueArray(fc.stringMatching(/^[a-z' -]{1,30}$/), { minLength: 1, maxLength: 200 });

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

test('a front-coded list gives its words back, and only those', () => {
  fc.assert(
    fc.property(WORDS, WORDS, (listed, others) => {
      const words = [...listed].sort();
      const list = frontCode(words);
      expect(decodeFrontCoded(list)).toEqual(words);
      const table = new WordTable(512, 16);
      table.addFrontCoded(list, 5);
      expect(table.size).toBe(words.length);
      for (const word of words) expect(table.get(word.toUpperCase())).toBe(5);
      for (const word of others) expect(table.get(word)).toBe(words.includes(word) ? 5 : 0);
    }),
  );
});

test('the examples of the documentation hold', () => {
  expect(decodeFrontCoded('AabandonHedDte')).toEqual(['abandon', 'abandoned', 'abate']);
  expect(decodeFrontCoded('AsalemDtBioux falls')).toEqual(['salem', 'salt', 'sioux falls']);
});

test('bits add up, save where the mask holds a bit that excludes them', () => {
  const table = new WordTable(16, 16);
  table.add('rose', 1 << 23);
  table.add('rose', 1);
  table.add('rose', 2, 1);
  expect(table.get('rose')).toBe((1 << 23) | 1);
  expect(table.get('ros')).toBe(0);
  expect(table.get('a rose is', 2, 6)).toBe((1 << 23) | 1);
});

test('what does not fit is refused', () => {
  const table = new WordTable(4, 16);
  expect(() => table.add('a', 1 << 24)).toThrow('no such bit');
  expect(() => table.add('a'.repeat(256), 1)).toThrow('too long');
  for (const word of ['b', 'c']) table.add(word, 1);
  expect(() => table.add('d', 1)).toThrow('full');
});
