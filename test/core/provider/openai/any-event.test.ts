import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { responsesEvents, SSN } from './fixtures/responses.ts';
import { createTestMasker } from './masker.ts';

const routes = ['/v1/responses', '/v1/chat/completions'].map((path) => findRoute('POST', path) as Route);
const masker = createTestMasker();

const types = [...new Set(responsesEvents().map((event) => String(event['type'])))];
const members = [
  ...['type', 'id', 'item_id', 'delta', 'text', 'part', 'item', 'response', 'output', 'content', 'arguments'],
  ...[
    'choices',
    'index',
    'metadata',
    'annotations',
    'annotation',
    'logprobs',
    'obfuscation',
    'encrypted_content',
  ],
  ...[
    'output_index',
    'content_index',
    'command_index',
    'finish_reason',
    'usage',
    'error',
    'data',
    'name',
    '__proto__',
  ],
];
const string = fc.oneof(
  fc.constantFrom(SSN, `a ${SSN}.`, `{"x":"${SSN}"}`, `call_${SSN}`, 'plain', ''),
  fc.string({ maxLength: 6 }),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    string,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...members), string), tie('value'), { maxKeys: 6 }),
}));
const event = fc
  .tuple(
    fc.constantFrom(...types, SSN),
    fc.dictionary(fc.constantFrom(...members), value, { maxKeys: 8 }),
    fc.nat(9),
  )
  .map(([type, rest, number]) => ({ ...rest, type, sequence_number: number }));

describe.each(routes)('on $id', (route) => {
  it('no event of whatever shape lets a number out, and all that comes out is well formed', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 4 }), (events) => {
        const stream = createStreamMasker(route, masker);
        const wire = events.map((said) => `event: ${said.type}\ndata: ${JSON.stringify(said)}\n\n`).join('');
        let out: string;
        try {
          out = new TextDecoder().decode(stream.push(new TextEncoder().encode(wire)));
        } catch (error) {
          // What cannot be read may be refused, but only as that.
          expect(error).toHaveProperty('name', 'ResponseError');
          return;
        }
        expect(out).not.toContain(SSN);
        for (const block of out.split('\n\n').slice(0, -1)) {
          expect(block).toMatch(/^(event: [^\n]+\n)?data: [^\n]+$/);
          JSON.parse(block.slice(block.indexOf('data: ') + 6));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('no answer of whatever shape does either', () => {
    fc.assert(
      fc.property(value, (answer) => {
        const { body } = maskResponse(route, new TextEncoder().encode(JSON.stringify(answer)), masker);
        const text = new TextDecoder().decode(body);
        expect(text).not.toContain(SSN);
        JSON.parse(text);
      }),
      { numRuns: 1000 },
    );
  });
});
