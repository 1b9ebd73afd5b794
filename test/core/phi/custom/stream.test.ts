import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMatcher } from '#core/pattern/match.ts';
import { PatternError, parsePattern } from '#core/pattern/parse.ts';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { createDetector, type Detector } from '#core/phi/detect.ts';
import type { EntityName } from '#core/phi/entities.ts';
import { createMasker, type MaskStream } from '#core/phi/mask.ts';
import { clinicalText, cut, fractions } from '../text.ts';
import { codes, STUDY_CODE } from './codes.ts';

const PLAN = { default: 'placeholder', entities: {} } as const;
const builtIn = createDetector();
const detector = addIdentifiers(
  builtIn,
  codes(
    { pattern: '(?i)study.{0,20}\\d{4}' },
    { name: 'BED', pattern: '\\b[A-Z]{1,3}-?\\d{2,6}\\b', context: ['bed', 'patient', 'mrn'], score: 0.6 },
    { name: 'TICKET', pattern: '[0-9-]{3,12}[a-z]?', score: 0.3 },
    { name: 'LINE', pattern: '(?m)^[^\\n]{3,40};$' },
    { name: 'SMILES', pattern: '(?:😀|x{2,30}y){3}' },
    { name: 'LONG', pattern: 'x{3,390}y' },
  ),
);
const masker = createMasker(detector, PLAN);

const texts = fc
  .array(
    fc.oneof(
      clinicalText,
      fc.constantFrom(
        'Study ',
        'study no. 20 0042',
        'bed ',
        'B-12',
        'ward AB123',
        '4711-a',
        'end;\n',
        '\n',
        ';',
      ),
      fc.constantFrom('😀😀', 'xx', 'xxy', 'x'.repeat(150), ' ', '0042', 'é', '\u200b'),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

function feed(stream: MaskStream, chunks: readonly string[]) {
  let text = '';
  for (const chunk of chunks) text += stream.push(chunk);
  return { text: text + stream.end(), counts: stream.counts };
}

describe('every chunking gives what the whole text gives', () => {
  test('of texts', () => {
    fc.assert(
      fc.property(texts, fractions, (text, places) => {
        expect(feed(masker.stream(), cut(text, places))).toEqual(masker.mask(text));
      }),
      { numRuns: 700 },
    );
  });

  test('of texts that are cut at every single place, and into single units', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const whole = masker.mask(text);
        for (let i = 0; i < text.length; i++) {
          expect(feed(masker.stream(), [text.slice(0, i), text.slice(i)])).toEqual(whole);
        }
        expect(feed(masker.stream(), text.split(''))).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  test('of JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('bed', 'note', 'study'), texts),
        fractions,
        (object, places) => {
          const json = JSON.stringify(object);
          const whole = masker.maskJson(json);
          expect(feed(masker.jsonStream(), cut(json, places))).toEqual(whole);
          expect(() => JSON.parse(whole.text)).not.toThrow();
        },
      ),
      { numRuns: 250 },
    );
  });

  test('of a text longer than what may stay undecided', () => {
    const text = `${'x'.repeat(3_000)}y${'x'.repeat(700)}y xxyxxyxxy`.repeat(3);
    const whole = masker.mask(text);
    expect(whole.counts).toMatchObject({ LONG: expect.any(Number) });
    for (const size of [1, 7, 1_000, 2_047, 2_048, 2_049]) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      );
      expect(feed(masker.stream(), chunks)).toEqual(whole);
    }
  });
});

/** The findings of a detector, with nothing of the catalogue between them. */
function findCustom(given: Detector, text: string) {
  const scan = given.open(new Set<EntityName>([STUDY_CODE]));
  scan.push(text);
  scan.end();
  return scan.take().map(({ start, end }) => ({ start, end }));
}

const part = fc.constantFrom(
  'a',
  'b',
  'ab',
  '[ab]',
  '[^a]',
  '.',
  '\\d',
  '\\w',
  '-',
  '\\b',
  '\\B',
  '(?:a|ba)',
  '😀',
  '1',
);
const bounded = fc
  .array(
    fc
      .tuple(part, fc.constantFrom('', '', '', '?', '{2}', '{0,4}', '{1,30}', '{2,200}'))
      .map(([p, q]) => (/^\\[bB]$/.test(p) ? p : `${p}${q}`)),
    { minLength: 2, maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const shortText = fc.string({
  unit: fc.constantFrom('a', 'a', 'b', '1', '-', ' ', '\n', '😀', 'é'),
  maxLength: 60,
});

test('the automaton misses nothing of any pattern, nor cuts a text inside of a value', () => {
  let accepted = 0;
  fc.assert(
    fc.property(bounded, fc.array(shortText, { minLength: 1, maxLength: 5 }), (pattern, several) => {
      let custom: ReturnType<typeof codes>;
      try {
        custom = codes({ pattern });
      } catch (error) {
        expect(error).toBeInstanceOf(PatternError);
        return;
      }
      accepted += 1;
      const only = addIdentifiers(builtIn, custom);
      const matcher = createMatcher(parsePattern(pattern), 400);
      for (const text of several) {
        const stretch = { from: 0, limit: text.length, end: text.length, textStart: 0 };
        expect(findCustom(only, text)).toEqual(matcher.find(text, stretch));
      }
    }),
    { numRuns: 750 },
  );
  expect(accepted).toBeGreaterThan(250);
});

test('text goes on as soon as it can be no part of a value', () => {
  const given = addIdentifiers(builtIn, codes({ pattern: '\\bqx~\\d{4}\\b' }));
  const plan = { default: 'none', entities: { [STUDY_CODE]: 'placeholder' } } as const;
  const stream = createMasker(given, plan).stream();
  expect(stream.push('see aqx~0042, q')).toBe('see aqx~0042, ');
  expect(stream.push('x~004')).toBe('');
  expect(stream.push('2')).toBe('');
  expect(stream.push(' qx~')).toBe('[STUDY_CODE] ');
  expect(stream.push('x')).toBe('qx~x');
});

test('the same identifiers, compiled anew, give the same detector; others another one', () => {
  const made = () =>
    addIdentifiers(builtIn, codes({ pattern: 'A-\\d{4}' }, { name: 'BED', pattern: 'B-\\d{4}' }));
  const first = made();
  expect(made()).toBe(first);
  const other = addIdentifiers(builtIn, codes({ pattern: 'A-\\d{4}' }, { name: 'BED', pattern: 'B-\\d{5}' }));
  expect(other).not.toBe(first);
  expect(addIdentifiers(builtIn, codes({ pattern: 'A-\\d{4}' }))).not.toBe(other);
  expect(addIdentifiers(createDetector(), codes({ pattern: 'A-\\d{4}' })).scan('A-1234')).toHaveLength(1);
});
