import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { type APIError, RateLimitError } from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { answerText, wholeResponse } from '../env/answers.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { planeHealth } from '../env/ledger.ts';
import { sendJson } from '../env/provider.ts';
import { speakRealtime } from '../env/realtime.ts';
import { recordOf } from '../env/record.ts';
import { connectTo, type End, type SocketEvent } from '../env/sockets.ts';
import { until } from '../env/until.ts';

const MIB = 1024 * 1024;
const TOTAL = 4 * MIB;
/** Three of them are less than the half that a caller alone may have, four are more. */
const LARGE = 'patient seen '.repeat(50_000);
const GROUPS = ['clinicians'];
const DOWNLOADS = `
apiVersion: sworn/v1
kind: Policy
name: downloads
spec:
  groups: [clinicians]
  routes: [files.content]
  rules:
    - name: ordinary
      allow: {}
`;

let env: Env;
let most: number;
let watching: NodeJS.Timeout;
beforeAll(async () => {
  env = await startEnv({
    policies: [TEST_POLICY, DOWNLOADS],
    dataPlane: { maxBody: MIB, bodyBudget: TOTAL },
  });
});
afterAll(() => env.close());
beforeEach(() => {
  env.provider.seen.length = 0;
  env.provider.behave(answerText('done'));
  most = 0;
  watching = setInterval(async () => {
    // Of a connection that is just ended nothing is told.
    const health = await planeHealth(env).catch(() => undefined);
    most = Math.max(most, health?.bytesUnderWay ?? 0);
  }, 20);
});
/** Whatever came before: the plane was never above its bounds, and in the end holds nothing. */
afterEach(async () => {
  await until('everything given back', async () => (await planeHealth(env)).bytesUnderWay === 0);
  clearInterval(watching);
  expect(most).toBeLessThanOrEqual(TOTAL);
});

const ask = (user: string, input: string, options = {}) =>
  env.openai(user, { groups: GROUPS, ...options }).responses.create({ model: 'gpt-test', input });

/** A provider that answers when it is told to. */
function holdAnswers(): () => void {
  const waiting: ServerResponse[] = [];
  let isOpen = false;
  const answer = (response: ServerResponse) => sendJson(response, 200, wholeResponse('done'));
  env.provider.behave((request, response) => {
    if (isOpen || request.body.length < LARGE.length) answer(response);
    else waiting.push(response);
  });
  return () => {
    isOpen = true;
    for (const response of waiting) answer(response);
  };
}

test('large bodies of one caller are refused beyond their half; others are served, and they too when theirs have ended', async () => {
  const answerAll = holdAnswers();
  const all = Array.from({ length: 6 }, () => ask('clinician', LARGE));
  const ends = Promise.allSettled(all);
  const refusals: unknown[] = [];
  for (const one of all) one.catch((error) => refusals.push(error));
  await env.provider.untilSeen(3);
  await until('three refusals', () => refusals.length === 3);
  const refused = refusals[0] as RateLimitError;
  expect(refused).toBeInstanceOf(RateLimitError);
  expect(refused).toMatchObject({ status: 429, code: 'too_much_under_way', type: 'rate_limit_error' });
  expect(refused.headers?.get('retry-after')).toBe('5');
  expect(refused.headers?.get('x-should-retry')).toBe('true');
  const record = await recordOf(env, String(refused.requestID));
  expect(record).toMatchObject({ caller: { subject: 'clinician' }, route: 'responses.create' });
  expect(record.outcome).toMatchObject({
    status: OutcomeStatus.REFUSED,
    httpStatus: 429,
    errorCode: 'too_much_under_way',
  });

  expect((await ask('other', LARGE.slice(0, 500_000))).output_text).toBe('done');
  answerAll();
  const outcomes = (await ends).map(({ status }) => status);
  expect(outcomes.filter((status) => status === 'fulfilled')).toHaveLength(3);
  expect((await ask('clinician', LARGE)).output_text).toBe('done');
  expect(env.provider.seen).toHaveLength(5);
  expect(most).toBeGreaterThan(MIB);
});

