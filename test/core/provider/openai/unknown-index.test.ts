import { expect, it } from 'vitest';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { ResponseError } from '#core/provider/openai/response.ts';
import { createStreamMasker } from '#core/provider/openai/stream.ts';
import { formatNamed, parseEvents } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

const route = findRoute('POST', '/v1/responses') as Route;
const note = (entry_index: number, delta: string) => ({
  type: 'response.note.delta',
  output_index: 0,
  entry_index,
  delta,
});

it('deltas of a new event whose index is not known do not run together', () => {
  const stream = createStreamMasker(route, createTestMasker());
  stream.push(formatNamed([note(0, 'SSN 219-0')]));
  expect(() => stream.push(formatNamed([note(1, ' beds')]))).toThrow(ResponseError);
});

it('deltas of a new event go on while its index stays', () => {
  const stream = createStreamMasker(route, createTestMasker());
  const out = stream.push(
    formatNamed([note(3, 'SSN 219-0'), note(3, '9-9999, '), { type: 'response.completed' }]),
  );
  const said = parseEvents(out).map((event) => event['delta'] ?? '');
  expect(said.join('')).toBe('SSN [US_SSN], ');
});
