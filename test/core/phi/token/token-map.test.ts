import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { ENTITIES, type EntityName } from '#core/phi/entities.ts';
import { tokensOf } from '#core/phi/token/token.ts';
import { TokenMap } from '#core/phi/token/token-map.ts';
import { createTokenizer } from '#core/phi/token/tokenizer.ts';

const KEY = new Uint8Array(32).fill(1);
const detector = createDetector();

function open(key = KEY) {
  const map = new TokenMap(key);
  const tokenizer = createTokenizer(detector, detector.entities, map, () => {});
  return { map, tokenizer };
}

test('a value has one token however it is written, and another one in each session', () => {
  const { map } = open();
  const ssn = map.take('US_SSN', '078-05-1120', '078-05-1120');
  expect(map.take('US_SSN', '078051120', '078051120')).toBe(ssn);
  expect(ssn).toMatchObject({ token: expect.stringMatching(/^\[US_SSN_[a-z]{8}\]$/), value: '078-05-1120' });
  const other = open(new Uint8Array(32).fill(2)).map;
  expect(other.take('US_SSN', '078051120', '078051120').token).not.toBe(ssn.token);
  expect(other.find(ssn.token)).toBeUndefined();
});

test('two values with one short code are told apart', () => {
  const { map } = open();
  const [first, second] = ['Ada', 'Bob'].map((value) => map.take('PERSON', value, value).token);
  expect(first).not.toBe(second);
  // A digest of which the beginning is taken already.
  const taken = tokensOf('PERSON' as EntityName, new Uint8Array(32).fill(0x11));
  expect(taken).toEqual(['[PERSON_cccccccc]', '[PERSON_cccccccccccccccc]']);
});

test('what was written comes back, accents, escapes and all', () => {
  const { map, tokenizer } = open();
  const text = 'Patient: Jose\u0301 Mu\u0308ller, MRN 00482913.';
  const masked = tokenizer.mask(text).text;
  expect(masked).toMatch(/^Patient: \[PERSON_[a-z]{8}\], MRN \[MRN_[a-z]{8}\]\.$/);
  expect(map.expand(masked)).toBe(text);
  const json = JSON.stringify({ name: 'Jos\u00e9 "Pepe" Muster', mrn: 482913 }).replace('\u00e9', '\\u00e9');
  const back = map.expand(tokenizer.maskJson(json).text);
  expect(back).toContain('José');
});

test('tokens are never found again', () => {
  const frames = ['Patient: {}, MRN {}', '{} said {}.', 'Dr. {} of {}', 'DOB: {} SSN: {}', 'call {}', '{}'];
  const names = ENTITIES.map(({ name }) => name);
  fc.assert(
    fc.property(
      fc.constantFrom(...frames),
      fc.constantFrom(...names),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.boolean(),
      (frame, name, digest, isLong) => {
        const text = frame.replaceAll('{}', tokensOf(name, digest)[isLong ? 1 : 0]);
        expect(detector.scan(text)).toEqual([]);
      },
    ),
  );
});

test('a value is replaced wherever it stands as a whole word', () => {
  const { map } = open();
  const found: string[] = [];
  const { token } = map.take('MRN', '00482913', '00482913');
  map.take('PHONE_NUMBER', '(617) 555-0134', '(617) 555-0134');
  const swept = map.sweep('chart 00482913, not 004829131 or x00482913; (617) 555-0134', ({ entity }) => {
    found.push(entity);
  });
  expect(swept).toMatch(/^chart \[MRN_[a-z]+\], not 004829131 or x00482913; \[PHONE_NUMBER_[a-z]+\]$/);
  expect(found).toEqual(['MRN', 'PHONE_NUMBER']);
  expect(map.sweep(swept, () => {})).toBe(swept);
  expect(swept).toContain(token);
});

test('values around values do not grow without end', () => {
  const { map } = open();
  let token = map.take('PERSON', 'Maria Beispiel', 'Maria Beispiel').token;
  for (let depth = 0; depth < 20; depth++) {
    const url = `https://x/${token.repeat(12)}${depth}`;
    token = map.take('URL', url, url).token;
    expect(map.find(token)?.value.length).toBeLessThanOrEqual(2_000);
  }
});

test('a place of one word is replaced only where it is found as one', () => {
  const { map } = open();
  map.take('CITY', 'Reading', 'Reading');
  map.take('CITY', 'Bad Musterstadt', 'Bad Musterstadt');
  expect(map.sweep('Reading in Bad Musterstadt', () => {})).toMatch(/^Reading in \[CITY_[a-z]+\]$/);
});

test('a value around a token comes back whole', () => {
  const { map } = open();
  const inner = map.take('PERSON', 'Maria Beispiel', 'Maria Beispiel').token;
  const outer = map.take('URL', `https://ehr.example/${inner}`, `https://ehr.example/${inner}`);
  expect(outer.value).toBe('https://ehr.example/Maria Beispiel');
});
