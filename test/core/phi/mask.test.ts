import { expect, test } from 'vitest';
import { ALL_ENTITIES, createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';

/* Numbers and names are invented or published as examples: see text.ts. */
const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });

test('a plan leaves entities as they are, and an unmasked finding hides no masked one', () => {
  const some = createMasker(detector, { default: 'placeholder', entities: { PERSON: 'none' } });
  expect(some.mask('Dr. Smith, SSN 078-05-1120')).toEqual({
    text: 'Dr. Smith, SSN [US_SSN]',
    counts: { US_SSN: 1 },
  });
  const one = createMasker(detector, { default: 'none', entities: { US_SSN: 'placeholder' } });
  // As a member number it would begin further left, and win.
  expect(one.mask('member id 1 078-05-1120').text).toBe('member id 1 [US_SSN]');
});

test('what is certain goes on at once, labels too', () => {
  const codes = createMasker(detector, {
    default: 'placeholder',
    entities: { PERSON: 'none', ORGANIZATION: 'none', CITY: 'none', STREET_ADDRESS: 'none' },
  });
  const stream = codes.stream();
  expect(stream.push('The SSN is: ')).toBe('The SSN is: ');
  expect(stream.push('078-05-11')).toBe('');
  expect(stream.push('20')).toBe('');
  expect(stream.counts).toEqual({});
  expect(stream.push(',')).toBe('[US_SSN],');
  expect(stream.counts).toEqual({ US_SSN: 1 });
  expect(stream.push(' MRN')).toBe(' ');
  expect(stream.push(': ')).toBe('MRN: ');
  expect(stream.push('1234567')).toBe('');
  expect(stream.end()).toBe('[MRN]');
});

test('what is dropped beside a value stays', () => {
  expect(masker.mask('ssn \u200b078-05-1120\u200b\u200b x').text).toBe('ssn \u200b[US_SSN]\u200b\u200b x');
  expect(masker.mask('ssn 078-05-1120\u200b').text).toBe('ssn [US_SSN]\u200b');
});

test('a value across the cap of a block is masked, at every offset', () => {
  for (let n = 2_030; n < 2_060; n++) {
    // RFC 5321 has 64 characters before the @: of more, the last 64 are the address.
    expect(masker.mask(`${'a'.repeat(n)}@example.com`).text).toBe(`${'a'.repeat(n - 64)}[EMAIL_ADDRESS]`);
  }
});

test.each([120, 121, 250, 399, 400, 401, 900, 2_500])(
  'what is too long for an identifier is masked whole, never released: %i characters',
  (length) => {
    for (const label of ['MRN: ', 'account number: ', 'user name: ']) {
      const { text } = masker.mask(
        `${label}${'A1'.repeat(length / 2)}${'7'.repeat(length % 2)}, and he came`,
      );
      expect(text.slice(label.length)).toMatch(/^(?:\[[A-Z_]+\])+, and he came$/);
    }
  },
);

test('what is held back is bounded', () => {
  for (const unit of [
    'a',
    '1 2 ',
    '078-05-11 ',
    'a@',
    '\u200b',
    '1\u200b',
    'e\u0301',
    '\u{1d7ce}',
    '①',
    'ﷺ',
    'Dr. Aa Bb ',
  ]) {
    const stream = masker.stream();
    let out = 0;
    let worst = 0;
    const chunk = unit.repeat(Math.ceil(64 / unit.length));
    for (let given = chunk.length; given < 100_000; given += chunk.length) {
      out += stream.push(chunk).length;
      if (Object.keys(stream.counts).length === 0) worst = Math.max(worst, given - out);
    }
    expect(worst).toBeLessThan(40_000);
  }
});

test('a long run of invisible characters inside a value does not hold the stream', () => {
  const stream = masker.stream();
  stream.push('ssn 078-05-');
  let out = '';
  for (let i = 0; i < 1_000; i++) out += stream.push('\u200b'.repeat(10));
  expect(out.length).toBeGreaterThan(9_000);
  for (const length of [16, 17, 1_000, 4_096]) {
    expect(masker.mask(`ssn 078-05-${'\u200b'.repeat(length)}1120`).text).toBe('ssn [US_SSN]');
  }
});

