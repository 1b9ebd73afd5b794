import { request as httpRequest } from 'node:http';
import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mustBeNamed, REFUSALS, ROUTES } from '#core/provider/openai/catalogue.ts';
import { ANSWERS } from '#core/provider/openai/routes/texts.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { answerEveryRoute, VECTOR } from '../env/every-route.ts';
import { deliveredText, promptText, recordOf } from '../env/record.ts';
import { type Method, storedMethods } from '../env/stored-methods.ts';

// Published as an example, and never issued.
const NUMBER = '078-05-1120';
const TEXT = `SSN ${NUMBER}`;
const MASKED = 'SSN [US_SSN]';

const ARCHIVE_POLICY = `
apiVersion: sworn/v1
kind: Policy
name: archive
spec:
  groups: [archivists]
  routes: ["*"]
  parameters: { files: { allow: ["*"] } }
  rules:
    - name: ssn
      when: findings.US_SSN > 0
      deny: {}
    - name: destruction
      when: route == "conversations.delete" && !stream && caller.groups.exists(g, g == "juniors")
      requireApproval: { reviewers: [privacy-office] }
    - name: rest
      allow: {}
  opaque: { allow: [image, audio, other] }
`;

let env: Env;
let client: OpenAI;
beforeAll(async () => {
  env = await startEnv({ policies: [TEST_POLICY, ARCHIVE_POLICY] });
  client = env.openai('archivist', { groups: ['archivists'] });
});
afterAll(() => env.close());
beforeEach(() => {
  env.provider.behave(answerEveryRoute(TEXT));
  env.provider.seen.length = 0;
});

const MODEL = { model: 'gpt-test' };
const ITEMS = [{ type: 'message' as const, role: 'user' as const, content: 'hello' }];
const METHODS: Method[] = [
  ['responses.create', 'POST /responses', () => client.responses.create({ ...MODEL, input: 'hello' })],
  ['responses.retrieve', 'GET /responses/resp_1', () => client.responses.retrieve('resp_1')],
  ['responses.delete', 'DELETE /responses/resp_1', () => client.responses.delete('resp_1')],
  ['responses.cancel', 'POST /responses/resp_1/cancel', () => client.responses.cancel('resp_1')],
  [
    'responses.input_items.list',
    'GET /responses/resp_1/input_items?include%5B%5D=file_search_call.results&limit=3&order=asc',
    () =>
      client.responses.inputItems.list('resp_1', {
        include: ['file_search_call.results'],
        limit: 3,
        order: 'asc',
      }),
  ],
  [
    'responses.compact',
    'POST /responses/compact',
    () => client.responses.compact({ ...MODEL, input: 'hello' }),
  ],
  [
    'responses.input_tokens',
    'POST /responses/input_tokens',
    () => client.responses.inputTokens.count({ input: 'hello' }),
  ],
  [
    'chat.completions.create',
    'POST /chat/completions',
    () => client.chat.completions.create({ ...MODEL, messages: [{ role: 'user', content: 'hello' }] }),
  ],
  [
    'chat.completions.list',
    'GET /chat/completions?metadata%5Bward%20no%5D=3%2B4&model=gpt-test',
    () => client.chat.completions.list({ metadata: { 'ward no': '3+4' }, ...MODEL }),
  ],
  ['chat.completions.retrieve', 'GET /chat/completions/c-1', () => client.chat.completions.retrieve('c-1')],
  [
    'chat.completions.update',
    'POST /chat/completions/c-1',
    () => client.chat.completions.update('c-1', { metadata: { ward: '3' } }),
  ],
  ['chat.completions.delete', 'DELETE /chat/completions/c-1', () => client.chat.completions.delete('c-1')],
  [
    'chat.completions.messages.list',
    'GET /chat/completions/c-1/messages?after=m_1',
    () => client.chat.completions.messages.list('c-1', { after: 'm_1' }),
  ],
  ['conversations.create', 'POST /conversations', () => client.conversations.create({ items: ITEMS })],
  ['conversations.retrieve', 'GET /conversations/conv_1', () => client.conversations.retrieve('conv_1')],
  [
    'conversations.update',
    'POST /conversations/conv_1',
    () => client.conversations.update('conv_1', { metadata: { ward: '3' } }),
  ],
  ['conversations.delete', 'DELETE /conversations/conv_1', () => client.conversations.delete('conv_1')],
  [
    'conversations.items.create',
    'POST /conversations/conv_1/items',
    () => client.conversations.items.create('conv_1', { items: ITEMS }),
  ],
  [
    'conversations.items.list',
    'GET /conversations/conv_1/items',
    () => client.conversations.items.list('conv_1'),
  ],
  [
    'conversations.items.retrieve',
    'GET /conversations/conv_1/items/msg_1',
    () => client.conversations.items.retrieve('msg_1', { conversation_id: 'conv_1' }),
  ],
  [
    'conversations.items.delete',
    'DELETE /conversations/conv_1/items/msg_1',
    () => client.conversations.items.delete('msg_1', { conversation_id: 'conv_1' }),
  ],
  ['completions.create', 'POST /completions', () => client.completions.create({ ...MODEL, prompt: 'hello' })],
  ['embeddings.create', 'POST /embeddings', () => client.embeddings.create({ ...MODEL, input: 'hello' })],
  ['moderations.create', 'POST /moderations', () => client.moderations.create({ input: 'hello' })],
  ['models.list', 'GET /models', () => client.models.list()],
  ['models.retrieve', 'GET /models/gpt-test', () => client.models.retrieve('gpt-test')],
  ...storedMethods(() => client),
];

