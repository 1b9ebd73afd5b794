import { expect, test } from 'vitest';
import { isName } from '#core/provider/openai/structure.ts';

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