test('JSON: values are matched under their keys, keys are masked, and numbers become strings', () => {
  const mask = (value: unknown) => JSON.parse(masker.maskJson(JSON.stringify(value)).text) as unknown;
  expect(mask({ ssn: '078051120', other: '78051' })).toEqual({ ssn: '[US_SSN]', other: '78051' });
  expect(mask({ ssn: 219_099_999, other: 219_099_999 })).toEqual({ ssn: '[US_SSN]', other: 219_099_999 });
  expect(mask({ patient_name: 'john smith', mrn: 'A-1234567' })).toEqual({
    patient_name: '[PERSON]',
    mrn: '[MRN]',
  });
  expect(mask({ dateOfBirth: '1980-01-02', memberId: 'XYZ12345' })).toEqual({
    dateOfBirth: '[DATE_OF_BIRTH]',
    memberId: '[HEALTH_PLAN_ID]',
  });
  expect(mask({ ssns: { ssn: ['078051120', ['219099999']] } })).toEqual({
    ssns: { ssn: ['[US_SSN]', ['[US_SSN]']] },
  });
  expect(mask({ patient: { name: 'Jane Doe' }, drug: { name: 'Aspirin Forte' } })).toEqual({
    patient: { name: '[PERSON]' },
    drug: { name: 'Aspirin Forte' },
  });
  expect(mask({ 'a@b.co': { '219-09-9999': 1 } })).toEqual({ '[EMAIL_ADDRESS]': { '[US_SSN]': 1 } });
  expect(mask('SSN 078-05-1120')).toBe('SSN [US_SSN]');
});

test.each([
  ['{"ssn":78051120}\n{"ssn":219099999}\n', '{"ssn":78051120}\n{"ssn":"[US_SSN]"}\n'],
  ['{"mrn":"A-1234567"}{"patient_name":"john smith"} [1]', '{"mrn":"[MRN]"}{"patient_name":"[PERSON]"} [1]'],
  [
    '["MRN","Last Name"]\r\n["204","Smith"]\n[205,"Rose"]',
    '["MRN","Last Name"]\r\n["[MRN]","[PERSON]"]\n["[MRN]","[PERSON]"]',
  ],
  ['{"a":1}\n{"ssn":078051120}', '{"a":1}\n{"ssn":[US_SSN]}'],
])('JSON: documents in a row are each masked as one: %s', (text, expected) => {
  expect(masker.maskJson(text).text).toBe(expected);
  const stream = masker.jsonStream();
  let out = '';
  for (const unit of text) out += stream.push(unit);
  expect(out + stream.end()).toBe(expected);
});

test('JSON: escapes are matched decoded, and what is left stays as it was written', () => {
  const text = String.raw`{"t":"\u0044r\u002e \u004aohn \ud83d\ude00\/\n caf\u00e9", "ssn" : "\u0030\u200b78\u002d05-1120"}`;
  expect(masker.maskJson(text).text).toBe(
    String.raw`{"t":"\u0044r\u002e [PERSON] \ud83d\ude00\/\n caf\u00e9", "ssn" : "[US_SSN]"}`,
  );
});

test.each([
  ['My SSN is 078-05-1120', 'My SSN is [US_SSN]'],
  ['{"ssn":078051120}', '{"ssn":[US_SSN]}'],
  ['{"ssn":"\\x11 078-05-1120', '{"ssn":"\\x11 [US_SSN]'],
  ['{"a":1} SSN 078-05-1120', '{"a":1} SSN [US_SSN]'],
  ["{'ssn':'078051120'}", "{'ssn':'[US_SSN]'}"],
  ['{"a":tru, "ssn":"078051120"}', '{"a":tru, "ssn":"[US_SSN]"}'],
  ['{"ssn":"no', '{"ssn":"no'],
  ['{"ssn":"078051120', '{"ssn":"[US_SSN]'],
  ['{"ssn":219099999', '{"ssn":"[US_SSN]"'],
  [`${'['.repeat(300)}"ssn 078051120"`, `${'['.repeat(300)}"ssn [US_SSN]"`],
  [`{"n":${'1'.repeat(600)},"ssn":"078051120"}`, `{"n":${'1'.repeat(600)},"ssn":"[US_SSN]"}`],
])('what is not JSON is masked as text: %s', (text, expected) => {
  expect(masker.maskJson(text).text).toBe(expected);
  const stream = masker.jsonStream();
  let out = '';
  for (const unit of text) out += stream.push(unit);
  expect(out + stream.end()).toBe(expected);
});

test('an error of the detector passes no text on', () => {
  const broken = createMasker(
    {
      entities: ALL_ENTITIES,
      scan: () => [],
      open: () => {
        throw new Error('broken');
      },
    },
    { default: 'placeholder', entities: {} },
  );
  expect(() => broken.mask('text')).toThrow('broken');
  expect(() => broken.stream()).toThrow('broken');
  expect(() => broken.maskJson('"text"')).toThrow('broken');
});
