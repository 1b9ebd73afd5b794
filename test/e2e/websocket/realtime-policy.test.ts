import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { pendingApproval } from '../../env/approvals.ts';
import { type Env, startEnv } from '../../env/env.ts';
import { putPolicies } from '../../env/policies.ts';
import { type RealtimeProvider, speakRealtime } from '../../env/realtime.ts';
import { promptText, recordOf } from '../../env/record.ts';
import { connectTo, type End, type SocketEvent } from '../../env/sockets.ts';
import { until } from '../../env/until.ts';

// Published as an example, and never issued.
const SAID = 'SSN 078-05-1120 is on file.';
const MASKED = 'SSN [US_SSN] is on file.';

const policy = (mask: string) => `
apiVersion: sworn/v1
kind: Policy
name: clinicians
spec:
  groups: [clinicians]
  models: ["gpt-*"]
  opaque: { allow: [audio] }
  patterns:
    strict: (?i)\\bstrict\\b
  rules:
    - name: sound
      when: opaque.audio > 0
      requireApproval: { reviewers: [privacy-office], expires: 30m }
    - name: strict
      when: patterns.strict
      allow: {}
      mask: { default: placeholder }
    - name: ordinary
      allow: {}
      mask: { default: ${mask} }
`;

let env: Env;
let provider: RealtimeProvider;
beforeAll(async () => {
  env = await startEnv({ policies: [policy('none')] });
});
afterAll(() => env.close());
beforeEach(() => {
  provider = speakRealtime(env.provider, SAID);
});

async function open(headers: Record<string, string> = {}): Promise<End> {
  const caller = await connectTo(env, '/v1/realtime?model=gpt-realtime', { headers });
  expect(await caller.next()).toMatchObject({ session: { instructions: `the words of ${SAID}` } });
  return caller;
}

const item = (text: string) => ({
  type: 'conversation.item.create',
  item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});

/** What is answered to a response that is asked for. */
async function answerTo(caller: End): Promise<string> {
  caller.send({ type: 'response.create' });
  const events = await caller.until('response.done');
  const deltas = events.map(({ type, delta }) => (type === 'response.output_text.delta' ? delta : ''));
  expect(JSON.stringify(events.at(-1))).toContain(deltas.join(''));
  return deltas.join('');
}

/** A piece of sound: samples, without any marks. */
function sound(number: number, more: object = {}) {
  const audio = Buffer.from(Array.from({ length: 120 }, (_, i) => (i * 37 + number * 11) % 251));
  return { type: 'input_audio_buffer.append', audio: audio.toString('base64'), ...more };
}

test('what policy wants masked for one event is masked in all that comes after it', async () => {
  const caller = await open();
  expect(await answerTo(caller)).toBe(SAID);
  provider.ends[0]?.send({ type: 'rate_limits.updated', rate_limits: [] });
  await caller.next();
  caller.send(item('strict'));
  await caller.next();
  expect(await answerTo(caller)).toBe(MASKED);
  expect(await answerTo(caller)).toBe(MASKED);
  caller.socket.terminate();
});

test('a policy that changes counts from the next event on, also for what is said right after it', async () => {
  const caller = await open();
  expect(await answerTo(caller)).toBe(SAID);
  provider.ends[0]?.send({ type: 'rate_limits.updated', rate_limits: [] });
  await caller.next();
  await putPolicies(env, policy('placeholder'));
  caller.send(item(SAID));
  expect(await caller.next()).toMatchObject({ item: { content: [{ text: MASKED }] } });
  expect(await answerTo(caller)).toBe(MASKED);
  caller.socket.terminate();
  await putPolicies(env, policy('none'));
});

test('what comes in the middle of a text is masked when that text has ended, and all is counted', async () => {
  const where = { response_id: 'resp_0123456789abcdef', item_id: 'item_0123456789abcdef' };
  provider = speakRealtime(env.provider, SAID, ({ type }, end) => {
    if (type === 'response.create') {
      end.send({ type: 'response.created', response: { id: where.response_id } });
      end.send({ type: 'response.output_text.delta', ...where, delta: 'Hello ' });
    }
    return true;
  });
  const caller = await open();
  caller.send({ type: 'response.create' });
  await caller.until('response.output_text.delta');
  caller.send(item('strict'));
  await expect.poll(() => provider.heard.length).toBe(2);
  const [end] = provider.ends;
  end?.send({ type: 'response.output_text.done', ...where, text: 'Hello ' });
  const content = [{ type: 'output_text', text: SAID }];
  const usage = { total_tokens: 18, input_tokens: 11, output_tokens: 7 };
  const output = [{ id: where.item_id, type: 'message', content }];
  end?.send({ type: 'response.done', response: { id: where.response_id, output, usage } });
  const events = await caller.until('response.done');
  expect(JSON.stringify(events)).not.toContain('078-05');
  caller.socket.terminate();
});

