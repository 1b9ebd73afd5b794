import { expect, test } from 'vitest';
import { isName, isOpaque, isPlainKey } from '#core/provider/openai/structure.ts';

test.each([
  ['call_N1h1bCCzmPXgdGqqqqqq', true],
  ['call_Ana-Kim_Lee-Ro42', true],
  ['resp-Ana-Kim_Lee-Ro42', true],
  ['550e8400-e29b-41d4-a716-446655440000', true],
  ['fp_44709d6fcb', true],
  // Not as anybody issues them: read like any text.
  ['call_078-05-1120-abcd', false],
  ['call_00482913-Beispiel', false],
  ['note_Ana-Kim_Lee-Ro42', false],
  ['Ana-Kim_Lee-Ro42', false],
  ['078-05-1120', false],
])('the id %s is structure: %s', (id, structure) => {
  expect(isName('id', id)).toBe(structure);
});

test.each([
  ['type', 'function_call', true],
  ['type', 'web_search_preview_2025_03_11', true],
  ['type', 'computer_20241022', true],
  ['model', 'gpt-4o-2024-08-06', true],
  ['model', 'us.anthropic.claude-3-5-sonnet-20241022-v2:0', true],
  ['model', 'ft:gpt-4o-mini-2024-07-18:acme:triage:7p4lURel', true],
  // They would identify somebody.
  ['object', 'mrn.00482913', false],
  ['status', 'mrn_482913', false],
  ['model', 'SSN:078-05-1120', false],
])('under "%s" the word %s is structure: %s', (key, word, structure) => {
  expect(isName(key, word)).toBe(structure);
});

const base64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M8/';

test.each([
  ['result', base64, true],
  ['url', 'data:image/svg+xml;base64,AAAA', true],
  ['url', 'data:audio/mp4;base64,AAAA', true],
  ['encrypted_content', `${base64}078-05-1120`, true],
  // Letters of base64 that say something.
  ['result', `exports/SSN-078-05-1120/${base64}`, false],
  ['url', 'data:image/078-05-1120;base64,AAAA', false],
])('under "%s" %s is opaque: %s', (key, value, opaque) => {
  expect(isOpaque(key, value)).toBe(opaque);
});

test('a key with a long number in it is text', () => {
  expect(['output_text', 'b64_json', 'MRN_00482913'].map(isPlainKey)).toEqual([true, true, false]);
});
