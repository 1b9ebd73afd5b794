import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { type APIError, RateLimitError } from 'openai';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { UsageService } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import { controlPlaneSettings, dataPlaneSettings } from '../../cli/commands/dev/settings.ts';
import { startControlPlane } from '../../control-plane/start.ts';
import { type DataPlane, startDataPlane } from '../../data-plane/start.ts';
import { answerText, wholeResponse } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { pausingAnswer } from '../env/pausing.ts';
import { putPolicies } from '../env/policies.ts';
import { type Behaviour, sendJson } from '../env/provider.ts';
import { raised } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';
import { connectTo, takeSockets } from '../env/sockets.ts';
import { copyState } from '../env/state.ts';
import { until } from '../env/until.ts';

const HELLO = { model: 'gpt-test', input: 'hello' };

/** Answers with so many tokens. */
const answerUsage =
  (tokens: number): Behaviour =>
  (_request, response) =>
    sendJson(response, 200, {
      ...wholeResponse('done'),
      usage: { input_tokens: 1, output_tokens: tokens - 1, total_tokens: tokens },
    });

let env: Env;
let directory: string;
/** A second plane that knows only the second replica of the control plane. */
let second: { plane: DataPlane; stop: () => Promise<void>; start: () => Promise<void> };
let stopReplica: () => Promise<void>;

beforeAll(async () => {
  env = await startEnv();
  const { stack } = env;
  directory = await mkdtemp(join(tmpdir(), 'sworn-limits-'));
  const logger = pino({ level: 'silent' });
  const defaults = controlPlaneSettings(stack.directory, stack.mongodbUri, stack.issuer, 0);
  const settings = {
    ...defaults,
    stateDirectory: await copyState(defaults.stateDirectory, 'replica'),
    mongodbDatabase: env.database,
  };
  const replica = await startControlPlane(settings, { logger, isDevelopment: true });
  stopReplica = () => replica.close();
  const { joinToken } = await env.api(PlaneService, 'admin').createJoinToken({ displayName: 'second' });
  const plane = (token?: string) =>
    startDataPlane(dataPlaneSettings(directory, replica.url, 0, token), { logger });
  second = {
    plane: await plane(joinToken),
    stop: () => second.plane.close(),
    start: async () => {
      second.plane = await plane();
    },
  };
  const upstream = {
    name: 'upstreams/default',
    spec: { prices: [{ model: 'gpt-*', input: '1', output: '2' }] },
  };
  await env
    .api(UpstreamService, 'admin')
    .updateUpstream({ upstream, updateMask: { paths: ['spec.prices'] } });
});
afterAll(async () => {
  await second?.stop();
  await stopReplica?.();
  await env?.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  env.provider.seen.length = 0;
  env.provider.behave(answerText('done'));
});

/** Puts a policy into force that allows everything within these limits, and waits until both planes have it. */
async function apply(name: string, limits: string, more = ''): Promise<void> {
  const yaml = `
apiVersion: sworn/v1
kind: Policy
name: ${name}
spec:
  groups: [${name}]
  routes: [responses.*, chat.completions.create, files.*, models.list, realtime.connect]
  limits: ${limits}
  rules: [{ name: all, allow: {} }]
${more}`;
  await putPolicies(env, yaml, 2);
}

const client = (group: string, user = `${group}-user`, maxRetries = 0) =>
  env.openai(user, { groups: [group], maxRetries });
const clientOfSecond = (group: string, user = `${group}-user`) =>
  new OpenAI({
    baseURL: `${second.plane.url}/v1`,
    apiKey: () => env.stack.token({ user, groups: [group] }),
    maxRetries: 0,
  });

