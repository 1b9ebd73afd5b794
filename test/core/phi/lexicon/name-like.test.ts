import { expect, test } from 'vitest';
import { isNameLike, isWordLike } from '#core/phi/lexicon/name-like.ts';

test('surnames that no list has are spelled as names, words and brands are not', () => {
  const names = ['Volkonsky', 'Ekwuemeh', 'Zubkovic', 'Castellane', 'Hrabětova'];
  const words = ['nebulizer', 'Typenex', 'Unicode', 'recieved', 'metformine'];
  expect(names.filter((name) => !isNameLike(name))).toEqual([]);
  expect(words.filter((word) => !isWordLike(word))).toEqual([]);
  expect(names.filter(isWordLike)).toEqual([]);
});

test('capitals do not matter, and short words tell nothing', () => {
  expect(isNameLike('VOLKONSKY')).toBe(isNameLike('volkonsky'));
  expect(isNameLike('Kov')).toBe(false);
});
