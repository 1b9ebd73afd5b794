import { APIError } from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parsePolicies } from '#core/policy/parse.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { configure } from '../../cli/commands/dev/configure.ts';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { createHome } from '../cli/env/sworn.ts';
import { answerText, responseEvents, wholeResponse } from '../env/answers.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { type Behaviour, PROVIDER_KEY, type Provider, sendJson, startProvider } from '../env/provider.ts';
import { recordOf } from '../env/record.ts';
import { connectTo, takeSockets } from '../env/sockets.ts';
import { until } from '../env/until.ts';

const BOTH = TEST_POLICY.replace(
  'spec:\n',
  'spec:\n  routes: [responses.*]\n  upstreams: [default, second]\n',
);
const HELLO = { model: 'gpt-test', input: 'hello' };

let env: Env;
let second: Provider;

beforeAll(async () => {
  second = await startProvider();
  env = await startEnv({ dataPlane: { region: 'eu-1' } });
  const spec = { baseUrl: second.baseUrl, regions: ['eu-*'] };
  const upstream = { upstreamId: 'second', upstream: { spec }, credential: PROVIDER_KEY };
  await env.api(UpstreamService, 'admin').createUpstream(upstream);
});
afterAll(async () => {
  await env.close();
  await second.close();
});
beforeEach(() => apply(BOTH));
afterEach(() => {
  for (const provider of [env.provider, second]) provider.seen.length = 0;
});

/** Puts policies into force, and waits until the plane has them. */
async function apply(...yaml: string[]): Promise<void> {
  await env.api(PolicyService, 'admin').applyPolicies({ policies: yaml.flatMap(parsePolicies) });
  await untilApplied();
}

async function untilApplied(): Promise<void> {
  await until('the plane has them', async () => {
    const { planes } = await env.api(PlaneService, 'admin').listPlanes({});
    return planes.every(({ appliedRevision, headRevision }) => headRevision === appliedRevision);
  });
}

/** The upstream of a recorded exchange, and those before it. */
async function upstreamsOf(id: string) {
  const { upstream, upstreamAttempts } = await recordOf(env, id);
  return [
    upstream,
    ...upstreamAttempts.map((attempt) => [attempt.upstream, attempt.httpStatus || attempt.errorCode]),
  ];
}

async function raised(asking: Promise<unknown>): Promise<APIError> {
  const error = await asking.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

/** The events of an answer, as a WebSocket has them. */
const eventsOf = (text: string): object[] =>
  responseEvents(text, 3).map((event) => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? ''));

/** Answers with a response of this id. */
const answerId =
  (id: string, text: string): Behaviour =>
  (_request, response) =>
    sendJson(response, 200, { ...(wholeResponse(text) as object), id });

test('a WebSocket that an upstream turns away goes to the next, and the record says so', async () => {
  env.provider.upgrade((_request, socket) => {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
  });
  takeSockets(second, async (provider) => {
    await provider.next();
    for (const event of eventsOf('from the second')) provider.send(event);
  });
  const caller = await connectTo(env, '/v1/responses');
  caller.send({ type: 'response.create', ...HELLO });
  const events = await caller.until('response.completed');
  expect(JSON.stringify(events)).toContain('from the second');
  caller.socket.close();
  let id = '';
  await until('its record', async () => {
    const { exchanges } = await env.api(AuditService, 'auditor').listExchanges({});
    id = (exchanges[0]?.name ?? '').replace('exchanges/', '');
    return id !== '';
  });
  expect(await upstreamsOf(id)).toEqual(['upstreams/second', ['upstreams/default', 503]]);
});

test('an upstream that turns a request away is followed by the next, whole and streamed, and the record says so', async () => {
  second.behave(answerText('from the second'));
  for (const status of [429, 503]) {
    env.provider.behave((_request, response) => sendJson(response, status, { error: { message: 'later' } }));
    const { data, request_id } = await env.openai().responses.create(HELLO).withResponse();
    expect(data.output_text).toBe('from the second');
    expect(await upstreamsOf(String(request_id))).toEqual([
      'upstreams/second',
      ['upstreams/default', status],
    ]);
  }
  const { data: stream, request_id } = await env
    .openai()
    .responses.create({ ...HELLO, stream: true })
    .withResponse();
  let text = '';
  for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
  expect(text).toBe('from the second');
  expect(await upstreamsOf(String(request_id))).toEqual(['upstreams/second', ['upstreams/default', 503]]);
});

