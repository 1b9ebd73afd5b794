import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { putPolicies } from '../env/policies.ts';
import { raised } from '../env/reading.ts';
import { realtimeResponse, speakRealtime } from '../env/realtime.ts';
import { connectTo } from '../env/sockets.ts';

const HELLO = { model: 'gpt-test', input: 'hello' };

let env: Env;
beforeAll(async () => {
  env = await startEnv();
  env.provider.behave(answerText('done'));
});
afterAll(() => env.close());

const client = () => env.openai('patient-user', { groups: ['patient'] });
const policy = (name: string, route: string, limits: string) => `
apiVersion: sworn/v1
kind: Policy
name: ${name}
spec:
  groups: [${name}]
  routes: [${route}]
  limits: ${limits}
  rules: [{ name: all, allow: {} }]
`;

test('what was held goes by the limits that are in force when it is let go', async () => {
  const yaml = (name: string, spec: string) => `
apiVersion: sworn/v1
kind: Policy
name: ${name}
spec:
  groups: [patient]
  routes: [responses.create, models.list]
${spec}`;
  await putPolicies(
    env,

    yaml(
      'patient',
      `  rules:
    - { name: asks, when: route == "responses.create", requireApproval: { reviewers: [privacy-office] } }
    - { name: rest, allow: {} }
`,
    ),
  );
  const stream = client().responses.stream(HELLO);
  const failed = raised(stream.finalResponse());
  const { name } = await pendingApproval(env, 'patient-user');
  await putPolicies(
    env,
    yaml('patient-limits', '  limits: [{ name: one, per: caller, requests: 1, every: 1d }]\n'),
  );
  await client().models.list();
  await env.api(ApprovalService, 'reviewer').approveApproval({ name });
  expect(await failed).toMatchObject({ code: 'budget_exhausted' });
  expect(env.provider.seen.some(({ path }) => path === '/v1/responses')).toBe(false);
});

test('a Realtime session counts what each response says, asked for or not', async () => {
  await putPolicies(
    env,
    policy('voices', 'realtime.connect', '[{ name: daily, per: caller, tokens: 36, every: 1d }]'),
  );
  const { ends } = speakRealtime(env.provider, 'done');
  const caller = await connectTo(env, '/v1/realtime?model=gpt-realtime', {
    user: 'voices-user',
    groups: ['voices'],
  });
  await caller.until('session.created');
  caller.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  await caller.until('response.done');
  for (const event of realtimeResponse('on its own')) ends[0]?.send(event);
  await caller.until('response.done');
  caller.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  expect(await caller.next()).toMatchObject({ type: 'error', error: { code: 'budget_exhausted' } });
  caller.socket.close();
});

test('a Realtime response counts for the event that asked for it, whatever was sent behind that', async () => {
  const { ends } = speakRealtime(env.provider, 'done', ({ type }) => type === 'response.create');
  const yaml = `
apiVersion: sworn/v1
kind: Policy
name: turns
spec:
  groups: [turns]
  routes: [realtime.connect]
  patterns: { costly: costly }
  rules:
    - { name: costly, when: patterns.costly, allow: {}, limits: [{ name: daily, per: caller, tokens: 18, every: 1d }] }
    - { name: rest, allow: {} }
`;
  await putPolicies(env, yaml);
  const caller = await connectTo(env, '/v1/realtime?model=gpt-realtime', {
    user: 'turns-user',
    groups: ['turns'],
  });
  await caller.until('session.created');
  const ask = () => caller.send({ type: 'response.create', response: { instructions: 'a costly one' } });
  ask();
  const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'cheap' }] };
  caller.send({ type: 'conversation.item.create', item });
  await caller.until('conversation.item.added');
  for (const event of realtimeResponse('done')) ends[0]?.send(event);
  await caller.until('response.done');
  ask();
  expect(await caller.next()).toMatchObject({ type: 'error', error: { code: 'budget_exhausted' } });
  caller.socket.close();
});