test('a session that is revoked loses its connection, also while nothing is asked on it', async () => {
  const caller = await open({ 'x-sworn-session': 'revoked' });
  // What is read has ended the exchange of the opening.
  expect(await answerTo(caller)).toBe(SAID);
  let session = '';
  await until('the session is known', async () => {
    const { exchanges } = await env.api(AuditService, 'auditor').listExchanges({});
    session = exchanges.find((exchange) => exchange.session.startsWith('sessions/revoked-'))?.session ?? '';
    return session !== '';
  });
  await env.api(IdentityService, 'admin').createRevocation({ target: { session }, reason: 'a test' });
  expect(await caller.closed).toBe(1008);
});

test('sound passes that policy allows; an approval is bound to all pieces of it', async () => {
  const [one, other] = [await open(), await open()];
  for (const number of [1, 2]) one.send(sound(number));
  for (const number of [1, 3]) other.send(sound(number));
  const first = await pendingApproval(env);
  const reviewer = env.api(ApprovalService, 'reviewer');
  const pending = async () => {
    const { approvals } = await reviewer.listApprovals({});
    return approvals.filter(({ state }) => state === first.state).map(({ name }) => name);
  };
  await expect.poll(async () => (await pending()).length).toBe(2);
  expect(provider.heard).toEqual([]);
  for (const name of await pending()) await reviewer.approveApproval({ name, reason: '' });
  await expect.poll(() => provider.heard.length).toBe(4);
  expect(provider.heard).toEqual(expect.arrayContaining([sound(1), sound(2), sound(1), sound(3)]));
  for (const { socket } of [one, other]) socket.terminate();
});

test('a piece of sound that brings more is read by itself, its secrets are in no record, and its media count', async () => {
  await putPolicies(env, policy('none').replace('audio > 0', 'audio > 1'));
  const caller = await open();
  const server = { type: 'mcp', server_label: 'x', server_url: 'https://mcp.example.org' };
  const tools = [{ ...server, authorization: 'sk-canary-77aa10' }];
  const picture = { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' };
  caller.send(sound(1));
  caller.send(sound(2, { session: { tools }, item: { content: [picture] } }));
  const refused = await caller.next();
  expect(refused).toMatchObject({ error: { code: 'policy_denied' } });
  expect(provider.heard).toEqual([sound(1)]);
  const prompt = promptText(await recordOf(env, idIn(refused)));
  expect(prompt).toContain('iVBORw0KGgo');
  expect(prompt).not.toContain('canary');
  caller.socket.terminate();
});

function idIn(error: SocketEvent): string {
  return /\(record ([0-9a-f-]+)\)/.exec(String(error['message']))?.[1] ?? '';
}

test('a session takes credentials of tools up to a length in all, goes on without more, and still knows those before', async () => {
  const server = { type: 'mcp', server_label: 'x', server_url: 'https://mcp.example.org' };
  const told = (secret: string) => ({
    type: 'session.update',
    session: { type: 'realtime', tools: [{ ...server, headers: { key: secret } }] },
  });
  const secrets = [1, 6_500, 100].map((count) => '0123456789'.repeat(count).replace('0', `${count}-`));
  provider = speakRealtime(env.provider, `It said ${secrets[0]}.`);
  const caller = await connectTo(env, '/v1/realtime?model=gpt-realtime');
  await caller.until('session.created');
  for (const secret of secrets.slice(0, 2)) {
    caller.send(told(secret));
    await caller.until('session.updated');
  }
  caller.send({ ...told(secrets[2] ?? ''), event_id: 'too_much' });
  expect(await caller.next()).toMatchObject({
    type: 'error',
    error: {
      event_id: 'too_much',
      code: 'invalid_request',
      message: expect.stringContaining('more than 65536 characters: send others on a new connection'),
    },
  });
  expect(provider.heard.map(({ type }) => type)).toEqual(['session.update', 'session.update']);
  // The same again is none more.
  caller.send(told(secrets[1] ?? ''));
  await caller.until('session.updated');
  expect(await answerTo(caller)).toBe('It said [REDACTED].');
  caller.socket.close();
});