test('messages that never become whole take a caller no further than their half, nor others their turn', async () => {
  speakRealtime(env.provider, 'done');
  const before = (await planeHealth(env)).tooMuchUnderWay;
  const partial = await Promise.all(
    Array.from({ length: 6 }, () => connectTo(env, '/v1/realtime?model=gpt-realtime', { groups: GROUPS })),
  );
  await Promise.all(partial.map((end) => end.until('session.created')));
  const errors = partial.map((end) => end.until('error').catch(() => []));
  const begin = ({ socket }: End) => socket.send(`{"type":"${LARGE}`, { fin: false });
  const [one, another, ...more] = partial as [End, End, ...End[]];
  for (const end of [one, another]) begin(end);
  await until('two messages', async () => (await planeHealth(env)).bytesUnderWay > 2 * LARGE.length);
  for (const end of more) begin(end);
  const [first] = (await Promise.race(errors)) as [SocketEvent];
  expect(first).toMatchObject({
    type: 'error',
    status: 429,
    error: { code: 'too_much_under_way', type: 'rate_limit_error' },
  });
  const [, id = ''] = /\(record ([0-9a-f-]+)\)/.exec(String(first['message'])) ?? [];
  expect((await recordOf(env, id)).outcome).toMatchObject({
    status: OutcomeStatus.REFUSED,
    errorCode: 'too_much_under_way',
  });
  expect((await ask('other', LARGE.slice(0, 500_000))).output_text).toBe('done');
  const other = await connectTo(env, '/v1/realtime?model=gpt-realtime', { user: 'other', groups: GROUPS });
  await other.until('session.created');
  other.send({ type: 'response.create' });
  expect((await other.until('response.done')).at(-1)).toMatchObject({ response: { status: 'completed' } });
  other.socket.close();

  expect(await Promise.race(more.map(({ closed }) => closed))).toBe(1013);
  for (const { socket } of partial) socket.terminate();
  await Promise.all(partial.map(({ closed }) => closed));
  expect((await planeHealth(env)).tooMuchUnderWay).toBeGreaterThan(before);
});

test('answers that are taken in whole are bounded too', async () => {
  const bytes = Buffer.alloc(1.5 * MIB, 'patient seen ');
  // None ends before all have begun.
  env.provider.behave(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write(bytes.subarray(0, MIB));
    await env.provider.untilSeen(3);
    response.end(bytes.subarray(MIB));
  });
  const client = env.openai('clinician', { groups: GROUPS });
  const download = async () => (await client.files.content('file-abc123')).text();
  const all = await Promise.allSettled([download(), download(), download()]);
  const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as APIError] : []));
  expect(refused.length).toBeGreaterThan(0);
  for (const error of refused) expect(error).toMatchObject({ status: 429, code: 'too_much_under_way' });
  const [error] = refused;
  expect((await recordOf(env, String(error?.requestID))).outcome).toMatchObject({
    status: OutcomeStatus.INTERNAL,
    errorCode: 'too_much_under_way',
    deliveredBytes: expect.any(BigInt),
  });
  expect(await download()).toHaveLength(bytes.length);
});

test.each([
  ['goes away in the middle of a body', 'half'],
  ['goes away while the provider works', 'whole'],
])('a caller who %s has nothing under way afterwards', async (_what, how) => {
  holdAnswers();
  const token = await env.stack.token({ user: 'clinician', groups: GROUPS });
  const body = JSON.stringify({ model: 'gpt-test', input: LARGE });
  const socket = connect(Number(new URL(env.stack.dataPlaneUrl).port), '127.0.0.1');
  const head = `POST /v1/responses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
  socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`);
  socket.write(how === 'half' ? body.slice(0, 300_000) : body);
  await until('a body under way', async () => (await planeHealth(env)).bytesUnderWay >= body.length);
  if (how === 'whole') await env.provider.untilSeen(1);
  socket.destroy();
  await until('nothing under way', async () => (await planeHealth(env)).bytesUnderWay === 0);
});

test('a conversation holds no message that was answered', async () => {
  speakRealtime(env.provider, 'done');
  const end = await connectTo(env, '/v1/realtime?model=gpt-realtime', { groups: GROUPS });
  await end.until('session.created');
  const content = [{ type: 'input_text', text: LARGE }];
  end.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
  await until('the message under way', async () => (await planeHealth(env)).bytesUnderWay > LARGE.length);
  end.send({ type: 'response.create' });
  await end.until('response.done');
  await until('nothing under way', async () => (await planeHealth(env)).bytesUnderWay === 0);
  end.socket.close();
  await end.closed;
});
