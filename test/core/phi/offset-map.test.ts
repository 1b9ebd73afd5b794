import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, OffsetMap } from '#core/phi/mask.ts';
import { createRestorer } from '#core/phi/token/restore.ts';
import { TokenMap } from '#core/phi/token/token-map.ts';
import { createTokenizer } from '#core/phi/token/tokenizer.ts';
import { expectExact } from './offsets.ts';
import { clinicalText, cut, fractions } from './text.ts';

const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });
// Invented: nobody's data.
const map = new TokenMap(new Uint8Array(32).fill(4));
const VALUES = ['Maria Beispiel', '00482913', '12 Hafenweg "B" \\ 4'];
const TOKENS = VALUES.map((value) => map.take('PERSON', value, value).token);
const restorer = createRestorer((token) => map.find(token));

function fill(...stretches: readonly [start: number, end: number, length: number][]): OffsetMap {
  const offsets = new OffsetMap();
  for (const stretch of stretches) offsets.add(...stretch);
  return offsets;
}

test('a place in a replaced stretch goes to its edge, any other goes with the text around it', () => {
  // 'a 1234 b 56c' as 'a [X] b [LONG]c'
  const offsets = fill([2, 6, 3], [9, 11, 6]);
  const moved = (place: number) => [offsets.move(place, 'start'), offsets.move(place, 'end')];
  expect([0, 2, 3, 5, 6, 8, 9, 10, 11, 12].map(moved)).toEqual([
    [0, 0],
    [2, 2],
    [2, 5],
    [2, 5],
    [5, 5],
    [7, 7],
    [8, 8],
    [8, 14],
    [14, 14],
    [15, 15],
  ]);
  expect(offsets.isEmpty).toBe(false);
});

test('between two stretches side by side a place stays between them', () => {
  const offsets = fill([0, 2, 5], [2, 4, 1]);
  expect([offsets.move(2, 'start'), offsets.move(2, 'end')]).toEqual([5, 5]);
  expect([offsets.move(3, 'start'), offsets.move(3, 'end')]).toEqual([5, 6]);
});

test('a map that follows another goes on from where that one leads', () => {
  const offsets = fill([5, 8, 1]);
  offsets.follow(fill([0, 10, 2]));
  // 10 is 2 in between, and 13 is 5, where the second map begins to replace.
  expect([10, 13, 14, 16].map((place) => offsets.move(place, 'end'))).toEqual([2, 5, 6, 6]);
  const first = new OffsetMap();
  const second = new OffsetMap();
  second.follow(first);
  expect(second.isEmpty).toBe(true);
  first.add(0, 1, 1);
  expect(second.isEmpty).toBe(false);
});

test('text: outside of findings every place is moved to what stands there up to the next finding', () => {
  fc.assert(
    fc.property(clinicalText, fractions, (text, places) => {
      const findings = detector.scan(text);
      const offsets = new OffsetMap();
      const stream = masker.stream(offsets);
      const masked = cut(text, places)
        .map((chunk) => stream.push(chunk))
        .concat(stream.end())
        .join('');
      const wrong = Array.from({ length: text.length + 1 }, (_, place) => place).filter((place) => {
        const around = findings.find(({ start, end }) => start < place && place < end);
        const next = findings.find(({ start }) => start >= place)?.start ?? text.length;
        const [start, end] = [offsets.move(place, 'start'), offsets.move(place, 'end')];
        if (around !== undefined) return masked.slice(start, end) !== `[${around.entity}]`;
        return start !== end || !masked.startsWith(text.slice(place, next), start);
      });
      expect(wrong).toEqual([]);
      expectExact(text, masked, offsets);
    }),
    { numRuns: 120 },
  );
});

const document = fc.oneof(
  fc.dictionary(clinicalText, fc.oneof(clinicalText, fc.constantFrom(78051120, -1, 1.5, null))).map(toJson),
  fc.array(clinicalText, { maxLength: 3 }).map(toJson),
  // With every unit an escape, and what is no JSON.
  clinicalText.map((text) => `{"ssn":78051120,"a":"${spell(text)}", "b": "${spell(text)}`),
  clinicalText.map((text) => `[1] ${text}`),
  clinicalText.map((text) => `["\\u00e9 ${spell(text)}\n${text}`),
);

function toJson(value: unknown): string {
  return JSON.stringify(value, null, 1);
}

function spell(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

test('JSON: every place is moved to where it is in the masked document, also with escapes and where it is none', () => {
  fc.assert(
    fc.property(document, fractions, (text, places) => {
      const whole = new OffsetMap();
      const { text: masked } = masker.maskJson(text, whole);
      expectExact(text, masked, whole);
      const offsets = new OffsetMap();
      const stream = masker.jsonStream(offsets);
      const out = cut(text, places)
        .map((chunk) => stream.push(chunk))
        .concat(stream.end());
      expect(out.join('')).toBe(masked);
      expectExact(text, masked, offsets);
    }),
    { numRuns: 120 },
  );
});

test('tokens: every place is moved, when they are put in and when they are put back', () => {
  const put = /^(?:[\w"\\ ]|Maria Beispiel)+$/;
  const piece = fc.constantFrom(...TOKENS, '[PERSON_bbbbbbbb]', '[', '[PERSON', '{"a":"', '"}', 'is ö', '\n');
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('.'));
  fc.assert(
    fc.property(text, fractions, fc.boolean(), (source, places, isJson) => {
      const offsets = new OffsetMap();
      const stream = isJson ? restorer.jsonStream(offsets) : restorer.stream(offsets);
      const out = cut(source, places)
        .map((chunk) => stream.push(chunk))
        .concat(stream.end());
      expectExact(source, out.join(''), offsets, put);
    }),
    { numRuns: 120 },
  );
  const tokenizer = createTokenizer(detector, detector.entities, map, () => {});
  fc.assert(
    fc.property(clinicalText, (source) => {
      const offsets = new OffsetMap();
      expectExact(source, tokenizer.mask(source, offsets).text, offsets, /^(?:\[[A-Z_]+_[a-z]+\])+$/);
    }),
    { numRuns: 100 },
  );
});