describe('requests', () => {
  test('each caller has so many, at once or one after the other, and the record says which limit refused', async () => {
    await apply('requests', '[{ name: burst, per: caller, requests: 3, every: 1h }]');
    const before = env.provider.seen.length;
    const asked = Array.from({ length: 8 }, () => client('requests').responses.create(HELLO));
    const answers = await Promise.allSettled(asked);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(env.provider.seen.length - before).toBe(3);

    const error = await raised(client('requests').responses.create(HELLO));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'budget_exhausted', type: 'insufficient_quota' });
    expect(error.message).toContain('limit burst is used up: 3 requests of each caller in 1h');
    expect(error.headers?.get('x-should-retry')).toBe('false');
    const wait = Number(error.headers?.get('retry-after'));
    expect(wait).toBeGreaterThan(3_540);
    expect(wait).toBeLessThanOrEqual(3_960);
    const record = await recordOf(env, String(error.requestID));
    expect(record.outcome).toMatchObject({ status: OutcomeStatus.REFUSED, errorCode: 'budget_exhausted' });
    expect(record.decision).toMatchObject({
      action: Action.DENY,
      policy: 'policies/requests',
      limit: 'burst',
      reason: 'policy requests, limit burst is used up: 3 requests of each caller in 1h',
    });
    // Another caller has their own.
    await client('requests', 'someone-else').responses.create(HELLO);
  });

  test('a limit of a minute is a matter of the rate; where its room comes within the patience of SDKs they repeat', async () => {
    await apply('rates', '[{ name: rate, per: policy, requests: 1, every: 1m }]');
    await client('rates').models.list();
    const error = await raised(client('rates').models.list());
    const wait = Number(error.headers?.get('retry-after'));
    expect(wait).toBeGreaterThan(50);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'rate_limit_error' });
    expect(error.headers?.get('x-should-retry')).toBe(String(wait < 60));
  });

  test('each message of a WebSocket counts, and its refusal is an event on the open connection', async () => {
    await apply('sockets', '[{ name: few, per: caller, requests: 2, every: 1h }]');
    takeSockets(env.provider, async (end) => {
      for (;;) {
        const event = await end.next().catch(() => undefined);
        if (event === undefined) return;
        end.send({ type: 'response.completed', sequence_number: 0, response: wholeResponse('done') });
      }
    });
    const caller = await connectTo(env, '/v1/responses', { user: 'sockets-user', groups: ['sockets'] });
    for (let i = 0; i < 2; i += 1) {
      caller.send({ type: 'response.create', ...HELLO });
      expect(await caller.next()).toMatchObject({ type: 'response.completed' });
    }
    for (let i = 0; i < 2; i += 1) {
      caller.send({ type: 'response.create', ...HELLO });
      expect(await caller.next()).toMatchObject({ type: 'error', status: 429, code: 'budget_exhausted' });
    }
    caller.socket.close();
    // HTTP and WebSocket are one to a limit.
    expect(await raised(client('sockets').responses.create(HELLO))).toMatchObject({ status: 429 });
  });
});

describe('all planes together', () => {
  /** Asks the second plane, which by itself would let a thousand such through, until it refuses. */
  async function refusedOnSecond(group: string): Promise<APIError> {
    env.provider.behave(answerUsage(1));
    let refusal: unknown;
    await until('a refusal on the other plane', async () => {
      refusal = await clientOfSecond(group, 'user-9')
        .responses.create(HELLO)
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      return refusal !== undefined;
    });
    expect(refusal).toBeInstanceOf(RateLimitError);
    return refusal as APIError;
  }

  test('what is spent on one plane is refused on another, also after that has started anew', async () => {
    await apply('shared', '[{ name: pool, per: group, tokens: 1000000, every: 1d }]');
    env.provider.behave(answerUsage(1_000_000));
    await client('shared').responses.create(HELLO);
    expect(await refusedOnSecond('shared')).toMatchObject({ code: 'budget_exhausted' });

    const { usage } = await env.api(UsageService, 'auditor').listUsage({ policy: 'policies/shared' });
    expect(usage).toMatchObject([
      { counter: { limit: 'pool', subject: 'shared', everySeconds: 86_400n }, allowed: 1_000_000n },
    ]);
    expect(usage[0]?.used).toBeGreaterThanOrEqual(1_000_000n);

    await second.stop();
    await second.start();
    await until('the plane is ready', async () => (await fetch(`${second.plane.url}/healthz/ready`)).ok);
    expect(await refusedOnSecond('shared')).toMatchObject({ code: 'budget_exhausted' });
  });

  test('a plane that is cut off goes on with what it knows, and tells later what it has counted', async () => {
    await apply('outage', '[{ name: pool, per: policy, tokens: 1000000, every: 1h }]');
    await env.stack.stopControlPlane();
    env.provider.behave(answerUsage(600_000));
    for (let i = 0; i < 2; i += 1) await client('outage').responses.create(HELLO);
    expect(await raised(client('outage').responses.create(HELLO))).toMatchObject({ status: 429 });
    await env.stack.startControlPlane();
    expect(await refusedOnSecond('outage')).toMatchObject({ status: 429 });
  });
});

