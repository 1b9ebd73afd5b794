import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { createHome, type Home, type Running } from '../cli/env/sworn.ts';
import { answerText } from '../env/answers.ts';
import { createApplication } from '../env/application.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import {
  filingAgent,
  MASKED_ANSWER,
  MASKED_NOTE,
  rawEvents,
  runThrough,
  scriptFiling,
} from '../env/filing-agent.ts';
import { mockProvider } from '../env/mock.ts';
import { recordOf } from '../env/record.ts';

// Invented data: no real person's.
const TEXT = 'Patient: Maria Beispiel, SSN 078-05-1120, call (555) 010-4477.';

let env: Env;
let home: Home;
const replays: Running[] = [];
beforeAll(async () => {
  // Held streams get their headers and comments at once.
  env = await startEnv({ dataPlane: { holdHeaders: 0, holdComments: 20 } });
  home = createHome();
});
afterAll(async () => {
  for (const { child, ended } of replays) {
    child.kill('SIGTERM');
    await ended;
  }
  home.remove();
  await env.close();
});

/** Serves an exchange, or a session, as an auditor does; a client that asks there, and the replay itself. */
async function serve(name: string, ...options: string[]): Promise<{ client: OpenAI; replay: Running }> {
  const token = await env.stack.token({ user: 'auditor', audience: CONTROL_PLANE_AUDIENCE });
  const variables = { SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl, SWORN_TOKEN: token };
  const replay = home.start(['audit', 'replay', name, '--serve', '--speed', '0', ...options], {
    env: variables,
  });
  replays.push(replay);
  const [, baseURL] = /OPENAI_BASE_URL=(\S+)\n/.exec(await replay.sees('/v1\n')) ?? [];
  if (baseURL === undefined) throw new Error('there is no base URL');
  return { client: new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 }), replay };
}

interface Seen {
  readonly id: string;
  readonly events: unknown[];
  readonly error: unknown;
}

type Ask = (client: OpenAI) => { withResponse(): Promise<{ data: unknown; request_id: string | null }> };

/** All that a client of the SDK sees of one call: each event, and the error that ends it. */
async function see(client: OpenAI, ask: Ask): Promise<Seen> {
  const events: unknown[] = [];
  let id = '';
  try {
    const { data, request_id } = await ask(client).withResponse();
    id = request_id ?? '';
    if (typeof data !== 'object' || data === null || !(Symbol.asyncIterator in data))
      return { id, events: [data], error: undefined };
    for await (const event of data as AsyncIterable<unknown>) events.push(event);
    return { id, events, error: undefined };
  } catch (thrown) {
    if (!(thrown instanceof APIError)) throw thrown;
    const { name, message, status, code, type, param } = thrown;
    return {
      id: id === '' ? String(thrown.requestID) : id,
      events,
      error: { name, message, status, code, type, param },
    };
  }
}

const MODEL = 'gpt-test';
const ASKS: readonly [what: string, ask: Ask][] = [
  ['a streamed response', (client) => client.responses.create({ model: MODEL, input: 'Who?', stream: true })],
  ['a whole response', (client) => client.responses.create({ model: MODEL, input: 'Who?' })],
  [
    'a streamed chat completion',
    (client) =>
      client.chat.completions.create({
        model: MODEL,
        messages: [{ role: 'user', content: 'Who?' }],
        stream: true,
      }),
  ],
  ['a refusal', (client) => client.responses.create({ model: MODEL, input: 'forbidden', stream: true })],
];

describe('a replayed exchange gives the SDK what its caller got', () => {
  test.each(ASKS)('%s', async (_, ask) => {
    env.provider.behave(answerText(TEXT, 3));
    const live = await see(env.openai(), ask);
    await recordOf(env, live.id);
    const { client } = await serve(`exchanges/${live.id}`);
    expect(await see(client, ask)).toEqual(live);
    // Again, as often as it is asked.
    expect(await see(client, ask)).toEqual(live);
    expect(
      live.events.length > 1 || live.error !== undefined || JSON.stringify(live).includes('[US_SSN]'),
    ).toBe(true);
  });

  test.each(['approveApproval', 'denyApproval'] as const)(
    'a stream that was held, after %s',
    async (verdict) => {
      env.provider.behave(answerText(TEXT, 3));
      const ask: Ask = (client) =>
        client.responses.create({ model: MODEL, input: `bulk ${verdict}`, stream: true });
      const asking = see(env.openai(), ask);
      await env
        .api(ApprovalService, 'reviewer')
        [verdict]({ name: (await pendingApproval(env)).name, reason: 'so be it' });
      const live = await asking;
      await recordOf(env, live.id);
      const { client } = await serve(`exchanges/${live.id}`);
      expect(await see(client, ask)).toEqual(live);
      expect(live.error === undefined).toBe(verdict === 'approveApproval');
    },
  );

  test('a stream that the provider broke off', async () => {
    env.provider.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"type":"response.created","sequence_number":0,"response":{}}\n\n');
    });
    const ask: Ask = (client) => client.responses.create({ model: MODEL, input: 'Who?', stream: true });
    const live = await see(env.openai(), ask);
    await recordOf(env, live.id);
    const { client } = await serve(`exchanges/${live.id}`);
    expect(await see(client, ask)).toEqual(live);
    expect(live.error).toMatchObject({ code: 'upstream_disconnected' });
  });
});

test('a session is replayed to the agent that ran it: the same events, in the same order', async () => {
  const mock = await mockProvider(env.provider);
  scriptFiling(mock);
  const app = createApplication(env);
  const live = await runThrough(app, filingAgent().agent, true);
  await mock.close();
  const [first] = await Promise.all(app.exchanges.map((id) => recordOf(env, id)));
  const seen = env.provider.seen.length;

  const { client, replay } = await serve(first?.session ?? '');
  const again = createApplication({ ...env, openai: () => client });
  const { agent, filed } = filingAgent();
  const { events, finalOutput } = await runThrough(again, agent, true);
  expect(finalOutput).toBe(MASKED_ANSWER);
  expect(filed).toEqual([MASKED_NOTE]);
  expect(rawEvents(events)).toEqual(rawEvents(live.events));
  expect(again.exchanges).toEqual(app.exchanges);
  expect(env.provider.seen).toHaveLength(seen);

  // What was not asked then has no answer, nor has what was asked once.
  const over = await see(client, (one) => one.responses.create({ model: MODEL, input: 'once more' }));
  expect(over.error).toMatchObject({ status: 404, code: 'not_recorded' });
  await replay.sees('nothing that is recorded');
  replay.child.kill('SIGINT');
  expect((await replay.ended).exitCode).toBe(0);
});

test('nobody gets an answer who does not know the whole base URL', async () => {
  env.provider.behave(answerText(TEXT));
  const live = await see(env.openai(), (client) => client.responses.create({ model: MODEL, input: 'Who?' }));
  await recordOf(env, live.id);
  const { client } = await serve(`exchanges/${live.id}`);
  const { origin } = new URL(client.baseURL);
  const answer = await fetch(`${origin}/v1/responses`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(404);
  expect(await answer.text()).not.toContain('Patient');
});