test('an upstream gets its own name of a model, and its secret headers; policy and record have the name that was asked for', async () => {
  const admin = env.api(UpstreamService, 'admin');
  const name = 'upstreams/second';
  const modelNames = [{ model: 'gpt-test', sentAs: 'notes/deployment-1' }];
  await admin.updateUpstream({
    upstream: { name, spec: { modelNames } },
    secretHeaders: [{ name: 'Ocp-Apim-Subscription-Key', value: 'a subscription key' }],
  });
  await untilApplied();
  env.provider.behave((_request, response) => sendJson(response, 503, { error: { message: 'later' } }));
  second.behave(answerText('from the second'));
  // What stands between is as it came: long numbers, spaces, the order of keys.
  const raw = '{ "input":"hello \\u00e9", "n_of_mine":12345678901234567890, "model" : "gpt-test" }';
  const answer = await fetch(`${env.stack.openaiBaseUrl}/responses`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await env.stack.token({ user: 'clinician' })}`,
    },
    body: raw,
  });
  expect(answer.status).toBe(200);
  const [sent] = second.seen;
  expect(sent?.body).toBe(raw.replace('"gpt-test"', '"notes/deployment-1"'));
  expect(sent?.headers['ocp-apim-subscription-key']).toBe('a subscription key');
  expect(env.provider.seen[0]?.body).toBe(raw);
  const record = await recordOf(env, String(answer.headers.get('x-request-id')));
  expect(record).toMatchObject({ model: 'gpt-test', upstreamModel: 'notes/deployment-1', upstream: name });
  // A model that has no other name goes as it is.
  await env.openai().responses.create({ ...HELLO, model: 'gpt-other' });
  expect(JSON.parse(String(second.seen[1]?.body))).toMatchObject({ model: 'gpt-other' });
  await admin.updateUpstream({ upstream: { name, spec: {} }, updateMask: { paths: ['spec.model_names'] } });
  await untilApplied();
});

test('an admin gives an upstream names of models and a secret header on the command line, and sees no value', async () => {
  const home = createHome();
  const token = await env.stack.token({ user: 'admin', audience: CONTROL_PLANE_AUDIENCE });
  const login = {
    SWORN_TOKEN: token,
    SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl,
    APIM_KEY: 'apim-secret',
  };
  const made = await home.call(
    [
      ...[
        'upstream',
        'create',
        'azure-gateway',
        '--base-url',
        'https://apim.example.org/openai/v1',
        '--auth',
        'none',
      ],
      ...['--model-name', 'gpt-5-mini=notes-mini-eu', '--model', 'gpt-5-mini'],
      ...['--secret-header', 'Ocp-Apim-Subscription-Key=env:APIM_KEY'],
    ],
    { env: login },
  );
  expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('gpt-5-mini is notes-mini-eu') });
  expect(made.stdout).toContain('ocp-apim-subscription-key');
  const args = ['upstream', 'update', 'azure-gateway', '--secret-header', 'Ocp-Apim-Subscription-Key='];
  const taken = await home.call(args, { env: login });
  expect(taken.exitCode).toBe(0);
  expect(taken.stdout).not.toContain('ocp-apim');
  expect(made.stdout + made.stderr).not.toContain('apim-secret');
  await home.call(['upstream', 'delete', 'azure-gateway', '--yes'], { env: login });
  home.remove();
});

test('where all turn it away the caller gets what the last one said; an error of the first is not followed', async () => {
  env.provider.behave((_request, response) => sendJson(response, 429, { error: { message: 'first' } }));
  second.behave((_request, response) => sendJson(response, 503, { error: { message: 'second' } }));
  expect(await raised(env.openai().responses.create(HELLO))).toMatchObject({ status: 503 });
  env.provider.behave((_request, response) => sendJson(response, 500, { error: { message: 'first' } }));
  second.seen.length = 0;
  expect(await raised(env.openai().responses.create(HELLO))).toMatchObject({ status: 500 });
  expect(second.seen).toEqual([]);
});

test('what goes on from an answer goes to the upstream that keeps it, and to no other', async () => {
  env.provider.behave((_request, response) => sendJson(response, 503, { error: { message: 'later' } }));
  second.behave(answerId('resp_kept', 'from the second'));
  const answer = await env.openai().responses.create(HELLO);
  expect(answer.id).toBe('resp_kept');

  env.provider.behave(answerText('from the first'));
  const next = { ...HELLO, previous_response_id: 'resp_kept' };
  expect((await env.openai().responses.create(next)).output_text).toBe('from the second');
  expect((await env.openai().responses.retrieve('resp_kept')).output_text).toBe('from the second');
  // Of what nobody here has seen, the first that is allowed is asked.
  const unknown = { ...HELLO, previous_response_id: 'resp_unknown' };
  expect((await env.openai().responses.create(unknown)).output_text).toBe('from the first');
  env.provider.behave((_request, response) => sendJson(response, 503, { error: { message: 'later' } }));
  second.seen.length = 0;
  expect(await raised(env.openai().responses.create(unknown))).toMatchObject({ status: 503 });
  expect(second.seen).toEqual([]);
});

test('an approved request goes to the upstreams of the policy that is in force when it goes on', async () => {
  const only = TEST_POLICY.replace('spec:\n', 'spec:\n  upstreams: [second]\n');
  await apply(only);
  env.provider.behave(answerText('from the first'));
  second.behave(answerText('from the second'));
  expect((await env.openai().responses.create(HELLO)).output_text).toBe('from the second');
  expect(env.provider.seen).toEqual([]);
});

test('policies that have no upstream in common deny; a policy cannot name one that is not there', async () => {
  const other = TEST_POLICY.replace('name: clinicians', 'name: others').replace(
    'spec:\n',
    'spec:\n  upstreams: [second]\n',
  );
  const first = TEST_POLICY.replace('spec:\n', 'spec:\n  upstreams: [default]\n');
  await apply(first, other);
  const error = await raised(env.openai().responses.create(HELLO));
  expect(error).toMatchObject({ status: 403, code: 'no_policy' });
  expect(error.message).toContain('no upstream in common: clinicians, others');
  expect([env.provider.seen, second.seen]).toEqual([[], []]);
  await env.api(PolicyService, 'admin').deletePolicy({ name: 'policies/others' });
  await expect(apply(first.replace('[default]', '[gone]'))).rejects.toThrow('does not compile');
});

test('an upstream for other regions is not called, and the error says why', async () => {
  const admin = env.api(UpstreamService, 'admin');
  await admin.updateUpstream({ upstream: { name: 'upstreams/second', spec: { regions: ['us-*'] } } });
  await apply(TEST_POLICY.replace('spec:\n', 'spec:\n  upstreams: [second]\n'));
  const error = await raised(env.openai().responses.create(HELLO));
  expect(error).toMatchObject({ status: 503, code: 'no_upstream' });
  expect(error.message).toContain('second is not for this plane, in region eu-1');
  // Traces that stay here need none.
  const { status } = await fetch(`${env.stack.openaiBaseUrl}/traces/ingest`, {
    method: 'POST',
    body: JSON.stringify({ data: [] }),
    headers: { authorization: `Bearer ${await env.stack.token({ user: 'clinician' })}` },
  });
  expect(status).toBe(200);
  expect(second.seen).toEqual([]);
  await admin.updateUpstream({ upstream: { name: 'upstreams/second', spec: { regions: ['eu-*'] } } });
});

test('a plane that has as many requests running as it may tells callers to come again, and admins what fails', async () => {
  const limits = { maxConcurrent: 1, maxQueued: 0 };
  await env
    .api(UpstreamService, 'admin')
    .updateUpstream({ upstream: { name: 'upstreams/second', spec: limits } });
  await apply(TEST_POLICY.replace('spec:\n', 'spec:\n  upstreams: [second]\n'));
  const { promise: held, resolve } = Promise.withResolvers<void>();
  second.behave(async (request, response) => {
    await held;
    answerText('at last')(request, response);
  });
  const running = env.openai().responses.create(HELLO);
  await second.untilSeen(1);
  const error = await raised(env.openai().responses.create(HELLO));
  expect(error).toMatchObject({ status: 503, code: 'upstream_busy' });
  expect([error.headers?.get('retry-after'), error.headers?.get('x-should-retry')]).toEqual(['1', 'true']);
  // What is asked on a WebSocket takes a place as well.
  takeSockets(second, (provider) => {
    provider.socket.on('message', () => {
      for (const event of eventsOf('on a socket')) provider.send(event);
    });
  });
  const caller = await connectTo(env, '/v1/responses');
  caller.send({ type: 'response.create', ...HELLO });
  const [refusal] = await caller.until('error');
  expect(refusal).toMatchObject({ error: { code: 'upstream_busy' } });
  resolve();
  expect((await running).output_text).toBe('at last');
  caller.send({ type: 'response.create', ...HELLO });
  await caller.until('response.completed');
  // And gives it back.
  expect((await env.openai().responses.create(HELLO)).output_text).toBe('at last');
  caller.socket.close();
  const record = await recordOf(env, String(error.requestID));
  expect(record).toMatchObject({ upstream: 'upstreams/second' });

  second.behave((_request, response) => sendJson(response, 401, { error: { message: 'who?' } }));
  await raised(env.openai().responses.create(HELLO));
  const home = createHome();
  const token = await env.stack.token({ user: 'admin', audience: CONTROL_PLANE_AUDIENCE });
  const login = { SWORN_TOKEN: token, SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl };
  await expect
    .poll(() => home.call(['upstream', 'check', 'second'], { env: login }), {
      interval: 1_000,
    })
    .toMatchObject({
      exitCode: 5,
      stdout: expect.stringMatching(/second .*eu-1 +FAILS.*it answers 401/),
      stderr: expect.stringContaining('next: sworn upstream update second '),
    });
  const unknown = await home.call(['upstream', 'check', 'third'], { env: login });
  expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining('upstreams/third')]);
  home.remove();
});

test('a development stack that starts again keeps what somebody has set of its upstream', async () => {
  const service = env.api(UpstreamService, 'admin');
  const name = 'upstreams/default';
  const prices = [{ model: 'gpt-*', input: '0.25', output: '2' }];
  await service.updateUpstream({
    upstream: { name, spec: { prices } },
    updateMask: { paths: ['spec.prices'] },
  });
  const token = () => env.stack.token({ user: 'admin', audience: CONTROL_PLANE_AUDIENCE });
  const again = { baseUrl: `${env.provider.baseUrl}/again`, credential: PROVIDER_KEY };
  await configure(env.stack.controlPlaneUrl, token, { upstream: again, policies: [] });
  const { upstream } = await service.getUpstream({ name });
  expect(upstream?.spec).toMatchObject({ baseUrl: again.baseUrl, isDefault: true, prices });
});
