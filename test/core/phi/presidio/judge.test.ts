import { expect, test } from 'vitest';
import { covers, judge } from './judge.ts';

const found = (...places: [number, number][]) => places.map(([start, end]) => ({ start, end }));

test.each([
  ['found exactly', 'at 10.0.0.1 now', [[3, 11]], [[3, 11]], []],
  [
    'found in two pieces',
    '10.0.0.1',
    [[0, 8]],
    [
      [0, 4],
      [5, 8],
    ],
    [],
  ],
  ['found without the quotes', '"a.com"', [[0, 7]], [[1, 6]], []],
  ['found with the rest of the word', '10.0.0.1/999', [[0, 8]], [[0, 12]], []],
  ['nothing expected, nothing found', 'words', [], [], []],
  ['missed', 'at 10.0.0.1', [[3, 11]], [], ['3-11 is missed']],
  ['found beside it', '12 34', [[0, 2]], [[3, 5]], ['0-2 is missed', '3-5 is found and should not be']],
  ['found in part', '10.0.0.1', [[0, 8]], [[0, 4]], ['0-8 is found in part, from 5 it is not']],
  ['found with other words', 'at 10.0.0.1', [[3, 11]], [[0, 11]], ['0-11 takes other words along']],
  ['found where nothing is', 'at 10.0.0.1', [], [[3, 11]], ['3-11 is found and should not be']],
] as [string, string, [number, number][], [number, number][], string[]][])(
  '%s',
  (_, text, spans, places, faults) => {
    expect(judge({ text, spans }, found(...places))).toEqual(faults);
  },
);

test('marks alone are covered by a finding that touches them only', () => {
  expect(covers('a ::', [2, 4], found([2, 4]))).toBe(true);
  expect(covers('a ::', [2, 4], found([0, 1]))).toBe(false);
});
