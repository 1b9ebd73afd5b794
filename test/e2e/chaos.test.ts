import type { ChaosConfig } from '@copilotkit/aimock';
import { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { seededRandom } from '../crash/random.ts';
import { type Api, type Application, createApplication } from '../env/application.ts';
import { type Env, startEnv } from '../env/env.ts';
import {
  ANSWER,
  filingAgent,
  MASKED_ANSWER,
  MASKED_NOTE,
  runThrough,
  SECRETS,
  scriptFiling,
} from '../env/filing-agent.ts';
import { type Mock, mockProvider } from '../env/mock.ts';
import { deliveredText, promptText, recordOf } from '../env/record.ts';

const MODES = (['responses', 'chat'] as const).flatMap((api) => [
  { api, stream: false },
  { api, stream: true },
]);
/** Runs in the storm. */
const ROUNDS = 6;
const PROMPT = 'Who was the visitor?';

let env: Env;
let mock: Mock;
beforeAll(async () => {
  env = await startEnv();
  mock = await mockProvider(env.provider);
});
afterAll(async () => {
  await mock.close();
  await env.close();
});
beforeEach(() => {
  mock.fixtures.clearFixtures();
  mock.fixtures.clearChaos();
  env.provider.seen.length = 0;
});

/** Asks once, and reads the answer's text to its end; `read` has what came of it so far. */
async function ask(app: Application, api: Api, stream: boolean, read: string[] = []): Promise<string> {
  const { client } = app;
  if (api === 'responses') {
    const body = { model: 'gpt-test', input: PROMPT };
    if (!stream) return (await client.responses.create(body)).output_text;
    for await (const event of await client.responses.create({ ...body, stream: true })) {
      if (event.type === 'response.output_text.delta') read.push(event.delta);
    }
    return read.join('');
  }
  const body = { model: 'gpt-test', messages: [{ role: 'user' as const, content: PROMPT }] };
  if (!stream) return (await client.chat.completions.create(body)).choices[0]?.message.content ?? '';
  for await (const { choices } of await client.chat.completions.create({ ...body, stream: true })) {
    read.push(choices[0]?.delta.content ?? '');
  }
  return read.join('');
}

const failureOf = (asking: Promise<unknown>) =>
  asking.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );

// What happens before an answer is the same on both APIs.
const THREE_MODES = MODES.filter(({ api, stream }) => api === 'responses' || stream);

describe.each(THREE_MODES)('a provider in chaos, $api, streamed: $stream', ({ api, stream }) => {
  const answers = () => mock.fixtures.on({ userMessage: /.*/s }, { content: ANSWER });

  test.each([
    ['drops requests', { dropRate: 1 }, { status: 500, code: 'chaos_drop' }],
    ['limits the rate', { rateLimitRate: 1 }, { status: 429, code: 'chaos_ratelimit' }],
    ['answers with what is no JSON', { malformedRate: 1 }, { status: 502, code: 'upstream_unreadable' }],
    ['disconnects', { disconnectRate: 1 }, { status: 502, code: 'upstream_disconnected' }],
  ] as const)('%s: the SDK raises the right error, and the record has it', async (_, chaos, expected) => {
    answers();
    mock.fixtures.setChaos(chaos);
    const app = createApplication(env);
    const error = await failureOf(ask(app, api, stream));
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject(expected);
    const record = await recordOf(env, String(app.exchanges[0]));
    expect(record.outcome).toMatchObject({
      status: OutcomeStatus.UPSTREAM_FAILED,
      httpStatus: expected.status,
    });
    expect(promptText(record)).toContain(PROMPT);
    expect(deliveredText(record)).toBe(await app.wire());
  });

  test('is slow, once to begin and then between pieces: nothing is lost', async () => {
    mock.fixtures.on({ userMessage: /.*/s }, { content: ANSWER }, { latency: 2, chunkSize: 8 });
    mock.fixtures.setChaos({ latencyMs: 50 });
    const app = createApplication(env);
    expect(await ask(app, api, stream)).toBe(MASKED_ANSWER);
    expect(await app.wire()).not.toMatch(SECRETS);
  });

  test('is better at the next attempt: the SDK retries, and each attempt is on record', async () => {
    const first = { userMessage: /.*/s, sequenceIndex: 0 };
    mock.fixtures.on(first, { content: ANSWER }, { chaos: { disconnectRate: 1 } });
    answers();
    const app = createApplication(env, { maxRetries: 1 });
    expect(await ask(app, api, stream)).toBe(MASKED_ANSWER);
    const records = await Promise.all(app.exchanges.map((id) => recordOf(env, id)));
    expect(records.map(({ outcome }) => outcome?.status)).toEqual([
      OutcomeStatus.UPSTREAM_FAILED,
      OutcomeStatus.COMPLETED,
    ]);
  });
});

describe.each(['responses', 'chat'] as const)('a stream that is cut, %s', (api) => {
  // Some of these points lie within what is masked.
  test.each([1, 7, 13])(
    'after %i pieces: what came is masked, and then there is an error',
    async (pieces) => {
      mock.fixtures.on(
        { userMessage: /.*/s },
        { content: ANSWER },
        { chunkSize: 4, truncateAfterChunks: pieces },
      );
      const app = createApplication(env);
      const read: string[] = [];
      const error = await failureOf(ask(app, api, true, read));
      expect(error).toBeInstanceOf(APIError);
      expect(error).toMatchObject({ code: 'upstream_disconnected' });
      // A piece that is cut within may be longer than what it would have become.
      expect(read.join('')).not.toMatch(SECRETS);
      expect(await app.wire()).not.toMatch(SECRETS);
      const record = await recordOf(env, String(app.exchanges[0]));
      expect(record.outcome?.status).toBe(OutcomeStatus.UPSTREAM_FAILED);
      expect(deliveredText(record)).toBe(await app.wire());
    },
  );
});

test('a storm: every run is answered or raises, nothing is unmasked, and every attempt is on record', async () => {
  scriptFiling(mock);
  const CHAOS: readonly ChaosConfig[] = [
    ...Array.from({ length: 5 }, () => ({})),
    { dropRate: 1 },
    { rateLimitRate: 1 },
    { malformedRate: 1 },
    { disconnectRate: 1 },
    { latencyMs: 20 },
  ];
  const random = seededRandom(4711);
  let answered = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { api, stream } = MODES[round % MODES.length] ?? { api: 'chat', stream: false };
    const app = createApplication(env, { api, maxRetries: 2 });
    const { agent, filed } = filingAgent();
    const weather = () => mock.fixtures.setChaos(CHAOS[Math.floor(random() * CHAOS.length)] ?? {});
    weather();
    agent.on('agent_tool_end', weather);
    const ended = await runThrough(app, agent, stream).catch((error: unknown) => error);
    if (ended instanceof Error) expect(ended).toBeInstanceOf(APIError);
    else expect(ended).toMatchObject({ finalOutput: MASKED_ANSWER });
    answered += ended instanceof Error ? 0 : 1;
    expect(filed.every((note) => note === MASKED_NOTE)).toBe(true);
    expect(await app.wire()).not.toMatch(SECRETS);
    const records = await Promise.all(app.exchanges.map((id) => recordOf(env, id)));
    for (const { outcome } of records) {
      const { status = OutcomeStatus.UNSPECIFIED } = outcome ?? {};
      expect([OutcomeStatus.COMPLETED, OutcomeStatus.UPSTREAM_FAILED]).toContain(status);
    }
    expect(env.provider.seen.splice(0)).toHaveLength(app.exchanges.length);
  }
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan(ROUNDS);
});
