import { expect, test } from 'vitest';
import * as flags from '#core/phi/lexicon/flags.ts';
import { lexicon, lookUp, lookUpIn } from '#core/phi/lexicon/look-up.ts';

const NAMES = Object.entries(flags).filter(([name]) => !['GIVEN', 'FAMILY', 'NAME'].includes(name));

/** The names of the bits of a word. */
function kinds(word: string): string[] {
  const mask = lookUp(word);
  return NAMES.filter(([, bit]) => (mask & bit) !== 0).map(([name]) => name);
}

test.each([
  ['will', 'GIVEN_COMMON FAMILY_COMMON WORD_COMMON WORD'],
  ['grace', 'GIVEN_COMMON FAMILY_COMMON WORD'],
  ['mark', 'GIVEN_COMMON WORD_COMMON'],
  ['may', 'GIVEN_COMMON MONTH WORD_COMMON'],
  ['smith', 'FAMILY_COMMON WORD EPONYM'],
  ['baker', 'FAMILY_COMMON WORD EPONYM'],
  ['nguyen', 'FAMILY_COMMON'],
  ['gonzalez', 'FAMILY_COMMON'],
  ['maria', 'GIVEN_COMMON'],
  ['okonkwo', 'FAMILY_RARE'],
  ['chukwuemeka', 'GIVEN_RARE'],
  ['srinivasan', 'FAMILY_RARE'],
  ['priya', 'GIVEN_RARE'],
  ['xiaoming', 'GIVEN_RARE'],
  ['kowalczyk', 'FAMILY_RARE'],
  ['shevchenko', 'FAMILY_RARE'],
  ['papadopoulos', 'FAMILY_RARE'],
  ['hosseini', 'FAMILY_RARE'],
  ['yildirim', 'FAMILY_RARE'],
  ['tesfaye', 'FAMILY_RARE'],
  ['siobhan', 'GIVEN_RARE'],
  ['parkinson', 'EPONYM FAMILY_COMMON'],
  ['foley', 'EPONYM FAMILY_COMMON'],
  ['crohn', 'EPONYM'],
  ['babinski', 'EPONYM'],
  ['glasgow', 'EPONYM CITY_WORD CITY_MAJOR'],
  ['boston', 'CITY_WORD CITY_MAJOR'],
  ['nairobi', 'CITY_WORD CITY_MAJOR'],
  ['schenectady', 'CITY_WORD'],
  ['salt', 'CITY_FIRST WORD'],
  ['saint', 'CITY_FIRST HOSPITAL_FIRST'],
  ['fort', 'CITY_FIRST'],
  ['texas', 'STATE'],
  ['tx', 'STATE_CODE'],
  ['canada', 'COUNTRY'],
  ['somali', 'COUNTRY'],
  ['march', 'MONTH FAMILY_COMMON WORD'],
  ['wednesday', 'WEEKDAY'],
  ['metformin', 'MEDICAL'],
  ['eliquis', 'MEDICAL'],
  ['staphylococcus', 'MEDICAL'],
  ['cholecystectomy', 'MEDICAL'],
  ['pain', 'MEDICAL WORD_COMMON'],
  ['nstemi', 'MEDICAL'],
  ['dr', 'TITLE STREET'],
  ['md', 'CREDENTIAL STATE_CODE'],
  ['cardiologist', 'ROLE'],
  ['daughter', 'ROLE WORD'],
  ['hospital', 'FACILITY WORD_COMMON'],
  ['llc', 'COMPANY'],
  ['blvd', 'STREET'],
  ['van', 'PARTICLE'],
  ['mayo', 'HOSPITAL_FIRST'],
  ['discussed', 'WORD_COMMON WORD'],
  ['tolerated', 'WORD'],
])('%s is %s', (word, expected) => {
  expect(kinds(word)).toEqual(expect.arrayContaining(expected.split(' ')));
});

test.each([
  ['gonzalez', flags.WORD],
  ['maria', flags.WORD],
  ['nguyen', flags.WORD],
  ['jennifer', flags.WORD],
  ['timothy', flags.WORD],
  ['roger', flags.MEDICAL],
  ['veronica', flags.MEDICAL],
  ['patient', flags.NAME],
  ['denies', flags.NAME],
  ['the', flags.NAME],
  ['brain', flags.NAME],
  ['monday', flags.NAME],
  ['metformin', flags.NAME],
  ['acute', flags.CITY_WORD],
])('%s is not %i', (word, bit) => {
  expect(lookUp(word) & bit).toBe(0);
});

test('what no list has is nothing', () => {
  expect(['', 'qzxvkj', '12', '--', '日本'].map(lookUp)).toEqual([0, 0, 0, 0, 0]);
  expect(lookUp(`${'.'.repeat(255)}boston`)).toBe(0);
});

test('capitals, accents, full stops, possessives and apostrophes do not matter', () => {
  expect(lookUp('BOSTON')).toBe(lookUp('boston'));
  expect(lookUp('Núñez')).toBe(lookUp('nunez'));
  expect(lookUp('Núñez')).not.toBe(0);
  expect(lookUp('Łukasz')).toBe(lookUp('lukasz'));
  expect(lookUp('Søren')).toBe(lookUp('soren'));
  expect(lookUp('M.D.')).toBe(lookUp('md'));
  expect(lookUp('Inc.')).toBe(lookUp('inc'));
  expect(lookUp("Parkinson's")).toBe(lookUp('parkinson'));
  expect(lookUp('Parkinson’s')).toBe(lookUp('parkinson'));
  expect(lookUp("O'Brien")).toBe(lookUp('obrien'));
  expect(lookUp("O'Brien's")).toBe(lookUp('obrien'));
});

test('a stretch of a text is looked up where it stands', () => {
  const text = 'seen by Nguyen, with Núñez';
  expect(lookUpIn(text, 8, 14)).toBe(lookUp('nguyen'));
  expect(lookUpIn(text, 21, 26)).toBe(lookUp('nunez'));
  expect(lookUpIn(text, 8, 13)).toBe(lookUp('nguye'));
});

test('each tier of names leaves the other out, and a common word is a word', () => {
  const words = lexicon();
  expect(words.size).toBeGreaterThan(200_000);
  for (const word of ['james', 'aaliyah', 'smith', 'okafor', 'aarav', 'lee', 'kim']) {
    const mask = lookUp(word);
    expect(mask & flags.NAME).not.toBe(0);
    expect(mask & flags.GIVEN).not.toBe(flags.GIVEN);
    expect(mask & flags.FAMILY).not.toBe(flags.FAMILY);
  }
  expect(lookUp('about') & flags.WORD).toBe(flags.WORD);
});
