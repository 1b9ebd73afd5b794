import { describe, expect, test } from 'vitest';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { compileIdentifier, DEFAULT_SCORE } from '#core/phi/custom/identifier.ts';
import { createRuleDetector, type Detector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { sessionOf } from '../replace/session.ts';
import { type Code, codes, STUDY_CODE } from './codes.ts';

const builtIn = createRuleDetector();
const detect = (code: Code) => addIdentifiers(builtIn, codes(code));
const found = (detector: Detector, text: string) =>
  detector.scan(text).map(({ entity, start, end }) => [entity, text.slice(start, end)]);

test('without identifiers the detector is the built-in one', () => {
  expect(addIdentifiers(builtIn, [])).toBe(builtIn);
});

test('a finding has its name, place, score and rule', () => {
  expect(detect({ pattern: 'ST-\\d{4}' }).scan('see ST-0042.')).toEqual([
    { entity: 'STUDY_CODE', start: 4, end: 11, score: DEFAULT_SCORE, rule: 'trials.STUDY_CODE' },
  ]);
});

test.each([
  ['a boundary that is not asked for is not there', 'ST-\\d{4}', 'xxST-00421', ['ST-0042']],
  ['a boundary that is asked for is', '\\bQX~\\d{4}\\b', 'xQX~0042 QX~00421 QX~0042', ['QX~0042']],
  ['a boundary before what is no word', '\\b-\\d{4}', '-0042 a-0043', ['-0043']],
  ['the start of the text', '^\\w{4}', 'abcd efgh', ['abcd']],
  ['the start of a line', '(?m)^id \\w{2}$', 'id ab\nid cd\nx id ef', ['id ab', 'id cd']],
  ['the end of the text', '\\d{4}$', '1234 5678', ['5678']],
  ['case', '(?i)study \\d{3}', 'STUDY 123, ſtudy 456', ['STUDY 123', 'ſtudy 456']],
  ['the longest', 'ST-\\d{2}|ST-\\d{2}-X', 'ST-42-X', ['ST-42-X']],
  ['several beside one another', '[A-Z]{3}', 'ABCDEF', ['ABC', 'DEF']],
  ['characters beyond 65,535', '[😀-😂]{3}', '😀😁😂😂', ['😀😁😂']],
  ['any character', 'ST.{3}', 'ST😀😀😀ST12\n', ['ST😀😀😀']],
  ['what is normalised', 'ST-\\d{3}', 'ＳＴ\u2013１２３, S\u200bT-456', ['ＳＴ\u2013１２３', 'S\u200bT-456']],
  ['a dash of the pattern', 'ST[\u2013/]\\d{3}', 'ST-123, ST\u2013456', ['ST-123', 'ST\u2013456']],
])('%s', (_what, pattern, text, expected) => {
  expect(found(detect({ pattern }), text)).toEqual(expected.map((value) => ['STUDY_CODE', value]));
});

describe('words of the context', () => {
  const bed = detect({ pattern: '[a-z]\\d{3}', context: ['bed', 'room no.', '#'] });
  test.each([
    ['bed a123', true],
    ['BED a123', true],
    ['Room\nNo. a123', true],
    ['beds a123', false],
    ['embed a123', false],
    ['a123 bed', false],
    ['# a123', true],
    [`bed${'.'.repeat(80)}a123`, true],
    [`bed${'.'.repeat(81)}a123`, false],
    ['ｂed a123', true],
  ])('%j: %s', (text, expected) => {
    expect(found(bed, text).length > 0).toBe(expected);
  });

  test('may be the key of a value in JSON', () => {
    const masker = createMasker(bed, { default: 'placeholder', entities: {} });
    expect(masker.maskJson('{"bed":"a123","other":"a123"}').text).toBe(
      '{"bed":"[STUDY_CODE]","other":"a123"}',
    );
  });
});

test('the start of a text is that of the string in JSON, whatever its key', () => {
  const masker = createMasker(detect({ pattern: '^st\\w{3}' }), { default: 'placeholder', entities: {} });
  expect(masker.maskJson('{"code":"st123 st456"}').text).toBe('{"code":"[STUDY_CODE] st456"}');
});

describe('beside what the catalogue has', () => {
  const SSN = '078-05-1120';
  test('less sure findings of the catalogue give way', () => {
    const unknown = 'Study code: ST-004711';
    expect(found(builtIn, unknown)).toEqual([['UNIQUE_ID', 'ST-004711']]);
    expect(found(detect({ pattern: 'ST-\\d{6}' }), unknown)).toEqual([['STUDY_CODE', 'ST-004711']]);
  });

  test('as sure ones do not, and no part of either is left', () => {
    const wide = detect({ pattern: 'no\\. [0-9-]{11} kg', score: 0.8 });
    expect(found(wide, `SSN no. ${SSN} kg`)).toEqual([
      ['STUDY_CODE', 'no. '],
      ['US_SSN', SSN],
      ['STUDY_CODE', ' kg'],
    ]);
    const same = detect({ pattern: '\\d{3}-\\d{2}-\\d{4}', score: 0.95 });
    expect(found(same, `SSN ${SSN}`)).toEqual([['US_SSN', SSN]]);
  });

  test('surer identifiers win, but never when they stay unmasked', () => {
    const same = detect({ pattern: '\\d{3}-\\d{2}-\\d{4}', score: 1 });
    expect(found(same, `SSN ${SSN}`)).toEqual([['STUDY_CODE', SSN]]);
    const plan = { default: 'placeholder', entities: { [STUDY_CODE]: 'none' } } as const;
    expect(createMasker(same, plan).mask(`SSN ${SSN}`).text).toBe('SSN [US_SSN]');
  });
});

test('are masked by the choice of their name', () => {
  const detector = detect({ pattern: 'ST-\\d{6}' });
  const mask = (method: 'placeholder' | 'numbered' | 'hash' | 'last-four' | 'none' | 'year') =>
    createMasker(detector, { default: 'none', entities: { [STUDY_CODE]: method } }, sessionOf()).mask(
      'ST-004711 ST-004712 ST-004711',
    );
  expect(mask('placeholder')).toEqual({
    text: '[STUDY_CODE] [STUDY_CODE] [STUDY_CODE]',
    counts: { STUDY_CODE: 3 },
  });
  expect(mask('numbered').text).toBe('[STUDY_CODE_1] [STUDY_CODE_2] [STUDY_CODE_1]');
  expect(mask('last-four').text).toBe(
    '[STUDY_CODE_ENDING_4711] [STUDY_CODE_ENDING_4712] [STUDY_CODE_ENDING_4711]',
  );
  expect(mask('hash').text).toMatch(/^(\[STUDY_CODE_[a-z]{16}\]) (?!\1)\[STUDY_CODE_[a-z]{16}\] \1$/);
  expect(mask('year').text).toBe('[STUDY_CODE] [STUDY_CODE] [STUDY_CODE]');
  expect(mask('none')).toEqual({ text: 'ST-004711 ST-004712 ST-004711', counts: {} });
});

test('the same definition is compiled once', () => {
  const identifier = { entity: STUDY_CODE, rule: 'a.STUDY_CODE', pattern: 'ST-\\d', context: [], score: 1 };
  expect(compileIdentifier({ ...identifier })).toBe(compileIdentifier({ ...identifier }));
  expect(compileIdentifier({ ...identifier, score: 0 })).not.toBe(compileIdentifier(identifier));
});
