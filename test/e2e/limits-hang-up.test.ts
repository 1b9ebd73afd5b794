import { afterAll, beforeAll, expect, test } from 'vitest';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { UsageService } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import { beginEvents, responseEvents, wholeResponse } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { putPolicies } from '../env/policies.ts';
import { type Behaviour, sendJson } from '../env/provider.ts';
import { raised } from '../env/reading.ts';
import { realtimeResponse, speakRealtime } from '../env/realtime.ts';
import { recordOf } from '../env/record.ts';
import { connectTo } from '../env/sockets.ts';

let env: Env;
beforeAll(async () => {
  env = await startEnv();
});
afterAll(() => env.close());

const apply = (name: string, route: string, tokens: number) =>
  putPolicies(
    env,
    `
apiVersion: sworn/v1
kind: Policy
name: ${name}
spec:
  groups: [${name}]
  routes: [${route}]
  limits: [{ name: daily, per: caller, tokens: ${tokens}, every: 1d }]
  rules: [{ name: all, allow: {} }]
`,
  );

/** All of a streamed answer but the event that says what it came to. */
const allButUsage: Behaviour = (_request, response) => {
  beginEvents(response);
  for (const event of responseEvents('ordinary words', 7).slice(0, -1)) response.write(event);
};

test('who hangs up before the figures come pays for the prompt that the provider keeps', async () => {
  await apply('kept', 'responses.*', 250_000);
  const client = env.openai('kept-user', { groups: ['kept'], maxRetries: 0 });
  env.provider.behave((_request, response) =>
    sendJson(response, 200, {
      ...wholeResponse('done'),
      usage: { input_tokens: 99_000, output_tokens: 1_000, total_tokens: 100_000 },
    }),
  );
  const first = await client.responses.create({ model: 'gpt-test', input: 'a long story' });
  env.provider.behave(allButUsage);
  const body = { model: 'gpt-test', input: 'go on', previous_response_id: first.id, stream: true as const };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    // Whatever session the caller says that it is.
    const headers = { 'X-Sworn-Session': `attempt-${attempt}` };
    const { data, request_id: id } = await client.responses.create(body, { headers }).withResponse();
    for await (const { type } of data) if (type === 'response.output_text.done') break;
    const { outcome } = await recordOf(env, String(id));
    expect(outcome?.status).toBe(OutcomeStatus.CLIENT_GONE);
  }
  expect(await raised(client.responses.create(body))).toMatchObject({ status: 429 });
});

test('who says something before they hang up pays for what a Realtime response has said all the same', async () => {
  await apply('voices', 'realtime.connect', 1_000_000);
  const said = realtimeResponse('ordinary words '.repeat(20)).slice(0, -1);
  speakRealtime(env.provider, '', ({ type }, end) => {
    if (type === 'response.create') for (const event of said) end.send(event);
    return type === 'response.create';
  });
  const caller = await connectTo(env, '/v1/realtime?model=gpt-realtime', {
    user: 'voices-user',
    groups: ['voices'],
  });
  await caller.until('session.created');
  caller.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  await caller.until('response.output_item.done');
  const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'bye' }] };
  caller.send({ type: 'conversation.item.create', item });
  await caller.until('conversation.item.added');
  caller.socket.close();
  const bytes = said.reduce((sum, event) => sum + JSON.stringify(event).length, 0);
  const used = async () => {
    const { usage } = await env.api(UsageService, 'auditor').listUsage({ policy: 'policies/voices' });
    return Number(usage[0]?.used ?? 0n);
  };
  await expect.poll(used, { timeout: 20_000 }).toBeGreaterThanOrEqual(bytes / 4);
});

test('who hangs up has the session know of what came, where no policy has a limit', async () => {
  await putPolicies(
    env,
    `
apiVersion: sworn/v1
kind: Policy
name: short
spec:
  groups: [short]
  routes: ['responses.*']
  rules:
    - { name: long, when: session.tokens >= 4 && session.exchanges == 1, deny: {} }
    - { name: all, allow: {} }
`,
  );
  const client = env.openai('short-user', { groups: ['short'], maxRetries: 0 });
  env.provider.behave(allButUsage);
  const body = { model: 'gpt-test', input: 'hello', stream: true as const };
  const headers = { 'X-Sworn-Session': 'short' };
  const { data, request_id: id } = await client.responses.create(body, { headers }).withResponse();
  for await (const { type } of data) if (type === 'response.output_text.done') break;
  await recordOf(env, String(id));
  expect(await raised(client.responses.create(body, { headers }))).toMatchObject({ status: 403 });
});
