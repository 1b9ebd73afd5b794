import { expect, test } from 'vitest';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import type { Exchange } from '../../../data-plane/exchange.ts';
import { estimate } from '../../../data-plane/limit/estimate.ts';

const target = readTarget('POST', '/chat/completions') as Target;
const responses = readTarget('POST', '/responses') as Target;
const PICTURE = { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'high' };

function estimateOf(of: Target, body: object, edits: readonly object[] = [], context = 0) {
  const bytes = Buffer.from(JSON.stringify({ model: 'gpt-test', ...body }));
  const received = { target: of, body: bytes, content: readRequest(of, bytes) };
  return estimate({ received, verdict: { edits } } as unknown as Exchange, context);
}

function outputOf(body: object, edits: readonly object[] = []): number {
  const messages = [{ role: 'user', content: 'hello' }];
  return estimateOf(target, { messages, ...body }, edits).outputTokens;
}

test.each([
  [{}, 0],
  [{ max_tokens: 500 }, 500],
  [{ max_tokens: 500, n: 3 }, 1_500],
  // Nobody sets aside what others may spend by asking for more than any model gives.
  [{ max_tokens: 9_007_199_254_740_991 }, 1_000_000],
  [{ max_tokens: 2, n: 1_000_000_000 }, 256],
])('%j may have so many tokens', (body, tokens) => {
  expect(outputOf(body)).toBe(tokens);
});

test('what policy makes of the length counts', () => {
  expect(outputOf({ max_tokens: 500 }, [{ path: ['max_tokens'], value: 20 }])).toBe(20);
});

const AT = 'https://example.org/scan.png';
const PDF = `data:application/pdf;base64,${Buffer.from('%PDF-1.7 ').toString('base64')}`;
/** The content of a message, in the one API and in the other. */
const FETCHED: [string, object[], object[], number][] = [
  [
    'a picture at an address',
    [{ type: 'input_image', image_url: AT }],
    [{ type: 'image_url', image_url: { url: AT, detail: 'high' } }],
    1_500,
  ],
  ['a picture by id', [{ type: 'input_image', file_id: 'file-6F2ksmvXxt4VdoqmHRw6kL' }], [], 1_500],
  ['a file at an address, twice', Array(2).fill({ type: 'input_file', file_url: AT }), [], 20_000],
  [
    'a file by id',
    [{ type: 'input_file', file_id: 'file-6F2ksmvXxt4VdoqmHRw6kL' }],
    [{ type: 'file', file: { file_id: 'file-6F2ksmvXxt4VdoqmHRw6kL' } }],
    10_000,
  ],
  ['a PDF', [{ type: 'input_file', file_data: PDF }], [{ type: 'file', file: { file_data: PDF } }], 10_000],
  [
    'what an answer cites',
    [
      {
        type: 'output_text',
        text: 'a',
        annotations: [{ type: 'file_citation', file_id: 'file-6F2ksmvXxt4VdoqmHRw6kL', index: 0 }],
      },
    ],
    [],
    0,
  ],
];

test.each(FETCHED)('%s counts though it is not read', (_what, input, messages, tokens) => {
  const asked = [
    estimateOf(responses, { input: [{ role: 'user', content: input }] }),
    ...(messages.length === 0
      ? []
      : [estimateOf(target, { messages: [{ role: 'user', content: messages }] })]),
  ];
  for (const { inputTokens } of asked) {
    expect(inputTokens).toBeGreaterThanOrEqual(tokens);
    expect(inputTokens).toBeLessThan(tokens + 40);
  }
});

test.each([
  ['English', { input: 'four letters' }, 3],
  ['a script of which a character has several bytes', { input: '患者の記録を要約する' }, 8],
  ['pictures', { input: [{ role: 'user', content: [PICTURE, PICTURE] }] }, 3_000],
])('the prompt has as many for %s', (_what, body, tokens) => {
  const { inputTokens } = estimateOf(responses, body);
  // The names of members, and kinds, are read as texts as well.
  expect(inputTokens).toBeGreaterThanOrEqual(tokens);
  expect(inputTokens).toBeLessThan(tokens + 40);
});
