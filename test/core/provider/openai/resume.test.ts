import { expect, it } from 'vitest';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { createTestMasker } from './masker.ts';

const route = findRoute('GET', '/responses/resp_1') as Route;
const AT = { item_id: 'msg_0123456789abcdef', output_index: 0, content_index: 0 };
const TEXT = 'The SSN is 078-05-1120, and that is all there is to say.';
// One character an event, so that many are held back and the caller's numbers are not the provider's.
const EVENTS = [
  { type: 'response.created', response: { id: 'resp_0123456789abcdef' } },
  ...Array.from(TEXT, (delta) => ({ type: 'response.output_text.delta', ...AT, delta })),
  { type: 'response.output_text.done', ...AT, text: TEXT },
  { type: 'response.completed', response: { status: 'completed' } },
].map((event, index) => `data: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`);

function play(startingAfter?: number): string[] {
  const stream = createStreamMasker(route, createTestMasker(), { startingAfter });
  const out = new TextDecoder().decode(stream.push(new TextEncoder().encode(EVENTS.join(''))));
  expect(stream.complete).toBe(true);
  return out.split('\n\n').filter((event) => event !== '');
}

it('a stream goes on after any event as it went on the first time', () => {
  const whole = play();
  expect(whole.length).toBeLessThan(EVENTS.length);
  for (let number = 0; number < whole.length; number++) expect(play(number)).toEqual(whole.slice(number + 1));
});