describe('tokens and cost', () => {
  test('count when the answer has come, whole or streamed, and stand in the record', async () => {
    // An answer of the provider has 11 and 7 tokens, which cost 11 + 14 millionths.
    await apply('tokens', '[{ name: daily, per: caller, tokens: 30, every: 1d }]');
    const { request_id: id } = await client('tokens').responses.create(HELLO).withResponse();
    const record = await recordOf(env, String(id));
    expect(record).toMatchObject({ usage: { inputTokens: 11n, outputTokens: 7n }, costMicros: 25n });
    for await (const _ of await client('tokens').responses.create({ ...HELLO, stream: true }));
    const error = await raised(client('tokens').responses.create(HELLO));
    expect(error.message).toContain('is used up: 30 tokens of each caller in 1d');
    const used = async () => {
      const { usage } = await env.api(UsageService, 'admin').listUsage({ policy: 'policies/tokens' });
      return usage.map((one) => one.used);
    };
    await expect.poll(used).toEqual([36n]);
  });

  test('what requests under way may take is set aside, and the SDK comes again when they have ended', async () => {
    await apply('aside', '[{ name: daily, per: caller, tokens: 100, every: 1d }]');
    const { behaviour, goOn } = pausingAnswer('one two three');
    env.provider.behave(behaviour);
    const body = { ...HELLO, max_output_tokens: 100, stream: true as const };
    const running = await client('aside').responses.create(body);
    const error = await raised(client('aside').responses.create(HELLO));
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(error.headers?.get('retry-after')).toBe('1');
    expect(error.headers?.get('x-should-retry')).toBe('true');
    env.provider.behave(answerText('done'));
    const patient = client('aside', 'aside-user', 5).responses.create(HELLO);
    goOn();
    for await (const _ of running);
    expect((await patient).output_text).toBe('done');
  });

  test('a cost is by the prices of the upstream, and what has none is refused with the reason', async () => {
    await apply('costs', '[{ name: spend, per: policy, cost: 0.00004, every: 31d }]');
    await client('costs').responses.create(HELLO);
    await client('costs').responses.create(HELLO);
    const error = await raised(client('costs').responses.create(HELLO));
    expect(error.message).toContain('is used up: a cost of 0.00004 of all callers in 31d');
    const unpriced = await raised(client('costs').responses.create({ ...HELLO, model: 'other' }));
    expect(unpriced).toMatchObject({ status: 403, code: 'policy_denied' });
    expect(unpriced.message).toContain('the model has no price at upstreams/default');
    // What asks no model costs nothing.
    await client('costs').models.list();
  });

  test('what nobody here would see is refused, not let through uncounted', async () => {
    await apply('unseen', '[{ name: daily, per: caller, tokens: 1000, every: 1d }]');
    const later = await raised(client('unseen').responses.create({ ...HELLO, background: true }));
    expect(later.message).toContain('an answer in the background cannot be counted');
    const line = { custom_id: 'a', method: 'POST', url: '/v1/responses', body: HELLO };
    const file = new File([JSON.stringify(line)], 'batch.jsonl');
    const batch = await raised(client('unseen').files.create({ file, purpose: 'batch' }));
    expect(batch.message).toContain('of a batch cannot be counted');
    await apply('lines', '[{ name: burst, per: caller, requests: 9, every: 1d }]');
    const lines = await raised(client('lines').files.create({ file, purpose: 'batch' }));
    expect(lines.message).toContain('the requests of a batch cannot be counted');
  });

  test('an answer without figures counts by what it may have been: a stream that says none, and one that breaks off', async () => {
    await apply('silent', '[{ name: daily, per: caller, tokens: 200, every: 1d }]');
    env.provider.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const choice = { index: 0, delta: { content: 'words' }, finish_reason: 'stop' };
      const chunk = { id: 'chatcmpl_1', object: 'chat.completion.chunk', choices: [choice] };
      response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
    });
    const messages = [{ role: 'user' as const, content: 'hello' }];
    const body = { model: 'gpt-test', messages, max_completion_tokens: 300, stream: true as const };
    for await (const _ of await client('silent').chat.completions.create(body));
    expect(await raised(client('silent').responses.create(HELLO))).toMatchObject({
      code: 'budget_exhausted',
    });

    env.provider.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"id":"chatcmpl_1","choices":[]}\n\n', () => response.destroy());
    });
    const other = client('silent', 'somebody-else');
    await raised(
      (async () => {
        for await (const _ of await other.chat.completions.create(body));
      })(),
    );
    expect(await raised(other.responses.create(HELLO))).toMatchObject({ code: 'budget_exhausted' });
  });

  test('what the provider refuses costs nothing', async () => {
    await apply('refused', '[{ name: daily, per: caller, tokens: 20, every: 1d }]');
    env.provider.behave((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'no', code: 'bad', type: 'x', param: null } }));
    });
    for (let i = 0; i < 3; i += 1)
      await raised(client('refused').responses.create({ ...HELLO, max_output_tokens: 500 }));
    env.provider.behave(answerText('done'));
    expect((await client('refused').responses.create(HELLO)).output_text).toBe('done');
  });

  test('a condition knows what the session has cost', async () => {
    const rules = `
---
apiVersion: sworn/v1
kind: Policy
name: dear-sessions
spec:
  groups: [sessions]
  rules: [{ name: dear, when: session.cost > 0.00003, deny: { message: Begin a new session. } }]
`;
    await apply('sessions', '[]', rules);
    const ask = () => client('sessions').responses.create(HELLO, { headers: { 'X-Sworn-Session': 'dear' } });
    await ask();
    await ask();
    expect((await raised(ask())).message).toContain('Begin a new session.');
  });

  test('exchanges show what they cost', async () => {
    await apply('shown', '[]');
    const { request_id: id } = await client('shown').responses.create(HELLO).withResponse();
    await recordOf(env, String(id));
    const { exchange } = await env.api(AuditService, 'auditor').getExchange({ name: `exchanges/${id}` });
    expect(exchange?.costMicros).toBe(25n);
    const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: `exchanges/${id}` });
    expect(records.map(({ record }) => record?.kind)).toEqual([RecordKind.INTENT, RecordKind.OUTCOME]);
  });
});
