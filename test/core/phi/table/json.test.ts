import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { cut, fractions } from '../text.ts';

/* All names and numbers are invented. */
const masker = createMasker(createDetector(), { default: 'placeholder', entities: {} });
const mask = (value: unknown): unknown => JSON.parse(masker.maskJson(JSON.stringify(value)).text);

test('arrays below an array of headings are rows of a table', () => {
  const rows = [
    ['day', '48213', 7, '01602'],
    ['okafor', '7720', 12, 1602],
  ];
  const masked = [
    ['[PERSON]', '[MRN]', 7, '[ZIP_CODE]'],
    ['[PERSON]', '[MRN]', 12, '[ZIP_CODE]'],
  ];
  const columns = ['last_name', 'mrn', 'count', 'zip'];
  expect(mask({ columns, rows })).toEqual({ columns, rows: masked });
  expect(mask([columns, ...rows])).toEqual([columns, ...masked]);
  expect(mask({ table: { columns, rows } })).toEqual({ table: { columns, rows: masked } });
});

test('headings may be the names of objects, one for each column', () => {
  const rows = [
    ['day', '48213', 7],
    ['okafor', 7720, 12],
  ];
  const masked = [
    ['[PERSON]', '[MRN]', 7],
    ['[PERSON]', '[MRN]', 12],
  ];
  const names = ['last_name', 'mrn', 'count'];
  for (const columns of [
    names.map((name) => ({ name, type: 'text', size: 3, isKey: false })),
    names.map((columnName) => ({ type: { id: 25, name: 'text' }, columnName })),
  ]) {
    expect(mask({ columns, rows })).toEqual({ columns, rows: masked });
    expect(mask({ schema: { fields: columns }, rows: [], b: [['day', '412', 7]] })).toEqual({
      schema: { fields: columns },
      rows: [],
      b: [['day', '412', 7]],
    });
  }
  // One has no name: nobody can tell which column is whose.
  const holey = [{ name: 'last_name' }, { type: 'text' }, { name: 'mrn' }];
  expect(mask({ columns: holey, rows: [['day', 'x', '4821']] })).toEqual({
    columns: holey,
    rows: [['day', 'x', '4821']],
  });
});

test('numbers in a column are what its heading says', () => {
  expect(
    mask([
      ['mrn', 'units'],
      [48213, 7720],
    ]),
  ).toEqual([
    ['mrn', 'units'],
    ['[MRN]', 7720],
  ]);
});

test('headings say nothing of what is behind their table', () => {
  const columns = ['mrn', 'count'];
  const masked = { a: { columns, rows: [['[MRN]', '77']] }, b: [['4821', '77']] };
  expect(mask({ a: { columns, rows: [['4821', '77']] }, b: [['4821', '77']] })).toEqual(masked);
});

test('a column without a heading has its place', () => {
  expect(
    mask([
      ['mrn', null, 'zip'],
      ['4821', 'x', '1602'],
    ]),
  ).toEqual([
    ['mrn', null, 'zip'],
    ['[MRN]', 'x', '[ZIP_CODE]'],
  ]);
});

test('what fills up a cell is no part of it', () => {
  expect(
    mask([
      ['mrn', 'last name', 'zip'],
      ['4821  ', ' day', '**1602**\n'],
    ]),
  ).toEqual([
    ['mrn', 'last name', 'zip'],
    ['[MRN]  ', ' [PERSON]', '**[ZIP_CODE]**\n'],
  ]);
});

test('headings of things say nothing', () => {
  const table = { columns: ['id', 'name', 'stock'], rows: [['4821', 'Rollator', 7720]] };
  expect(mask(table)).toEqual(table);
});

const value = fc.constantFrom(
  '48213',
  7720,
  'day',
  'mrn',
  'Zip',
  'Room',
  '',
  null,
  'a "b"',
  '3/14/75',
  {},
  { mrn: '77' },
);
const document = fc.record({
  columns: fc.array(fc.constantFrom('mrn', 'last name', 'zip', 'room', 'dob'), {
    minLength: 1,
    maxLength: 4,
  }),
  rows: fc.array(fc.array(value, { maxLength: 5 }), { maxLength: 4 }),
  more: fc.array(value),
});

test('every chunking gives what the whole document gives, and it stays JSON', () => {
  fc.assert(
    fc.property(document, fractions, (written, places) => {
      const text = JSON.stringify(written);
      const whole = masker.maskJson(text).text;
      const stream = masker.jsonStream();
      const out = cut(text, places).map((chunk) => stream.push(chunk));
      expect(out.join('') + stream.end()).toBe(whole);
      JSON.parse(whole);
    }),
    { numRuns: 400 },
  );
});
