import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { fitPrompt, MAX_SHOWN_BYTES, NOTICE_PLACE } from '#core/approval/fit-prompt.ts';
import { PromptTextSchema } from '#proto/sworn/approval/v1/approval_pb.ts';

const bytesOf = (prompt: readonly { place: string; text: string }[]) =>
  prompt.reduce((sum, { place, text }) => sum + Buffer.byteLength(place) + Buffer.byteLength(text), 0);
const text = (place: string, value: string) => create(PromptTextSchema, { place, text: value });

test('a prompt that fits stays as it is', () => {
  const prompt = [text('a', 'x'.repeat(MAX_SHOWN_BYTES - 2)), text('b', '')];
  expect(fitPrompt(prompt)).toEqual(prompt);
});

test('a longer one is cut between code points, says so first and at the cut, and stays bounded', () => {
  // '€' has three bytes, and the room left by the places is no multiple of three.
  const prompt = [text('a', 'x'.repeat(100)), text('b', '€'.repeat(MAX_SHOWN_BYTES)), text('c', 'unseen')];
  const [notice, first, cut, ...rest] = fitPrompt(prompt);
  expect(notice?.place).toBe(NOTICE_PLACE);
  expect(notice?.text).toContain('NOT SHOWN WHOLE');
  expect(notice?.text).toContain(`${100 + 3 * MAX_SHOWN_BYTES + 6 + 3} bytes in 3 texts`);
  expect(first).toEqual(prompt[0]);
  expect(cut?.text).toMatch(/^€+ \[… \d+ more bytes are not shown\]$/);
  expect(rest).toEqual([]);
  expect(bytesOf(fitPrompt(prompt))).toBeLessThanOrEqual(MAX_SHOWN_BYTES);
});

test('places count too', () => {
  const prompt = Array.from({ length: 3_000 }, (_, index) => text(`${index}`.padEnd(1_000, 'p'), ''));
  const fitted = fitPrompt(prompt);
  expect(fitted[0]?.place).toBe(NOTICE_PLACE);
  expect(bytesOf(fitted)).toBeLessThanOrEqual(MAX_SHOWN_BYTES);
});

test('many texts are cut as well', () => {
  const fitted = fitPrompt(Array.from({ length: 20_000 }, (_, at) => text(`input[${at}]`, 'a')));
  expect(fitted[0]?.place).toBe(NOTICE_PLACE);
  expect(fitted).toHaveLength(9_001);
});

test('what was cut once is not cut again', () => {
  for (const prompt of [
    [text('a', '€'.repeat(MAX_SHOWN_BYTES))],
    Array.from({ length: 20_000 }, () => text('a', '')),
  ]) {
    const once = fitPrompt(prompt);
    expect(fitPrompt(once)).toEqual(once);
  }
});
