import { expect, test } from 'vitest';
import { hospitalPhrase, placePhrase } from '#core/phi/lexicon/phrase.ts';

test.each([
  ['new york', 2],
  ['New York today', 2],
  ['st. louis', 2],
  ['Saint Louis', 2],
  ['Ft. Worth', 2],
  ['Fort Worth', 2],
  ['Mt. Pleasant', 2],
  ['salt lake city', 3],
  ['Salt Lake', 2],
  ['San Luis Obispo', 3],
  ['Winston-Salem', 1],
  ['Winston Salem', 2],
  ['Prince of Wales', 0],
  ["O'Fallon", 0],
  ['Buenos Aires', 2],
  ['São Paulo', 2],
  ['New', 0],
  ['left hand', 0],
  ['boston', 0],
  ['', 0],
])('%s begins with a place of %i words', (text, count) => {
  expect(placePhrase(text.split(' '), 0)).toBe(count);
});

test('a place is found from a word on', () => {
  expect(placePhrase(['lives', 'in', 'Des', 'Moines', 'Iowa'], 2)).toBe(2);
  expect(placePhrase(['lives', 'in', 'Des', 'Moines', 'Iowa'], 1)).toBe(0);
  expect(placePhrase(['lives'], 1)).toBe(0);
});

test.each([
  ['Mayo Clinic', 2],
  ['Johns Hopkins Hospital', 3],
  ["Brigham and Women's Hospital in", 4],
  ['Brigham & Women’s Hospital', 4],
  ['Cedars-Sinai Medical Center', 3],
  ['Cedars Sinai Medical Center', 4],
  ['New York', 0],
])('%s begins with a hospital of %i words', (text, count) => {
  expect(hospitalPhrase(text.split(' '), 0)).toBe(count);
});
