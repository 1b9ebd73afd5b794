import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { readMarks } from '../marks.ts';
import { FOUND, FOUND_BY_RULE, NOTHING } from './all.ts';

/** It is fitted to them, and to much else. */
const MOST_WRONG = 0.01;

const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });
const findingsOf = (text: string): string[] =>
  detector.scan(text).map(({ entity, start, end }) => `${entity}:${text.slice(start, end)}`);

test.each(FOUND_BY_RULE)('finds %s', (line) => {
  const { text, expected } = readMarks(line);
  expect(findingsOf(text)).toEqual(expected);
});

test('of lines that the model judges few are wrong', () => {
  const wrong = [
    ...FOUND.filter((line) => {
      const { text, expected } = readMarks(line);
      return findingsOf(text).join() !== expected.join();
    }),
    ...NOTHING.filter((text) => findingsOf(text).length > 0),
  ];
  expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(MOST_WRONG * (FOUND.length + NOTHING.length));
});

test('what is found does not depend on where a stream is cut', () => {
  for (const line of [...FOUND, ...NOTHING]) {
    const { text } = readMarks(line);
    const whole = masker.mask(text).text;
    for (let place = 0; place <= text.length; place++) {
      const stream = masker.stream();
      const masked = stream.push(text.slice(0, place)) + stream.push(text.slice(place)) + stream.end();
      expect(masked).toBe(whole);
    }
    const stream = masker.stream();
    const units = text.split('').map((unit) => stream.push(unit));
    expect(units.join('') + stream.end()).toBe(whole);
  }
});
