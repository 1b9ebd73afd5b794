import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, expect, test } from 'vitest';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { type Replay, type ReplayOptions, serveReplay } from '../../../cli/replay/serve.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const STREAM = 'text/event-stream; charset=utf-8';

let replay: Replay | undefined;
afterEach(async () => {
  await replay?.close();
  replay = undefined;
});

/** An exchange of this number, as it is recorded. */
function exchange(id: number, fields: MessageInitShape<typeof ExchangeSchema> = {}): Exchange {
  return create(ExchangeSchema, {
    name: `exchanges/e${id}`,
    prompt: { method: 'POST', path: '/v1/responses', body: bytes(`{"input":"${id}"}`) },
    outcome: { status: OutcomeStatus.COMPLETED, httpStatus: 200 },
    delivery: { contentType: 'application/json', frames: [{ offsetUs: 0n, data: bytes(`"answer ${id}"`) }] },
    ...fields,
  } as MessageInitShape<typeof ExchangeSchema>);
}

async function serve(exchanges: Exchange[], options: Partial<ReplayOptions> = {}): Promise<string[]> {
  const told: string[] = [];
  replay = await serveReplay(exchanges, {
    port: 0,
    speed: 0,
    onAnswer: (request, answer) => told.push(`${request} ${answer?.name ?? 'none'}`),
    ...options,
  });
  return told;
}

function ask(body: string, path = '/responses'): Promise<Response> {
  return fetch(`${replay?.baseUrl}${path}`, { method: 'POST', body });
}

test('a request gets the answer of its own body first, then the next of its path, and each once', async () => {
  const told = await serve([exchange(1), exchange(2), exchange(3)]);
  const answers: unknown[] = [];
  for (const input of ['2', 'other', '3']) answers.push(await (await ask(`{"input":"${input}"}`)).json());
  expect(answers).toEqual(['answer 2', 'answer 1', 'answer 3']);
  const over = await ask('{"input":"1"}');
  expect([over.status, over.headers.get('x-should-retry')]).toEqual([404, 'false']);
  expect((await ask('{}', '/embeddings')).status).toBe(404);
  expect(told).toEqual([
    'POST /v1/responses exchanges/e2',
    'POST /v1/responses exchanges/e1',
    'POST /v1/responses exchanges/e3',
    'POST /v1/responses none',
    'POST /v1/embeddings none',
  ]);
});

test('what was waited for is waited for, with comments, and comes in the same pieces', async () => {
  const frames = [
    { offsetUs: 60_000n, data: bytes('data: {"a":1}\n\n') },
    { offsetUs: 70_000n, data: bytes('data: {"b":2}\n\n') },
  ];
  await serve([exchange(1, { delivery: { contentType: STREAM, frames } })], { speed: 1, heartbeatMs: 20 });
  const answer = await ask('{}');
  expect(answer.headers.get('content-type')).toBe(STREAM);
  expect(answer.headers.get('x-request-id')).toBe('e1');
  const text = await answer.text();
  expect(text.match(/^: replay$/gm)?.length).toBe(2);
  expect(text.replaceAll(': replay\n\n', '')).toBe('data: {"a":1}\n\ndata: {"b":2}\n\n');
});

test.each([
  ['the caller was gone', { status: OutcomeStatus.CLIENT_GONE, httpStatus: 200 }],
  ['the plane was', { status: OutcomeStatus.INTERRUPTED, httpStatus: 200 }],
])('a stream ends as it ended when %s: broken', async (_, outcome) => {
  const frames = [{ offsetUs: 0n, data: bytes('data: {"a":1}\n\n') }];
  await serve([exchange(1, { outcome, delivery: { contentType: STREAM, frames } })]);
  const answer = await ask('{}');
  await expect(answer.text()).rejects.toThrow();
});

test('a connection that ended before the status is cut', async () => {
  await serve([exchange(1, { outcome: { status: OutcomeStatus.CLIENT_GONE, httpStatus: 0 } })]);
  await expect(ask('{}')).rejects.toThrow();
});

test('an answer that is erased is said to be so', async () => {
  await serve([create(ExchangeSchema, { ...exchange(1), delivery: undefined })]);
  const answer = await ask('{}');
  expect(answer.status).toBe(404);
  expect(JSON.stringify(await answer.json())).toContain('is not kept');
});
