import { expect, test } from 'vitest';
import { foldAsciiLetters } from '#core/pattern/fold.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import { foldCase } from '#core/phi/engine/rule/fold-case.ts';
import { keepApart } from '#core/phi/engine/rule/keep-apart.ts';
import { expressionOf } from '#core/phi/engine/rule/rule.ts';
import { RULES } from '#core/phi/rules/index.ts';

test.each([
  ['(?i:ab)c', '(?:[aA][bB])c'],
  ['(?i:a(?:b|c)d)e', '(?:[aA](?:[bB]|[cC])[dD])e'],
  ['(?i:a[ _-]b)(?:[a\\]b])', '(?:[aA][ _-][bB])(?:[a\\]b])'],
  ['(?i:[a-cx][\\d_])[a-c]', '(?:[a-cA-CxX][\\d_])[a-c]'],
  ['(?i:a\\.b|c#)\\d', '(?:[aA]\\.[bB]|[cC]#)\\d'],
])('%s', (source, expected) => {
  expect(foldCase(source)).toBe(expected);
});

test('large groups have an empty look-ahead before them, and nothing else has', () => {
  const large = `(?:${'ab|'.repeat(40)}c)`;
  expect(keepApart(`x{2}(?:a|b)${large}?[(]\\(${large}`)).toBe(`x{2}(?:a|b)(?=)${large}?[(]\\((?=)${large}`);
  expect(keepApart(`(?:a${large})`)).toBe(`(?=)(?:a(?=)${large})`);
  expect(keepApart(`(?:[(${'a'.repeat(100)}\\]]|b)`)).toBe(`(?=)(?:[(${'a'.repeat(100)}\\]]|b)`);
});

test('no rule gives V8 a modifier', () => {
  for (const rule of RULES) expect(expressionOf(rule).source).not.toContain('(?i:');
});

test('the parser folds as they are written out', () => {
  for (const { before = '', behind = '', unless = '', value, gate = '' } of RULES) {
    for (const source of [before, behind, unless, value, gate]) {
      const bare = source.replaceAll('^|', '');
      expect(withoutPlaces(parsePattern(bare, foldAsciiLetters))).toEqual(
        withoutPlaces(parsePattern(foldCase(bare))),
      );
    }
  }
});

/** Without where in the source things stand. */
function withoutPlaces(node: PatternNode): unknown {
  return JSON.parse(JSON.stringify(node, (key, value) => (key === 'at' ? undefined : value)));
}
