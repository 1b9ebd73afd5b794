import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { RateLimitError } from 'openai';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parsePolicies } from '#core/policy/parse.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { UsageService } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import { controlPlaneSettings, dataPlaneSettings } from '../../cli/commands/dev/settings.ts';
import { startControlPlane } from '../../control-plane/start.ts';
import { type DataPlane, startDataPlane } from '../../data-plane/start.ts';
import { answerText } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { raised } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

const HELLO = { model: 'gpt-test', input: 'hello' };
/** As docs/policy.md promises. */
const SHARED_MS = 3_000;

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
  const settings = {
    ...controlPlaneSettings(stack.directory, stack.mongodbUri, stack.issuer, 0),
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
beforeEach(() => env.provider.behave(answerText('done')));

/** Puts a policy into force that allows everything within these limits, and waits until both planes have it. */
async function apply(name: string, limits: string, more = ''): Promise<void> {
  const yaml = `
apiVersion: sworn/v1
kind: Policy
name: ${name}
spec:
  groups: [${name}]
  routes: [responses.*, chat.completions.create, files.*, models.list]
  limits: ${limits}
  rules: [{ name: all, allow: {} }]
${more}`;
  await env.api(PolicyService, 'admin').applyPolicies({ policies: parsePolicies(yaml) });
  await until('both planes have it', async () => {
    const { planes } = await env.api(PlaneService, 'admin').listPlanes({});
    return planes.length === 2 && planes.every((plane) => plane.headRevision === plane.appliedRevision);
  });
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
    expect(error.message).toContain('limit burst: 3 requests of each caller in 1h are used up');
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
      reason: 'policy requests, limit burst: 3 requests of each caller in 1h are used up',
    });
    // Another caller has their own.
    await client('requests', 'someone-else').responses.create(HELLO);
  });

  test('what has room again within a minute is for the SDK to repeat', async () => {
    await apply('rates', '[{ name: rate, per: policy, requests: 1, every: 1m }]');
    await client('rates').models.list();
    const error = await raised(client('rates').models.list());
    const wait = Number(error.headers?.get('retry-after'));
    // A slot is six seconds: there may be room only after the SDK's patience.
    expect(error.code).toBe(wait <= 60 ? 'rate_limit_exceeded' : 'budget_exhausted');
    expect(error.headers?.get('x-should-retry')).toBe(String(wait <= 60));
  });

  test('each message of a WebSocket counts', async () => {
    await apply('sockets', '[{ name: few, per: caller, requests: 1, every: 1h }]');
    await client('sockets').responses.create(HELLO);
    const error = await raised(
      client('sockets').chat.completions.create({ model: 'gpt-test', messages: [] }),
    );
    expect(error.code).toBe('budget_exhausted');
  });
});

describe('all planes together', () => {
  test('what is spent on one plane is refused on another, which a restart does not change', async () => {
    await apply('shared', '[{ name: pool, per: group, requests: 4, every: 1h }]');
    for (let i = 0; i < 4; i += 1) await client('shared', `user-${i}`).responses.create(HELLO);
    const askSecond = () => clientOfSecond('shared', 'user-9').responses.create(HELLO);
    const spentMs = performance.now();
    // Looked at from outside, so that nothing is asked of the second plane meanwhile.
    await new Promise((resolve) => setTimeout(resolve, SHARED_MS));
    expect(await raised(askSecond())).toMatchObject({ status: 429, code: 'budget_exhausted' });
    expect(performance.now() - spentMs).toBeLessThan(60_000);

    const { usage } = await env.api(UsageService, 'auditor').listUsage({ policy: 'policies/shared' });
    expect(usage).toMatchObject([
      { counter: { limit: 'pool', subject: 'shared', everySeconds: 3_600n }, used: 4n, allowed: 4n },
    ]);

    await second.stop();
    await second.start();
    await until('the plane is ready', async () => (await fetch(`${second.plane.url}/healthz/ready`)).ok);
    await new Promise((resolve) => setTimeout(resolve, SHARED_MS));
    expect(await raised(askSecond())).toMatchObject({ code: 'budget_exhausted' });
  });

  test('a plane that is cut off goes on with what it knows, and tells later what it has counted', async () => {
    await apply('outage', '[{ name: pool, per: policy, requests: 3, every: 1h }]');
    await env.stack.stopControlPlane();
    for (let i = 0; i < 3; i += 1) await client('outage').responses.create(HELLO);
    expect(await raised(client('outage').responses.create(HELLO))).toMatchObject({
      code: 'budget_exhausted',
    });
    await env.stack.startControlPlane();
    await until('the other plane knows', async () => {
      const { usage } = await env.api(UsageService, 'admin').listUsage({ policy: 'policies/outage' });
      return usage[0]?.used === 3n;
    });
    await new Promise((resolve) => setTimeout(resolve, SHARED_MS));
    expect(await raised(clientOfSecond('outage').responses.create(HELLO))).toMatchObject({ status: 429 });
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
    expect(error.message).toContain('30 tokens of each caller in 1d are used up');
    const { usage } = await env.api(UsageService, 'admin').listUsage({ policy: 'policies/tokens' });
    expect(usage.map(({ used }) => used)).toEqual([expect.toSatisfy((used: bigint) => used >= 18n)]);
  });

  test('a cost is by the prices of the upstream, and what has none is refused with the reason', async () => {
    await apply('costs', '[{ name: spend, per: policy, cost: 0.00004, every: 31d }]');
    await client('costs').responses.create(HELLO);
    await client('costs').responses.create(HELLO);
    const error = await raised(client('costs').responses.create(HELLO));
    expect(error.message).toContain('a cost of 0.00004 of all callers in 31d are used up');
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