/** Sends a request whose path no client tidies up. */
async function send(method: string, path: string, body?: string) {
  const token = await env.stack.token({ user: 'archivist', groups: ['archivists'] });
  const { port } = new URL(env.stack.dataPlaneUrl);
  return new Promise<{ status: number; error: { code?: string; message?: string }; id: string }>(
    (resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body ?? '') };
      const sent = httpRequest(
        { host: '127.0.0.1', port, method, path, headers, agent: false },
        async (answer) => {
          let text = '';
          for await (const chunk of answer) text += chunk;
          const { error = {} } = JSON.parse(text);
          resolve({ status: answer.statusCode ?? 0, error, id: String(answer.headers['x-request-id']) });
        },
      );
      sent.on('error', reject).end(body);
    },
  );
}

describe('the openai SDK through Sworn', () => {
  test('every route has a method here', () => {
    // What only the Agents SDKs send has tests of its own.
    const plain = ROUTES.filter(({ id, transport }) => transport === undefined && id !== 'traces.ingest');
    expect(METHODS.map(([id]) => id)).toEqual(plain.map(({ id }) => id));
  });

  test.each(METHODS)('%s', async (id, line, call) => {
    const { data, request_id } = await call().withResponse();
    expect(env.provider.seen.map(({ method, path }) => `${method} ${path.replace('/v1', '')}`)).toEqual([
      line,
    ]);
    const answer = JSON.stringify(data ?? null);
    const hasText = ANSWERS[ROUTES.find((route) => route.id === id)?.answer ?? 'deletion'].texts.length > 0;
    expect(answer.includes(MASKED)).toBe(hasText);
    expect(answer).not.toContain(NUMBER);

    const record = await recordOf(env, String(request_id));
    expect(record).toMatchObject({ route: id, outcome: { status: OutcomeStatus.COMPLETED } });
    expect(record.decision?.action).toBe(Action.ALLOW);
    expect(deliveredText(record)).not.toContain(NUMBER);
    expect(record.responseFindings['US_SSN'] ?? 0).toBeGreaterThanOrEqual(hasText ? 1 : 0);
  });

  test('vectors arrive as they are, and their usage is on record', async () => {
    const { data, request_id } = await client.embeddings.create({ ...MODEL, input: 'hello' }).withResponse();
    expect(data.data[0]?.embedding).toEqual(VECTOR);
    expect((await recordOf(env, String(request_id))).usage).toMatchObject({
      inputTokens: 11n,
      outputTokens: 0n,
    });
  });

  test('who retrieves an answer is in the session that it was given in, and the record says what model gave it', async () => {
    const asked = await client.responses.create({ ...MODEL, input: 'hello' }).withResponse();
    const got = await client.responses.retrieve(asked.data.id).withResponse();
    const [first, second] = [
      await recordOf(env, `${asked.request_id}`),
      await recordOf(env, `${got.request_id}`),
    ];
    expect(second.session).toBe(first.session);
    const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: second.name });
    expect(records.map(({ record }) => record?.model)).toContain('gpt-test');
  });

  test('a legacy completion that is streamed says the same', async () => {
    const stream = await client.completions.create({ ...MODEL, prompt: 'hello', stream: true });
    let text = '';
    let finish: string | null = null;
    for await (const { choices } of stream) {
      text += choices[0]?.text ?? '';
      finish = choices[0]?.finish_reason ?? finish;
    }
    expect([text, finish]).toEqual([MASKED, 'stop']);
  });

  test('a response that is retrieved as a stream goes on after any event', async () => {
    const take = async (query: { starting_after?: number }) => {
      const events: OpenAI.Responses.ResponseStreamEvent[] = [];
      const stream = await client.responses.retrieve('resp_1', { stream: true, ...query });
      for await (const event of stream) events.push(event);
      return events;
    };
    const whole = await take({});
    expect(JSON.stringify(whole)).toContain(MASKED);
    for (const number of [0, 3, whole.length - 2]) {
      expect(await take({ starting_after: number })).toEqual(whole.slice(number + 1));
    }
    expect(new Set(env.provider.seen.map(({ path }) => path))).toEqual(
      new Set(['/v1/responses/resp_1?stream=true']),
    );
  });

  test('a deletion of which the provider says nothing is done', async () => {
    env.provider.behave((_request, response) => {
      response.writeHead(204).end();
    });
    expect(await client.responses.delete('resp_1')).toBeUndefined();
  });

  test('the error of a provider is masked and keeps its status', async () => {
    env.provider.behave(async (request, response) => {
      await answerEveryRoute(TEXT)({ ...request, path: '/nowhere' }, response);
    });
    const error = await client.conversations.retrieve('conv_1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 404 });
    expect(String(error)).toContain(MASKED);
  });
});

