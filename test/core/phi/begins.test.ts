import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRules, type Rule } from '#core/phi/engine/rule/rule.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { clinicalText } from './text.ts';

const BEGUN = RULES.filter(({ begins }) => begins !== undefined);
const PAIRS = BEGUN.map((rule) => {
  const { begins: _, ...bare } = rule;
  const [quick, thorough] = compileRules([rule, bare as Rule]);
  if (quick === undefined || thorough === undefined) throw new Error('a rule was lost');
  return { name: rule.name, quick, thorough };
});

/** Words that the quick looks are about, and what may stand around them. */
const PIECES = [
  ...[
    'maria',
    'delacroix',
    'austin',
    'kettering',
    'will',
    "o'brien",
    'anne-marie',
    'kim',
    'josé',
    'lupus',
    'nurse',
  ],
  ...[
    'Maria',
    'Nurse',
    'NICO',
    'AB',
    'HX/4470/23',
    '23-PI-0418',
    '0042',
    '10:30:15',
    '::1',
    'fe80::a1',
    '1:2:3:4:5:6:7:8',
  ],
  ...[
    ' ',
    ' ',
    ' ',
    ': ',
    ', ',
    '.',
    '-',
    '/',
    ':',
    "'s ",
    '\n',
    ' says ',
    ' 31 F',
    ' 10701',
    ' clinic',
    ' bed 4',
  ],
];
const text = fc.oneof(
  clinicalText,
  fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join('')),
);

test('a quick look refuses nothing that its rule would find', () => {
  let found = 0;
  fc.assert(
    fc.property(text, (written) => {
      const refused: [string, number][] = [];
      for (const { name, quick, thorough } of PAIRS) {
        for (let place = 0; place < written.length; place++) {
          const { length } = thorough.measure(written, place);
          if (length > 0) found += 1;
          if (quick.measure(written, place).length !== length) refused.push([name, place]);
        }
      }
      expect(refused).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(found).toBeGreaterThan(100);
});
