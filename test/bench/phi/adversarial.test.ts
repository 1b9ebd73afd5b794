import { expect, test } from 'vitest';
import { INPUTS } from '../../../bench/phi/adversarial/inputs.ts';
import { measurePace } from '../../../bench/phi/adversarial/pace.ts';
import { generateEvilPatterns } from '../../../bench/phi/adversarial/patterns.ts';

test('evil patterns are the same for a seed, of all families, and hardly ever twice the same', () => {
  const patterns = generateEvilPatterns(4, 300);
  expect(generateEvilPatterns(4, 300)).toEqual(patterns);
  expect(new Set(patterns.map(({ family }) => family)).size).toBeGreaterThanOrEqual(15);
  expect(new Set(patterns.map(({ source }) => source)).size).toBeGreaterThan(200);
});

test.each(Object.keys(INPUTS))('the adversarial text "%s" has about the length asked for', (name) => {
  const text = INPUTS[name]?.(10_000) ?? '';
  expect(text.length).toBeGreaterThan(9_500);
  expect(text.length).toBeLessThan(10_500);
});

test('a pace is taken over the whole text where work is quick', () => {
  const parts: string[] = [];
  expect(measurePace('ab'.repeat(5_000), (part) => parts.push(part))).toBeGreaterThanOrEqual(0);
  expect(parts.join('')).toBe('ab'.repeat(5_000));
  expect(parts.length).toBeGreaterThan(3);
});

test('the rest of slow work is reckoned', () => {
  let read = 0;
  const pace = measurePace('a'.repeat(1_000_000), (part) => {
    read += part.length;
    const endMs = performance.now() + part.length / 50;
    while (performance.now() < endMs);
  });
  expect(read).toBeLessThan(100_000);
  // 20 ms for a thousand characters.
  expect(pace).toBeGreaterThan(19_000);
});
