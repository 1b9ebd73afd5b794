import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PatternError, parsePattern } from '#core/pattern/parse.ts';
import { checkPattern, createPatternSet } from '#core/pattern/set.ts';
import { processorMs } from '../../env/processor-time.ts';
import { pattern, text } from './arbitrary.ts';

const found = (source: string, text: string): boolean => createPatternSet([source]).search(text).length === 1;

test.each([
  ['abc', 'xxabcxx', true],
  ['abc', 'ab c', false],
  ['^abc$', 'abc', true],
  ['^abc$', 'abc\n', false],
  ['(?m)^abc$', 'x\nabc\ny', true],
  ['a.c', 'a\nc', false],
  ['(?s)a.c', 'a\nc', true],
  ['\\bssn\\b', 'the ssn is', true],
  ['\\bssn\\b', 'lessn', false],
  ['\\Bsn', 'ssn', true],
  ['\\Bsn', 'a sn', false],
  ['\\d{3}-\\d{2}-\\d{4}', 'number 078-05-1120.', true],
  ['^a{2,3}$', 'aaaa', false],
  ['^a{2,}$', 'aaaaaa', true],
  ['^(?:a{0})b$', 'b', true],
  ['x{,3}', 'x{,3}', true],
  ['[^a-c]', 'abcabc', false],
  ['[]a]', ']', true],
  ['[a-]', '-', true],
  ['[[:alpha:]]+[[:^digit:]]', 'ab1', true],
  ['^[\\d\\s]+$', '1 2', true],
  ['\\p{Greek}', 'alpha α', true],
  ['^\\PL+$', '12 .', true],
  ['^\\p{^Lu}$', 'A', false],
  ['(?i)ärzte', 'ÄRZTE', true],
  ['(?i)k', '\u212a', true],
  ['(?i:a)b', 'AB', false],
  ['(?i)[^k]', 'K\u212a', false],
  ['^.$', '😀', true],
  ['[😀-😂]', '😁', true],
  ['\\Q.*\\E', 'a.*b', true],
  ['\\Q.*\\E', 'ab', false],
  ['\\x41\\x{1F600}\\101', 'A😀A', true],
  ['(?P<a>x)(?<b>y)', 'xy', true],
  ['a||b', 'zzz', true],
  ['(?:)*x', 'x', true],
  ['(a*)*$', 'b', true],
  ['\\Aab\\z', 'ab', true],
  ['', '', true],
])('%s in %j: %s', (source, text, expected) => {
  expect(found(source, text)).toBe(expected);
});

test.each([
  ['a(?=b)', 1],
  ['a(?!b)', 1],
  ['(?<=a)b', 0],
  ['(?<!a)b', 0],
  ['(a)\\1', 3],
  ['(?<n>a)\\k<n>', 7],
  ['ab{1001}', 2],
  ['a{3,2}', 1],
  ['((a{100}){100}){100}', 9],
  ['*a', 0],
  ['a**', 2],
  ['(a', 0],
  ['a)', 1],
  ['x[a', 1],
  ['[b-a]', 1],
  ['[a-\\d]', 3],
  ['[[:nope:]]', 1],
  ['\\p{Klingon}', 0],
  ['\\y', 0],
  ['a\\', 1],
  ['\\C', 0],
  ['(?x)a', 0],
  ['(?P<n>a)(?P<n>b)', 8],
  ['\\x{110000}', 0],
])('%s is refused at %i', (source, position) => {
  let caught: unknown;
  try {
    parsePattern(source);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(PatternError);
  expect((caught as PatternError).position).toBe(position);
});

test('nesting and length are limited', () => {
  expect(() => parsePattern('('.repeat(100_000))).toThrow(PatternError);
  expect(() => parsePattern(`${'('.repeat(251)}${')'.repeat(251)}`)).toThrow(/nested/);
});

test('a set reports every pattern that is found, by its index', () => {
  const set = createPatternSet(['\\bssn\\b', 'zebra', '(?i)medical record', '\\d{3}']);
  expect(set.search('Medical Record and ssn')).toEqual([0, 2]);
  expect(set.search('')).toEqual([]);
  expect(set.search('zebra 123')).toEqual([1, 3]);
  expect(createPatternSet([]).search('x')).toEqual([]);
});

test('a character of two units is one, when what is around it was seen before as well', () => {
  const set = createPatternSet(['a.b', 'a[😀-😂]c', 'a..d']);
  for (const text of ['axb', 'axxd', 'axc']) set.search(text);
  for (const _ of ['first', 'again']) {
    expect(set.search('a😀b a😁c a😂d')).toEqual([0, 1]);
    expect(set.search('a\ud83db a\ud83d\ud83dd a\ude00c')).toEqual([0, 2]);
  }
});

test('agrees with V8 on what both understand', () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { minLength: 1, maxLength: 3 }),
      fc.array(text, { maxLength: 4 }),
      fc.boolean(),
      (sources, texts, lines) => {
        const prefix = lines ? '(?m)' : '';
        const set = createPatternSet(sources.map((source) => `${prefix}${source}`));
        for (const value of texts) {
          const expected = sources.flatMap((source, i) =>
            new RegExp(source, lines ? 'um' : 'u').test(value) ? [i] : [],
          );
          expect(set.search(value)).toEqual(expected);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('agrees with V8 when case is folded', () => {
  const simple = fc.constantFrom('a', 'b', '[a-k]', '[^k]', 'é', 's', 'É+', '(?:K|1)');
  fc.assert(
    fc.property(fc.array(simple, { minLength: 1, maxLength: 4 }), text, (parts, value) => {
      const source = parts.join('');
      expect(found(`(?i)${source}`, value)).toBe(new RegExp(source, 'iu').test(value));
    }),
  );
});

/** As and bs in an order that no small automaton foresees. */
function noise(length: number): string {
  let seed = 1;
  const letters = Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed & 0x10000 ? 'a' : 'b';
  });
  return letters.join('');
}

test('stays linear, and right, when its states do not fit the cache', () => {
  const set = createPatternSet(['[ab]*a[ab]{14}c', '(a+)+$', 'b{3}d|a[ab]{11}d']);
  expect(set.search(`${noise(60_000)}b`)).toEqual([]);
  expect(set.search(`${noise(60_000)}a${'b'.repeat(14)}c`)).toEqual([0]);
  expect(set.search(`${noise(60_000)}abbbd`)).toEqual([2]);
  expect(set.search(`${noise(60_000)}a${'ab'.repeat(5)}bd ${noise(60_000)}a`)).toEqual([1, 2]);
});

test.each([
  ['[ab]*a[ab]{300}', 10],
  ['x|a.{20}b', 4],
  ['(?:one|two)(?:[ab]?a[ab]{3}){5,90}c', 28],
])('%s needs too many states, by its count at %i', (source, position) => {
  expect(() => checkPattern(source)).toThrow(PatternError);
  expect(() => checkPattern(source)).toThrow(new RegExp(`too complex.*\\(at ${position}\\)`));
});

test.each([
  '(a|a)*',
  '(a+)+$',
  '(x+x+)+y',
  '(.*)*z',
  '(?i)\\b(export|dump)\\b.{0,60}\\brecords\\b',
  'a.{0,80}b',
  '(a?){50}a{50}',
])('%s is accepted', (source) => {
  checkPattern(source);
});

test('an evil pattern does not stall', () => {
  const set = createPatternSet(['^(a+)+$', '(x+x+)+y', '(.*)*z']);
  const search = () => expect(set.search(`${'a'.repeat(500_000)}!`)).toEqual([]);
  expect(processorMs(search)).toBeLessThan(2_000);
});
