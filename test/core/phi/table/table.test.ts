import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_ENTITIES, createDetector, createRuleDetector, scanWhole } from '#core/phi/detect.ts';
import { JudgedScan } from '#core/phi/judge/judged-scan.ts';
import { modelWeights } from '#core/phi/judge/model.ts';
import { createMasker } from '#core/phi/mask.ts';
import { cut, fractions } from '../text.ts';
import { FORMATS, type Format, HARMLESS, tableText } from './tables.ts';

/* All names and numbers are invented. */
const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });

const HEADINGS = ['Med Rec #', 'Last Name', 'Room', 'DOB', 'acct_no', 'memberId', 'Zip', 'Phone'];
const ROWS = [
  ['48213', 'day', '312B', '3/14/75', '8821', '55120', '01602', '5550134'],
  ['7720', 'Okafor', '4', '11/2/68', '9034', '40128', '04401', '6175550142'],
  ['E10488', 'LONG', '18', '19750314', '77120', '104882', '1602', '555-0119'],
];
const ROOMS = ROWS.map((row) => row[2]);
const ENTITIES = [
  'MRN',
  'PERSON',
  undefined,
  'DATE_OF_BIRTH',
  'ACCOUNT_NUMBER',
  'HEALTH_PLAN_ID',
  'ZIP_CODE',
  'PHONE_NUMBER',
];

/** What is found in a text: entities and values. */
function found(text: string, isCounted = (_rule: string): boolean => true): string[] {
  const findings = detector.scan(text).filter(({ rule }) => isCounted(rule));
  return findings.map(({ entity, start, end }) => `${entity} ${text.slice(start, end)}`);
}

/** What headings alone have found. */
function below(text: string): string[] {
  return found(text, (rule) => rule.startsWith('column.'));
}

function feed(chunks: readonly string[]): string {
  const stream = masker.stream();
  return chunks.map((chunk) => stream.push(chunk)).join('') + stream.end();
}

test.each(Object.keys(FORMATS) as Format[])('%s: a heading says what the cells below it are', (format) => {
  const text = tableText(format, HEADINGS, ROWS);
  const expected = ROWS.flatMap((row) =>
    row.flatMap((cell, i) => (ENTITIES[i] === undefined ? [] : [`${ENTITIES[i]} ${cell}`])),
  );
  // Of the rooms the model may say what it will.
  const values = found(`Tool output:\n${text}`).filter((value) => !ROOMS.includes(value.replace(/.* /, '')));
  expect(values).toEqual(expected);
});

test.each(Object.keys(FORMATS) as Format[])('%s: what tells of nobody is as without headings', (format) => {
  for (const { headings, rows } of HARMLESS) {
    const rules = detector.scan(tableText(format, headings, rows)).map(({ rule }) => rule);
    expect(rules.filter((rule) => rule.startsWith('column.'))).toEqual([]);
  }
});

test('cells that have no value of their column are left, and so are empty ones', () => {
  expect(below('MRN,First,Zip\nn/a,none,unknown\n,,\n12.5,pending,\n')).toEqual([]);
});

test('headings may be in Spanish, with their accents or without', () => {
  const rows = [['4471', 'SOL PAZ', '12/05/1961', '5550142', '44100']];
  const values = [
    'MRN 4471',
    'PERSON SOL PAZ',
    'DATE_OF_BIRTH 12/05/1961',
    'PHONE_NUMBER 5550142',
    'ZIP_CODE 44100',
  ];
  for (const headings of [
    ['Expediente', 'Paciente', 'Fecha de nacimiento', 'Teléfono', 'Código postal'],
    ['NHC', 'nombre_completo', 'Fecha Nac', 'TELEFONO', 'CP'],
  ])
    expect(below(tableText('csv', headings, rows))).toEqual(values);
});

test('a table ends at an empty line, and where two rows in a row do not fit', () => {
  const table = 'MRN,Room\n4821,12\n';
  expect(below(`${table}\n4821,12\n`)).toEqual(['MRN 4821']);
  expect(below(`${table}one, two, three\n4822,14\n`)).toEqual(['MRN 4821', 'MRN 4822']);
  expect(below(`${table}one, two, three\nfour\n4822,14\n`)).toEqual(['MRN 4821']);
});

