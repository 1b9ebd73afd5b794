import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, OffsetMap } from '#core/phi/mask.ts';
import { createTokenizer } from '#core/phi/token/tokenizer.ts';
import { isJsonText, isKindCertain } from '#core/provider/openai/structure.ts';

const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });
const stringify = (value: unknown) => JSON.stringify(value);
/** JSON in a string of JSON, so many times. */
const nest = (text: string, levels: number): string =>
  levels === 0 ? text : nest(stringify({ '': text }), levels - 1);
const unnest = (text: string, levels: number): string =>
  levels === 0 ? text : unnest(JSON.parse(text)[''], levels - 1);

const DOCUMENTS = [
  { patient: '4711' },
  { mrn: '482913', other: { mrn: 482913 } },
  { patient: { name: 'Anna Meier', room: '12' }, drug: { name: 'Aspirin Forte' } },
  { note: 'Patient "Anna Meier"\nMRN\t482913 caf\u00e9 \ud83d\ude00' },
  {
    columns: ['MRN', 'Note'],
    rows: [
      ['482913', 'well'],
      [482914, 'ill'],
    ],
  },
  [{ '078-05-1120': true }, ['born 1980-05-01'], 'SSN 078-05-1120'],
];

describe('JSON in a string of JSON', () => {
  test.each(DOCUMENTS.map(stringify))('is masked as it is by itself: %s', (text) => {
    const { text: masked, counts } = masker.maskJson(text);
    for (const levels of [1, 2, 3]) {
      const nested = masker.maskJson(nest(text, levels));
      expect(unnest(nested.text, levels)).toBe(masked);
      expect(nested.counts).toEqual(counts);
    }
  });

  test('keeps how it is written where nothing is masked, and tells where something is', () => {
    const written = String.raw`{"a" : "\u007b\"b\\u0022: \"c\u0061f\u00e9\",\"d\":7}", "e":"[\n\/{"}`;
    const offsets = new OffsetMap();
    expect(masker.maskJson(written, offsets).text).toBe(written);
    expect(offsets.isEmpty).toBe(true);
    const plain = String.raw`{"a":"{\"mrn\":482913, \"note\":\"caf\\u00e9\"} "}`;
    const at = plain.indexOf('482913');
    const told = new OffsetMap();
    const masked = masker.maskJson(plain, told).text;
    expect(masked).toBe(String.raw`{"a":"{\"mrn\":\"[MRN]\", \"note\":\"caf\\u00e9\"} "}`);
    expect(masked.slice(told.move(at, 'start'), told.move(at + 6, 'end'))).toBe(String.raw`\"[MRN]\"`);
    expect(told.move(plain.length, 'end')).toBe(masked.length);
  });

  test('that is none is masked as a text, under the key that it has', () => {
    const mask = (value: unknown) => JSON.parse(masker.maskJson(stringify(value)).text) as unknown;
    expect(mask({ a: '[1] SSN 078-05-1120', mrn: '[482913]', note: '{MRN 482913}' })).toEqual({
      a: '[1] SSN [US_SSN]',
      mrn: '["[MRN]"]',
      note: '{MRN [MRN]}',
    });
    expect(mask({ columns: ['MRN'], rows: [['{482913}']] })).not.toContain('482913');
    expect(mask({ patient: '{"name":"Jane Doe"}' })).toEqual({ patient: '{"name":"[PERSON]"}' });
  });

  test('comes out the same however it is cut', () => {
    const part = fc.constantFrom(...DOCUMENTS, 'SSN 078-05-1120', '[1] Patient Anna Meier', '  {', 'x"\\');
    const text = fc
      .tuple(fc.array(part, { maxLength: 3 }), fc.nat(2), fc.nat(9))
      .map(([parts, levels, cut]) => nest(stringify(parts), levels).slice(0, -cut || undefined));
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (source, sizes) => {
        const stream = masker.jsonStream();
        let out = '';
        for (let at = 0, turn = 0; at < source.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          out += stream.push(source.slice(at, at + size));
          at += size;
        }
        expect(out + stream.end()).toBe(masker.maskJson(source).text);
      }),
      { numRuns: 100 },
    );
  });

  test('has tokens in it, escaped for where they stand', () => {
    const found: string[] = [];
    const map = {
      take: (_: string, value: string) => {
        found.push(value);
        return { token: '[PERSON_bcdfghjk]' };
      },
      find: () => undefined,
    };
    const tokenizer = createTokenizer(detector, new Set(['PERSON']), map as never, () => {});
    const text = nest(stringify({ patient: { name: 'Anna Meier' } }), 2);
    expect(unnest(tokenizer.maskJson(text).text, 2)).toBe('{"patient":{"name":"[PERSON_bcdfghjk]"}}');
    expect(found).toEqual(['Anna Meier']);
  });
});

test.each(['{', ' [', '"{', ' " ['])('a text that begins with %j is JSON', (start) => {
  expect(isJsonText('', `${start}"a"`)).toBe(true);
  for (let at = 0; at < start.length; at++) expect(isKindCertain('', start.slice(0, at))).toBe(false);
  expect(isKindCertain('', start)).toBe(true);
});

test.each([
  '[EMAIL_ADDRESS_jcmbpbtr] was here',
  '[PERSON] has MRN 482913',
  '[[MRN 482913',
  '{Anna Meier}',
  '[ ',
])('a text that begins with a bracket is read with it: %s', (text) => {
  const { text: masked } = masker.mask(text);
  expect(masker.maskJson(text).text).toBe(masked);
  expect(JSON.parse(masker.maskJson(stringify({ '': text })).text)['']).toBe(masked);
  const stream = masker.jsonStream();
  expect(Array.from(text, (unit) => stream.push(unit)).join('') + stream.end()).toBe(masked);
});

test('white space in front is held back so far and no further, and by its length alone', () => {
  const stream = masker.jsonStream();
  expect(stream.push(`{"a":"${' '.repeat(5_000)}`).length).toBeGreaterThan(4_000);
  const inner = stringify(stringify({ patient: '4711' })).slice(1, -1);
  for (const length of [250, 256, 257, 300]) {
    const text = `{"a":"${' '.repeat(length)}${inner}"}`;
    const whole = masker.maskJson(text).text;
    for (const size of [1, 7, 256, 260]) {
      const one = masker.jsonStream();
      let out = '';
      for (let i = 0; i < text.length; i += size) out += one.push(text.slice(i, i + size));
      expect(out + one.end()).toBe(whole);
    }
  }
});
