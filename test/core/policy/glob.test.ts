import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlob, compileGlobs } from '#core/policy/glob.ts';

describe('glob', () => {
  test.each([
    ['gpt-*', 'gpt-5', true],
    ['gpt-*', 'gpt-', true],
    ['gpt-*', 'my-gpt-5', false],
    ['*-mini', 'gpt-5-mini', true],
    ['a*a', 'a', false],
    ['a*b*c', 'abbc', true],
    ['a*b*c', 'acb', false],
    ['gpt.5', 'gpt-5', false],
    ['', '', true],
    ['*', '', true],
  ])('%s on %s: %s', (pattern, name, fits) => {
    expect(compileGlob(pattern)(name)).toBe(fits);
  });

  test('agrees with the definition, tried out step by step', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(letters, name, (pattern, text) => {
        expect(compileGlob(pattern)(text)).toBe(fits(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });

  test('no patterns fit everything', () => {
    expect(compileGlobs([])('anything')).toBe(true);
    expect(compileGlobs(['a', 'b*'])('bc')).toBe(true);
    expect(compileGlobs(['a', 'b*'])('c')).toBe(false);
  });
});

/** The definition: `*` is nothing, or one character and `*` again. */
function fits(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return fits(pattern.slice(1), text) || (text !== '' && fits(pattern, text.slice(1)));
  return pattern[0] === text[0] && fits(pattern.slice(1), text.slice(1));
}
