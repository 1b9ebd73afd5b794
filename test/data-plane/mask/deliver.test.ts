import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { UNNAMED } from '#core/provider/openai/answer/naming.ts';
import { OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { ByteBudget } from '../../../data-plane/budget/budget.ts';
import { CLIENT_GONE } from '../../../data-plane/exchange.ts';
import { Answer } from '../../../data-plane/listener/answer.ts';
import { Arrivals } from '../../../data-plane/listener/arrivals.ts';
import { deliver } from '../../../data-plane/mask/deliver.ts';
import type { DeliveryLimits } from '../../../data-plane/mask/limits.ts';
import type { UpstreamAnswer } from '../../../data-plane/upstream/call.ts';

const TARGET = readTarget('POST', '/chat/completions') as Target;
const BODY = Buffer.from('{"model":"gpt-test","stream":true}');
const RECEIVED = { target: TARGET, body: BODY, content: readRequest(TARGET, BODY) };
const masker = createMasker(createDetector(), { default: 'placeholder', entities: {} });

let server: Server;
let client: Socket;
/** The server has seen that the client is gone. */
let gone: Promise<unknown>;
afterEach(() => {
  client.destroy();
  server.close();
});

/** What becomes of this answer on its way to a caller who sends a request and reads nothing. */
async function deliverTo(
  upstream: Partial<UpstreamAnswer>,
  limits: DeliveryLimits,
  budget = new ByteBudget(2 ** 30),
): Promise<unknown> {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = once(server, 'request');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {}).pause();
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  const [request, response] = await taken;
  gone = once(response, 'close');
  const { arrival } = new Arrivals(budget).enter(request, response);
  const answer = new Answer(arrival.id, arrival.startedMs, response, () => {});
  const whole: UpstreamAnswer = {
    status: 200,
    mediaType: 'text/event-stream',
    headers: {},
    requestId: '',
    credentials: [],
    read: () => chunks(100),
    cameBytes: 0,
    end: () => {},
    discard: () => {},
    ...upstream,
  };
  const gate = new OpaqueGate(undefined, false);
  const ways = { masker, gate, look: undefined, restorer: undefined, naming: UNNAMED };
  return deliver(whole, arrival, RECEIVED, ways, answer, () => {}, limits).catch((error: unknown) => error);
}

const DONE = Buffer.from('data: [DONE]\n\n');

/** More than any socket's buffers take, with 64 KiB in a piece. */
async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  const content = 'ordinary words '.repeat(4_000);
  const chunk = { choices: [{ index: 0, delta: { content } }] };
  for (let number = 0; number < count; number++) yield Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
}

test('a caller that reads nothing of a stream does not keep the provider waiting for ever', async () => {
  const error = await deliverTo({ read: () => chunks(1_000) }, { maxBytes: 2 ** 30, stalledMs: 200 });
  expect(error).toBe(CLIENT_GONE);
});

test('an answer that grows by its masks beyond what a record takes is broken off', async () => {
  const chunk = { choices: [{ index: 0, delta: { content: 'a@b.co, '.repeat(100) } }] };
  const data = Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
  const read = async function* () {
    for (let number = 0; number < 10; number++) yield data;
  };
  const maxBytes = 10 * data.length + 100;
  const error = await deliverTo({ read }, { maxBytes, stalledMs: 5_000 });
  expect(error).toMatchObject({ code: 'upstream_unreadable', message: 'The answer is too large.' });
});

test.each([999, 302, 304, 101])('a status that is no answer, %i, is not handed on', async (status) => {
  const read = async function* () {
    yield Buffer.from('{}');
  };
  const error = await deliverTo(
    { status, mediaType: 'application/json', read },
    { maxBytes: 1_000, stalledMs: 5_000 },
  );
  expect(error).toMatchObject({ code: 'upstream_unreadable' });
});

test.each([
  ['a stream', 'text/event-stream', () => chunks(100)],
  [
    'an answer that is taken in whole',
    'application/json',
    async function* () {
      for (;;) yield Buffer.from(' '.repeat(1_000));
    },
  ],
])('%s for which there is no room is broken off', async (_what, mediaType, read) => {
  const budget = new ByteBudget(256 * 1024);
  const limits = { maxBytes: 2 ** 30, stalledMs: 5_000 };
  const error = await deliverTo({ mediaType, read }, limits, budget);
  expect(error).toMatchObject({ code: 'too_much_under_way' });
  expect(budget.underWay).toBeGreaterThan(60_000);
  expect(budget.underWay).toBeLessThanOrEqual(128 * 1024);
});

test('what comes after the terminal event of a stream, and for how long, does not keep its caller waiting', async () => {
  let over = false;
  const read = async function* () {
    yield DONE;
    // The source stops when nobody wants more.
    while (!over) {
      await setTimeout(20);
      yield Buffer.from(': still here\n\n');
    }
  };
  const end = () => {
    over = true;
  };
  expect(await deliverTo({ read, end }, { maxBytes: 2 ** 20, stalledMs: 5_000 })).toBe(false);
});

test('a caller who leaves while the end of a stream is waited for has not had it', async () => {
  const read = async function* () {
    yield DONE;
    client.destroy();
    await gone;
  };
  expect(await deliverTo({ read }, { maxBytes: 2 ** 20, stalledMs: 5_000 })).toBe(CLIENT_GONE);
});
