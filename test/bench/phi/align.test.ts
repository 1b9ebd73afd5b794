import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { align } from '../../../bench/phi/hold-back/align.ts';

const SOURCE = 'Call 202-555-0134 or a@b.example now';
const MASKED = 'Call [PHONE_NUMBER] or [EMAIL_ADDRESS] now';

test('a length of masked text accounts for what stands before it and the values masked in it', () => {
  const accounted = align(SOURCE, MASKED);
  const at = (part: string): number | undefined => accounted?.(MASKED.indexOf(part) + part.length);
  expect(at('Ca')).toBe('Ca'.length);
  expect(at('Call ')).toBe('Call '.length);
  expect(at('[PHONE_NUMBER')).toBe('Call '.length);
  expect(at('[PHONE_NUMBER]')).toBe('Call 202-555-0134'.length);
  expect(at(' or ')).toBe('Call 202-555-0134 or '.length);
  expect(at('[EMAIL_ADDRESS]')).toBe('Call 202-555-0134 or a@b.example'.length);
  expect(accounted?.(MASKED.length)).toBe(SOURCE.length);
});

test('placeholders may stand at both ends and beside each other', () => {
  const accounted = align('a@b.example,c@d.example', '[EMAIL_ADDRESS],[EMAIL_ADDRESS]');
  expect(accounted?.('[EMAIL_ADDRESS]'.length)).toBe('a@b.example'.length);
  expect(accounted?.('[EMAIL_ADDRESS],[EMAIL_ADDRESS]'.length)).toBe('a@b.example,c@d.example'.length);
});

test('texts that do not fit are said so', () => {
  expect(align(SOURCE, MASKED.replace('Call', 'call'))).toBeUndefined();
  expect(align(SOURCE, MASKED.replace(' now', ' then'))).toBeUndefined();
  expect(align(SOURCE, MASKED.replace(' or ', ' and '))).toBeUndefined();
});

test('what the masker makes of a text fits it', () => {
  const masker = createMasker(createDetector(), { default: 'placeholder', entities: {} });
  const { text, counts } = masker.mask(SOURCE);
  expect(counts).toEqual({ PHONE_NUMBER: 1, EMAIL_ADDRESS: 1 });
  expect(align(SOURCE, text)?.(text.length)).toBe(SOURCE.length);
});
