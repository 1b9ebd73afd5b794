import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { Settlement } from '#core/phi/engine/settle.ts';
import { createMasker } from '#core/phi/mask.ts';

const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });

function settle(settlement: Settlement, before: number, text: string, ended = false) {
  settlement.settle(before, { text, base: 0, ended });
  return settlement.take().map(({ start, end }) => [start, end]);
}

test('the rest of a value that was cut comes before what begins behind it', () => {
  const text = 'x'.repeat(3_000);
  const value = { entity: 'URL', score: 0.9, rule: 'url.scheme' } as const;
  const expected = [
    [0, 2_048],
    [2_048, 3_000],
  ];
  const whole = new Settlement();
  whole.add({ ...value, start: 0, end: 400 });
  const first = settle(whole, 401, text);
  whole.add({ ...value, start: 2_100, end: 2_120 });
  expect([...first, ...settle(whole, 2_999, text, true)]).toEqual(expected);
  const inChunks = new Settlement();
  inChunks.add({ ...value, start: 0, end: 400 });
  expect(settle(inChunks, 401, text.slice(0, 1_500))).toEqual([]);
  inChunks.add({ ...value, start: 2_100, end: 2_120 });
  expect(settle(inChunks, 2_999, text, true)).toEqual(expected);
});

test('values in values that are all too long are cut alike in any chunks', () => {
  const text = 'ab:7ab:7http://'.repeat(600);
  const whole = masker.mask(text);
  for (const size of [1_600, 5_440]) {
    const stream = masker.stream();
    let out = '';
    for (let i = 0; i < text.length; i += size) out += stream.push(text.slice(i, i + size));
    expect(out + stream.end()).toBe(whole.text);
    expect(stream.counts).toEqual(whole.counts);
  }
});

test.each([
  ['Policy# XJ-22-984411-B group', 'HEALTH_PLAN_ID XJ-22-984411-B'],
  ['from 10.20.30.44, at noon', 'IP_ADDRESS 10.20.30.44'],
  ['MAC 00:1B:44:11:3A:B7 on the pump', 'MAC_ADDRESS 00:1B:44:11:3A:B7'],
])('a value that rules know pieces of is one: %s', (text, expected) => {
  const findings = detector.scan(text).map(({ entity, start, end }) => `${entity} ${text.slice(start, end)}`);
  expect(findings).toEqual([expected]);
});

test('what another rule knows behind a value, after a space, is another one', () => {
  const text = 'DOB 30/11/1969 4 Abbey View';
  expect(masker.mask(text).text).toBe('DOB [DATE_OF_BIRTH][STREET_ADDRESS]');
});
