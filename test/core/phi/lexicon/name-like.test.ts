import { expect, test } from 'vitest';
import { isNameLike, nameLikeness } from '#core/phi/lexicon/name-like.ts';

test('surnames that no list has are spelled as names, words and brands are not', () => {
  const names = ['Volkonsky', 'Ekwuemeh', 'Zubkovic', 'Castellane', 'Hrabětova'];
  const words = ['nebulizer', 'Typenex', 'Unicode', 'recieved', 'metformine'];
  expect(names.filter((name) => !isNameLike(name))).toEqual([]);
  expect(words.filter((word) => nameLikeness(word) >= 0)).toEqual([]);
  expect(names.filter((name) => nameLikeness(name) <= 0)).toEqual([]);
});

test('capitals do not matter, and short words tell nothing', () => {
  expect(nameLikeness('VOLKONSKY')).toBe(nameLikeness('volkonsky'));
  expect(isNameLike('Kov')).toBe(false);
});
