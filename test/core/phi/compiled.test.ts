import { expect, test } from 'vitest';
import keptLoop from '#core/phi/compiled/loop.json' with { type: 'json' };
import { fingerprint, keptPatterns } from '#core/phi/compiled/patterns.ts';
import kept from '#core/phi/compiled/words.json' with { type: 'json' };
import { unpackWords } from '#core/phi/compiled/words.ts';
import { inOrder } from '#core/phi/engine/plan.ts';
import { compileRules, type Rule } from '#core/phi/engine/rule/rule.ts';
import { patternsOf } from '#core/phi/engine/rule/work-out.ts';
import { buildLexicon } from '#core/phi/lexicon/build.ts';
import { pack } from '#core/phi/lexicon/pack.ts';
import { CODE_RULES, RULES } from '#core/phi/rules/index.ts';
import { compileLoop } from '../../../bench/phi/compile/loop.ts';

// Where one of these fails, `npm run phi:compile` makes the files anew.

test.each([
  ['all rules', RULES],
  ['those of codes', CODE_RULES],
])('the patterns that are kept are those of %s', (_, rules) => {
  expect(keptPatterns(rules)).toEqual(patternsOf(compileRules(inOrder(rules))));
});

test('the words that are kept are those of the lists', () => {
  expect(unpackWords(kept.words)).toEqual(pack(buildLexicon()));
});

test('the loop that is kept is that of its source', async () => {
  expect(keptLoop.module).toBe(await compileLoop());
});

test('patterns of other rules are never taken for theirs', () => {
  const [first, ...rest] = RULES as [Rule, ...Rule[]];
  expect(keptPatterns(rest)).toBeUndefined();
  const changes: Partial<Rule>[] = [
    { name: 'another' },
    { score: 0.123 },
    { value: 'a' },
    { before: 'a' },
    { behind: 'a' },
    { unless: 'a' },
    { overlong: 'a' },
    { gate: 'a' },
    { anywhere: first.anywhere !== true },
    { nothing: first.nothing !== true },
    { late: first.late !== true },
  ];
  const prints = changes.map((change) => fingerprint([{ ...first, ...change }, ...rest]));
  expect(new Set([fingerprint(RULES), ...prints]).size).toBe(changes.length + 1);
  expect(fingerprint([...RULES].reverse())).toBe(fingerprint(RULES));
});
