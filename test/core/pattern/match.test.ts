import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMatcher, type Span } from '#core/pattern/match.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import { astralText, pattern } from './arbitrary.ts';

const LONGEST = 400;

function find(source: string, view: string, from = 0, limit = view.length, end = view.length): Span[] {
  return createMatcher(parsePattern(source), LONGEST).find(view, { from, limit, end, textStart: 0 });
}

const values = (source: string, view: string): string[] =>
  find(source, view).map(({ start, end }) => view.slice(start, end));

/**
 * What a pattern's leftmost-longest matches are, asked of V8 one place after the other: whether exactly this stretch
 * matches, with the text before and after it in sight.
 */
function findByTrial(source: string, view: string, flags: string): Span[] {
  const spans: Span[] = [];
  const isBoundary = (at: number) =>
    !/^[\udc00-\udfff]/.test(view.slice(at)) || !/[\ud800-\udbff]$/.test(view.slice(0, at));
  for (let start = 0; start < view.length; ) {
    let longest = -1;
    for (let end = view.length; end > start && longest < 0; end--) {
      if (!isBoundary(start) || !isBoundary(end)) continue;
      const exact = new RegExp(
        `(?<=^[^]{${[...view.slice(0, start)].length}})(?:${source})(?=[^]{${[...view.slice(end)].length}}$)`,
        flags.replace('m', ''),
      );
      const tried = flags.includes('m')
        ? new RegExp(exact.source.replace(`(?:${source})`, `(?m:${source})`), exact.flags)
        : exact;
      if (tried.test(view)) longest = end;
    }
    if (longest > start) spans.push({ start, end: longest });
    start = longest > start ? longest : start + 1;
  }
  return spans;
}

test('agrees with V8, which is asked about every stretch', () => {
  fc.assert(
    fc.property(pattern, astralText, fc.boolean(), (source, view, lines) => {
      const found = find(`${lines ? '(?m)' : ''}${source}`, view);
      expect(found).toEqual(findByTrial(source, view, lines ? 'um' : 'u'));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['a|ab|abc', 'xabcx', ['abc']],
  ['ab|bcd', 'abcd', ['ab']],
  ['\\d{3}(?:-\\d{4})?', '555-0134, 555-01', ['555-0134', '555']],
  ['[A-Z]{2,4}', 'ABCDEFG', ['ABCD', 'EFG']],
  ['\\bST-\\d{4}\\b', 'ST-0042 XST-0042 ST-00421 ST-0007', ['ST-0042', 'ST-0007']],
  ['^id', 'id id', ['id']],
  ['id$', 'id id\n', []],
  ['(?m)^id$', 'id\nid x\nid', ['id', 'id']],
  ['.', '😀a', ['😀', 'a']],
  ['x*', 'xx y', ['xx']],
])('%s in %j: %j', (source, view, expected) => {
  expect(values(source, view)).toEqual(expected);
});

describe('a stretch', () => {
  const view = 'ST-1 ST-2 ST-3';
  const at = (from: number, limit: number, end: number) => find('ST-\\d', view, from, limit, end);

  test('has only what begins in it, before the limit, and ends in it', () => {
    expect(at(1, 14, 14)).toEqual([
      { start: 5, end: 9 },
      { start: 10, end: 14 },
    ]);
    expect(at(0, 5, 14)).toEqual([{ start: 0, end: 4 }]);
    expect(at(0, 6, 8)).toEqual([{ start: 0, end: 4 }]);
  });

  test('is not alone: what stands before and after it counts for assertions', () => {
    expect(find('\\bb', 'ab', 1)).toEqual([]);
    expect(find('\\bb', '-b', 1)).toEqual([{ start: 1, end: 2 }]);
    expect(find('b\\b', 'bc', 0, 1, 1)).toEqual([]);
    expect(find('b\\b', 'b-', 0, 1, 1)).toEqual([{ start: 0, end: 1 }]);
    expect(find('b$', 'b-', 0, 1, 1)).toEqual([]);
  });

  test('may begin with the text, behind a label', () => {
    const matcher = createMatcher(parsePattern('^b'), 1);
    const search = (textStart: number) => matcher.find('label: b', { from: 7, limit: 8, end: 8, textStart });
    expect(search(7)).toHaveLength(1);
    expect(search(0)).toEqual([]);
  });
});

test('where every place begins a long match that never ends, time stays linear and nothing is missed', () => {
  const matcher = createMatcher(parsePattern('a{1,399}b'), LONGEST);
  const search = (view: string) =>
    matcher.find(view, { from: 0, limit: view.length, end: view.length, textStart: 0 });
  const run = 'a'.repeat(20_000);
  expect(search(run)).toEqual([]);
  expect(search(`${run}b${run}`)).toEqual([{ start: 19_601, end: 20_001 }]);
  const [first, second, ...rest] = search(`${run}b a${run}b`);
  expect([first, second, rest]).toEqual([{ start: 19_601, end: 20_001 }, { start: 39_604, end: 40_004 }, []]);
});
