import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { Settlement } from '#core/phi/engine/settle.ts';
import { createMasker } from '#core/phi/mask.ts';

const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });
const findingsOf = (text: string): string[] =>
  detector.scan(text).map(({ entity, start, end }) => `${entity}:${text.slice(start, end)}`);

const drawnOf = (units: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...units), minLength: length, maxLength: length });
const digest = fc
  .constantFrom(32, 40, 64)
  .chain((length) => drawnOf('0123456789abcdef', length))
  .filter((hex) => /\d[a-f]+\d/.test(hex));
const around = fc.constantFrom<(name: string) => string>(
  (name) => name,
  (name) => `{"id":"${name}","ok":true}`,
  (name) => `request ${name} failed, trace_id=${name}`,
  (name) => `see /files/${name}.`,
);

test('UUIDs and digests are found neither whole nor in part, in any chunks', () => {
  const name = fc.oneof(fc.uuid(), digest);
  fc.assert(
    fc.property(name, around, (drawn, within) => {
      const text = within(drawn);
      expect(findingsOf(text)).toEqual([]);
      const stream = masker.stream();
      expect([...text].map((unit) => stream.push(unit)).join('') + stream.end()).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('keys of programs hide what is in them', () => {
  expect(findingsOf('call_4f9XqK2mB7vRt0ZpLw8Ns1Yd and req_7Hq2XzB9kLm4Rv0T')).toEqual([]);
  // As the same digits by themselves do not.
  expect(findingsOf('sent 4829103 to it')).toEqual(['UNIQUE_ID:4829103']);
  expect(findingsOf('sent aK4829103-9zQ8xB2vT7mR to it')).toEqual([]);
});

test('a label says whose they are, and a value that is as long is what its rule says', () => {
  const uuid = '550e8400-e29b-41d4-a716-446655440000';
  expect(findingsOf(`MRN: ${uuid}`)).toEqual([`MRN:${uuid}`]);
  expect(findingsOf(`username: ${uuid}`)).toEqual([`UNIQUE_ID:${uuid}`]);
  expect(findingsOf('VIN 1HGCM82633A004352')).toEqual(['VIN:1HGCM82633A004352']);
  expect(findingsOf('https://a.example/550e8400-e29b-41d4-a716-446655440000?x=1')).toHaveLength(1);
});

test('words and numbers in a row hide nothing', () => {
  expect(findingsOf('wound_photo_2024-03-01_front.jpg')).not.toEqual([]);
  // As one value, or as a name and a number.
  const values = findingsOf('note of MariaLopez19800301 here').map((found) => found.replace(/^.*:/, ''));
  expect(values.join('')).toBe('MariaLopez19800301');
});

test.each([
  ['219-09-9999-a7Kx2Qb', 'US_SSN:219-09-9999'],
  ['828-635-2307x09667-Fax', 'PHONE_NUMBER:828-635-2307x09667'],
  ['1961-03-04-k3f9Zx81q', 'DATE:1961-03-04'],
  ['visit-00482913-k3f9Zx81q', 'UNIQUE_ID:00482913'],
])('a number is not hidden by what is drawn behind it: %s', (text, expected) => {
  expect(findingsOf(`It is ${text} here`)).toEqual([expected]);
});

test('what begins before, or goes on behind, keeps its part', () => {
  const settlement = new Settlement();
  const value = { entity: 'UNIQUE_ID', rule: 'a', score: 0.5 } as const;
  settlement.add({ ...value, rule: 'machine', score: 1, start: 10, end: 30, nothing: true });
  settlement.add({ ...value, start: 5, end: 12 });
  settlement.add({ ...value, start: 15, end: 20 });
  settlement.add({ ...value, start: 25, end: 34 });
  settlement.settle(50, { text: 'x'.repeat(60), base: 0, ended: true });
  expect(settlement.take().map(({ start, end }) => [start, end])).toEqual([
    [5, 12],
    [30, 34],
  ]);
});
