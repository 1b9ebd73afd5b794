import { describe, expect, test } from 'vitest';
import { PatternError } from '#core/pattern/parse.ts';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { createDetector } from '#core/phi/detect.ts';
import { codes } from './codes.ts';

/* Patterns that are slow in engines that try one way after the other, or that are small until they are deterministic. */
const builtIn = createDetector();
const LENGTH = 60_000;

test.each([
  '(a+)+$',
  '(a|a)*b',
  '(x+x+)+y',
  '(.*)*z',
  '([a-z]+)*@',
  '^(\\w+\\s?)*$',
  '[ab]{1,20}a[ab]{100}',
  '.{0,60}a.{0,60}b.{0,60}c',
  '(?:ab|a|b){1,99}c',
  '((a{1,100}){1,100}){1,100}',
  '(?:(?:(?:\\w{1,9}-){1,9}\\d{1,9}){1,9}x?){1,9}',
  'a.{20}b',
])('%s is refused', (pattern) => {
  expect(() => codes({ pattern })).toThrow(PatternError);
});

describe.each([
  ['(?:a|a){2,40}b', 'a'.repeat(LENGTH)],
  ['(?:(?:a{1,10}){1,10}){1,3}bc', 'a'.repeat(LENGTH)],
  ['(?:a?){100}a{100}', `${'a'.repeat(99)} `.repeat(LENGTH / 100)],
  ['a{2,399}b', 'a'.repeat(LENGTH)],
  ['a{2,399}b', `${'a'.repeat(1_999)}b`.repeat(LENGTH / 2_000)],
  ['(?:x{1,20}x{1,20}){1,9}y', 'x'.repeat(LENGTH)],
  ['(?i)study.{0,20}\\d{4}', 'study '.repeat(LENGTH / 6)],
  ['[A-Z]\\w{5,19}\\d{2}', 'AbC0x'.repeat(LENGTH / 5)],
])('%s is accepted', (pattern, text) => {
  const detector = addIdentifiers(builtIn, codes({ pattern }));

  test('and never leaves a text undecided for long', () => {
    const scan = detector.open(detector.entities);
    for (let at = 0; at < text.length; at += 1_000) {
      scan.push(text.slice(at, at + 1_000));
      expect(scan.length - scan.emittable).toBeLessThan(4_096);
    }
    scan.end();
    expect(scan.emittable).toBe(text.length);
  });
});
