import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FITS, LookBacks, REFUSED, UNSURE } from '#core/phi/engine/automaton/look-back.ts';
import { compileRules, type Rule } from '#core/phi/engine/rule/rule.ts';
import { lookPatternsOf } from '#core/phi/engine/rule/work-out.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { clinicalText } from './text.ts';

const RULE: Rule = { entity: 'MRN', name: 'a', score: 0.5, value: '\\d{4}' };

function lookBack(rule: Partial<Rule>, text: string): number {
  return new LookBacks(lookPatternsOf(compileRules([{ ...RULE, ...rule }]))).read(0, text, text.length);
}

test('what the automaton knows of the text before a value is what the expressions say', () => {
  const rules = compileRules(
    RULES.filter(({ behind, unless }) => behind !== undefined || unless !== undefined),
  );
  // Of labels the expressions know nothing.
  const bare = rules.map((rule) => ({ ...rule, lookBack: { ...rule.lookBack, before: undefined } }));
  const lookBacks = new LookBacks(lookPatternsOf(bare));
  let [refused, fits] = [0, 0];
  fc.assert(
    fc.property(clinicalText, (text) => {
      rules.forEach((rule, index) => {
        for (let place = 0; place < text.length; place++) {
          const free = rule.measure(text, place, true).length;
          if (free === 0 || rule.late) continue;
          const known = lookBacks.read(index, text, place);
          const { length } = rule.measure(text, place);
          if (known === REFUSED) expect([rule.name, place, length]).toEqual([rule.name, place, 0]);
          if (known === FITS) expect([rule.name, place, length]).toEqual([rule.name, place, free]);
          if (known === REFUSED) refused += 1;
          if (known === FITS) fits += 1;
        }
      });
    }),
    { numRuns: 100 },
  );
  expect(refused).toBeGreaterThan(100);
  expect(fits).toBeGreaterThan(100);
});

test('labels that tell digits apart are told by their digits', () => {
  const before = 'last (?:4|four)[ :]{1,20}';
  expect(lookBack({ before }, 'the last 4: ')).toBe(FITS);
  expect(lookBack({ before }, 'the last 5: ')).toBe(REFUSED);
  // As the automaton of the labels has it, with no upper bound.
  expect(lookBack({ before }, `the last 4${' '.repeat(30)}`)).toBe(FITS);
  expect(lookBack({ before: 'last \\d ' }, 'nothing')).toBe(FITS);
});

test('a pattern that counts is left to the expression where it is there', () => {
  for (const [kind, missing] of [
    ['behind', REFUSED],
    ['unless', FITS],
  ] as const) {
    expect(lookBack({ [kind]: 'xb{1,3} ' }, 'xbb ')).toBe(UNSURE);
    expect(lookBack({ [kind]: 'xb{1,3} ' }, 'xbbbbb ')).toBe(UNSURE);
    expect(lookBack({ [kind]: 'xb{1,3} ' }, 'yb ')).toBe(missing);
    expect(lookBack({ [kind]: 'xbb? ' }, 'xbb ')).toBe(kind === 'behind' ? FITS : REFUSED);
  }
});
