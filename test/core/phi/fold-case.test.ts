import { expect, test } from 'vitest';
import { foldCase } from '#core/phi/engine/fold-case.ts';
import { expressionOf } from '#core/phi/engine/rule.ts';
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

test('no rule gives V8 a modifier', () => {
  for (const rule of RULES) expect(expressionOf(rule).source).not.toContain('(?i:');
});
