import { expect, test } from 'vitest';
import { promptForReviewers } from '../../../data-plane/approval/prompt.ts';

const texts = (count: number, text: string) =>
  Array.from({ length: count }, (_, at) => ({ place: `input[${at}]`, text }));

test('a prompt of ordinary length is shown whole, without a notice', () => {
  const prompt = texts(3, 'hello');
  expect(promptForReviewers(prompt)).toEqual(prompt);
  expect(promptForReviewers([])).toEqual([]);
});

test.each([
  ['too many texts', texts(20_000, 'a')],
  ['one text that is too long', texts(1, 'a'.repeat(1_000_001))],
  ['many long texts', texts(50, 'a'.repeat(100_000))],
])('%s: cut, and the reviewer is told first', (_name, prompt) => {
  const [notice, ...shown] = promptForReviewers(prompt);
  expect(notice?.text).toContain(`of ${prompt.length} texts`);
  expect(shown.length).toBeLessThanOrEqual(9_000);
  expect(shown.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(1_000_000);
  expect(shown[0]).toEqual({ place: 'input[0]', text: prompt[0]?.text.slice(0, 1_000_000) });
});
