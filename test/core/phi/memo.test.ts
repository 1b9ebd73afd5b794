import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { keptPatterns } from '#core/phi/compiled/patterns.ts';
import { Plan } from '#core/phi/engine/plan.ts';
import { Scan } from '#core/phi/engine/scan.ts';
import type { Search } from '#core/phi/engine/search.ts';
import { NOTHING, OTHER, UNWANTED, WANTED } from '#core/phi/engine/settlements.ts';
import { TokenMemo } from '#core/phi/engine/tokens/memo.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { clinicalText, cut, fractions } from './text.ts';

/** One token and the one before it: all but the newest two are forgotten. */
const FEW_SLOTS = 2;

function searchOf(slots?: number): Search {
  const plan = new Plan(RULES, keptPatterns(RULES));
  return lookingFor({ plan, memo: new TokenMemo(plan, slots) }, () => WANTED);
}

function lookingFor({ plan, memo }: Pick<Search, 'plan' | 'memo'>, kindOf: (rule: number) => number): Search {
  const kinds = Uint8Array.from(plan.rules, ({ nothing }, rule) => (nothing ? NOTHING : kindOf(rule)));
  return { plan, memo, kinds, hasOthers: kinds.includes(OTHER) };
}

function scan(search: Search, chunks: readonly string[]): Scan {
  const one = new Scan(search);
  for (const chunk of chunks) one.push(chunk);
  one.end();
  return one;
}

test('a memo that forgets almost all tokens changes nothing, however the text is cut', () => {
  const [ample, scarce] = [searchOf(), searchOf(FEW_SLOTS)];
  let found = 0;
  fc.assert(
    fc.property(clinicalText, fractions, (text, places) => {
      const findings = scan(scarce, cut(text, places)).take();
      expect(findings).toEqual(scan(ample, [text]).take());
      found += findings.length;
    }),
    { numRuns: 150 },
  );
  expect(found).toBeGreaterThan(150);
});

test('two tokens with the same slots are both remembered, a third one takes the place of the older', () => {
  const search = searchOf(FEW_SLOTS);
  const learn = vi.spyOn(search.plan, 'labelledState');
  const learnt = (text: string): number => {
    learn.mockClear();
    scan(search, [text]);
    // The last token has no end and is not remembered, as is the first one.
    return learn.mock.calls.length;
  };
  const few = learnt(`. ${'oak elm '.repeat(4)}`);
  expect(learnt(`. ${'oak elm '.repeat(40)}`)).toBeLessThanOrEqual(few);
  const many = learnt(`. ${'oak elm ash '.repeat(4)}`);
  expect(learnt(`. ${'oak elm ash '.repeat(40)}`) - many).toBeGreaterThan(3 * 35);
});

test('findings of rules that are looked for and of others are those of two scans, however the text is cut', () => {
  const search = searchOf();
  let found = 0;
  fc.assert(
    fc.property(clinicalText, fractions, fc.integer({ min: 1, max: 6 }), (text, places, modulus) => {
      const isWanted = (rule: number): boolean => rule % (modulus + 1) === 0;
      const both = scan(
        lookingFor(search, (rule) => (isWanted(rule) ? WANTED : OTHER)),
        cut(text, places),
      );
      const wanted = scan(
        lookingFor(search, (rule) => (isWanted(rule) ? WANTED : UNWANTED)),
        [text],
      );
      const others = scan(
        lookingFor(search, (rule) => (isWanted(rule) ? UNWANTED : WANTED)),
        [text],
      );
      const one = both.take();
      const rest = both.takeOthers().filter(({ nothing }) => nothing !== true);
      expect(one).toEqual(wanted.take());
      expect(rest).toEqual(others.take());
      if (one.length > 0 && rest.length > 0) found += 1;
    }),
    { numRuns: 150 },
  );
  expect(found).toBeGreaterThan(50);
});
