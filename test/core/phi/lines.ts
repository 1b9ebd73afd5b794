import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { readMarks } from './marks.ts';

/**
 * Tests that of each line of `found` what is marked is found and nothing else, of each of `nothing` nothing is, and that neither
 * depends on where a stream of it is cut, once anywhere or unit by unit.
 */
export function testLines(found: readonly string[], nothing: readonly string[]): void {
  const detector = createDetector();
  const masker = createMasker(detector, { default: 'placeholder', entities: {} });
  const findingsOf = (text: string): string[] =>
    detector.scan(text).map(({ entity, start, end }) => `${entity}:${text.slice(start, end)}`);

  test.each(found)('finds %s', (line) => {
    const { text, expected } = readMarks(line);
    expect(findingsOf(text)).toEqual(expected);
  });

  test.each(nothing)('finds nothing: %s', (text) => {
    expect(findingsOf(text)).toEqual([]);
  });

  test('what is found does not depend on where a stream is cut', () => {
    for (const line of [...found, ...nothing]) {
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
}