describe('refused, with nothing sent to the provider, and recorded', () => {
  const bodies = ROUTES.filter(({ hasBody, form }) => hasBody && form !== 'always').map(
    (route) => [route.id, route] as const,
  );
  test.each(bodies)('%s with an identifier that policy does not let pass', async (id, route) => {
    const path = route.path.replaceAll(/\{\w+\}/g, 'id_1');
    const body = JSON.stringify({
      ...MODEL,
      data: [],
      metadata: { ssn: NUMBER },
      note: [{ text: TEXT }],
      endpoint: '/v1/responses',
    });
    const answer = await send(route.method, `/v1${path}`, body);
    expect(answer).toMatchObject({ status: 403, error: { code: 'policy_denied' } });
    const record = await recordOf(env, answer.id);
    expect(record).toMatchObject({ route: id, promptFindings: { US_SSN: 2 } });
    expect(promptText(record)).toBe(body);
    expect(env.provider.seen).toEqual([]);
  });

  test.each([
    ['GET', `/v1/responses/${NUMBER}`],
    ['GET', `/v1/models/${NUMBER}`],
    ['GET', `/v1/conversations/c/items?after=${NUMBER}`],
    ['GET', `/v1/chat/completions?metadata[ssn]=${NUMBER}`],
  ])('%s %s: an identifier beside the body', async (method, path) => {
    expect(await send(method, path)).toMatchObject({ status: 403, error: { code: 'policy_denied' } });
    expect(env.provider.seen).toEqual([]);
  });

  const stored = ROUTES.filter(mustBeNamed).map(({ id }) => id);
  test('what the provider stores, to whom no policy gives it by name', async () => {
    const own = client;
    client = env.openai();
    try {
      for (const [id, , call] of METHODS) {
        if (!stored.includes(id)) continue;
        const error = await call()
          .withResponse()
          .catch((thrown: unknown) => thrown);
        expect([id, error]).toMatchObject([id, { status: 403, code: 'no_policy' }]);
      }
    } finally {
      client = own;
    }
    expect(env.provider.seen).toEqual([]);
  });

  test('what the catalogue refuses, with its reason', async () => {
    for (const { method = 'POST', path, reason } of REFUSALS) {
      const answer = await send(method, `/v1${path}`);
      expect([path, answer]).toMatchObject([path, { status: 403, error: { code: 'route_not_allowed' } }]);
      expect(answer.error.message).toContain(reason);
    }
    expect(env.provider.seen).toEqual([]);
  });

  test.each([
    ['GET', '/v1/responses/..'],
    ['GET', '/v1/responses/../files'],
    ['GET', '/v1/responses/%2e%2e/files'],
    ['GET', '/v1/responses/a%2f..%2f..%2ffiles'],
    ['GET', '/v1/responses/a%252fb'],
    ['GET', '/v1//responses/a'],
    ['GET', '/v1/responses//a'],
    ['GET', '/v1/responses/a/'],
    ['GET', '/v1/responses/a;b'],
    ['GET', '/v1/responses/a\\..\\files'],
    ['GET', '/v1/responses/a%00'],
    ['GET', '/v1/responses/a#b'],
    ['GET', `/v1/responses/${'a'.repeat(129)}`],
    ['GET', '/v1/responses/compact'],
    ['GET', '/v1/models/a%2fb'],
    ['GET', '/v1/models/..'],
    ['POST', '/v1/responses/a'],
    ['PATCH', '/v1/responses/a'],
    ['GET', '/v1/responses/a?x=1'],
    ['GET', '/v1/responses/a?stream=true&stream=true'],
    ['GET', '/v1/responses/a?stream=true&%73tream=false'],
    ['GET', '/v1/responses/a?stream=true&starting_after=1&starting_after=2'],
    ['GET', '/v1/responses/a?include[]=john.smith'],
    ['GET', '/v1/conversations/c/items?limit=1e9'],
    ['POST', '/v1/embeddings?input=hello'],
  ])('%s %s', async (method, path) => {
    const { status, error } = await send(method, path);
    const refused = [status, error.code];
    expect([
      [404, 'unknown_route'],
      [400, 'invalid_request'],
    ]).toContainEqual(refused);
    expect(env.provider.seen).toEqual([]);
  });

  test('text as tokens', async () => {
    const asking = client.embeddings.create({ ...MODEL, input: [1, 2, 3] });
    await expect(asking).rejects.toMatchObject({ status: 400, code: 'invalid_request', param: 'input' });
    expect(env.provider.seen).toEqual([]);
  });
});

test('a reviewer sees what a request is about, and approves that alone', async () => {
  const junior = env.openai('junior', { groups: ['archivists', 'juniors'] });
  const asking = junior.conversations.delete('conv_1');
  const { name } = await pendingApproval(env, 'junior');
  const reviewer = env.api(ApprovalService, 'reviewer');
  const { approval } = await reviewer.getApproval({ name });
  expect(approval?.prompt[0]).toMatchObject({ place: 'path', text: '/conversations/conv_1' });

  const other = junior.conversations.delete('conv_2').catch((thrown: unknown) => thrown);
  await reviewer.approveApproval({ name, reason: '' });
  await asking;
  expect(env.provider.seen.map(({ path }) => path)).toEqual(['/v1/conversations/conv_1']);
  const second = await pendingApproval(env, 'junior');
  expect(second.name).not.toBe(name);
  await reviewer.denyApproval({ name: second.name, reason: '' });
  expect(await other).toMatchObject({ status: 403, code: 'approval_denied' });
  expect(env.provider.seen).toHaveLength(1);
});