test('the next headings begin the next table', () => {
  expect(below('MRN,Room\n4821,12\nRoom,MRN\n12,4822\n')).toEqual(['MRN 4821', 'MRN 4822']);
});

test('a comma within quotation marks parts no cells', () => {
  expect(below('"MRN","Name (Last, First)"\n"4821","day, art"\n')).toEqual(['MRN 4821', 'PERSON day, art']);
});

test('headings in a sentence make no table', () => {
  expect(below('Bring the MRN, name and zip of each patient to the desk today, please\n4821,12,5\n')).toEqual(
    [],
  );
  expect(below('name,city\nbuild,deploy\n')).toEqual([]);
});

test('what a form is surer of stays that', () => {
  const values = found('MRN,Room\n078-05-1120,12\n').filter((value) => value.includes('078'));
  expect(values).toEqual(['US_SSN 078-05-1120']);
});

test('what is not looked for is not found, and hides nothing', () => {
  const scan = detector.open(new Set(['DATE']));
  scan.push('MRN,DOB\n4821,3/14/1975\n');
  scan.end();
  expect(scan.take().map(({ entity }) => entity)).toEqual(['DATE']);
});

const cell = fc.constantFrom(
  '48213',
  'day',
  'Okafor',
  '3/14/75',
  '',
  'x, y',
  '"',
  '|',
  '[',
  'a]',
  '5550134',
  'n/a',
);
const heading = fc.constantFrom('MRN', 'Last Name', 'Zip', 'Phone', 'Room', '', 'Notes on it', 'DOB');
const table = fc
  .tuple(
    fc.constantFrom(...(Object.keys(FORMATS) as Format[])),
    fc.array(heading, { minLength: 1, maxLength: 4 }),
    fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
  )
  .map(([format, headings, rows]) => tableText(format, headings, rows));
const between = fc.constantFrom('', '\n', 'Here it is:\n', '\n\n', 'Seen by Dr. Marsh, MRN 48213.\n', '[1] ');
const tables = fc
  .array(fc.tuple(between, table), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.flat().join(''));

test('every chunking gives what the whole text gives', () => {
  fc.assert(
    fc.property(tables, fractions, (text, places) => {
      expect(feed(cut(text, places))).toBe(masker.mask(text).text);
    }),
    { numRuns: 600 },
  );
});

test('every single split, and unit by unit', () => {
  fc.assert(
    fc.property(tables, (text) => {
      const whole = masker.mask(text).text;
      for (let i = 0; i < text.length; i++) expect(feed([text.slice(0, i), text.slice(i)])).toBe(whole);
      expect(feed([...text])).toBe(whole);
    }),
    { numRuns: 40 },
  );
});

test('an array that is too long for a row ends a table, however it came', () => {
  const text = `["MRN","Room"],[${'"a",'.repeat(600)}],["4821","12"]`;
  const whole = masker.mask(text).text;
  expect(whole).not.toContain('[MRN]');
  for (const size of [1, 64, 1_000, 2_500]) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
      text.slice(i * size, (i + 1) * size),
    );
    expect(feed(chunks)).toBe(whole);
  }
});

test('findings never overlap', () => {
  fc.assert(
    fc.property(tables, (text) => {
      let from = 0;
      for (const { start, end } of detector.scan(text)) {
        expect(start).toBeGreaterThanOrEqual(from);
        expect(end).toBeGreaterThan(start);
        from = end;
      }
    }),
    { numRuns: 400 },
  );
});

test('what is found without headings is found with them', () => {
  const rules = createRuleDetector();
  fc.assert(
    fc.property(tables, (text) => {
      const found = detector.scan(text);
      const scan = new JudgedScan(rules.watch(ALL_ENTITIES), modelWeights(), ALL_ENTITIES);
      for (const { start, end } of scanWhole(scan, text)) {
        for (let i = start; i < end; i++) {
          const isFound = found.some((one) => one.start <= i && i < one.end);
          if (/[A-Za-z0-9]/.test(text.charAt(i))) expect(isFound).toBe(true);
        }
      }
    }),
    { numRuns: 400 },
  );
});
