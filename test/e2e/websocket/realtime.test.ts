import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import {
  OpenAIRealtimeWebSocket as AgentsTransport,
  RealtimeAgent,
  RealtimeSession,
} from '@openai/agents/realtime';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { pendingApproval } from '../../env/approvals.ts';
import { makeCertificate } from '../../env/certificate.ts';
import { type Env, startEnv } from '../../env/env.ts';
import { type RealtimeProvider, speakRealtime } from '../../env/realtime.ts';
import { deliveredText, promptText, sessionRecords } from '../../env/record.ts';
import { connectTo, type End, type SocketEvent } from '../../env/sockets.ts';

// Published as an example, and never issued.
const SAID = 'SSN 078-05-1120 is on file.';
const MASKED = 'SSN [US_SSN] is on file.';
const PATH = '/v1/realtime?model=gpt-realtime';
const ASK = { type: 'response.create', response: { output_modalities: ['text'] } };

let env: Env;
let provider: RealtimeProvider;
beforeAll(async () => {
  // The SDKs speak Realtime over TLS alone.
  const tls = await makeCertificate();
  setDefaultCACertificates([...getCACertificates('default'), tls.cert]);
  env = await startEnv({ dataPlane: { holdHeaders: 0, holdComments: 20, tls } });
});
afterAll(() => env.close());
beforeEach(() => {
  provider = speakRealtime(env.provider, SAID);
  env.provider.seen.length = 0;
});

function item(text: string, extra: object = {}) {
  const content = [{ type: 'input_text' as const, text }];
  return {
    type: 'conversation.item.create' as const,
    item: { type: 'message' as const, role: 'user' as const, content },
    ...extra,
  };
}

/** A connection whose exchanges are found by a name. */
async function open(session: string): Promise<End> {
  const caller = await connectTo(env, PATH, { headers: { 'x-sworn-session': session } });
  expect(await caller.next()).toMatchObject({ type: 'session.created' });
  return caller;
}

function typesOf(exchange: Exchange | undefined): string[] {
  return (exchange?.delivery?.frames ?? []).map(({ data }) => JSON.parse(Buffer.from(data).toString()).type);
}

describe('the SDKs', () => {
  test('OpenAIRealtimeWS: what is said is masked; what is sent and said is recorded, event by event', async () => {
    const client = env.openai().withOptions({ apiKey: await env.stack.token({ user: 'clinician' }) });
    const rt = new OpenAIRealtimeWS(
      { model: 'gpt-realtime', options: { headers: { 'x-sworn-session': 'sdk' } } },
      client,
    );
    const came: SocketEvent[] = [];
    rt.on('event', (event) => came.push(event as unknown as SocketEvent));
    await new Promise((resolve) => rt.on('session.created', resolve));
    rt.send({ type: 'session.update', session: { type: 'realtime', instructions: 'be brief' } });
    rt.send(item('hello'));
    rt.send({ type: 'response.create' });
    await new Promise((resolve) => rt.on('response.done', resolve));
    rt.close();

    const deltas = came.map(({ type, delta }) => (type === 'response.output_text.delta' ? delta : ''));
    expect(deltas.join('')).toBe(MASKED);
    expect(came.filter((event) => JSON.stringify(event).includes(MASKED))).toHaveLength(5);
    expect(JSON.stringify(came)).not.toContain('078-05');
    expect(provider.heard.map(({ type }) => type)).toEqual([
      'session.update',
      'conversation.item.create',
      'response.create',
    ]);
    // Nothing may be spoken that cannot be masked.
    expect(provider.heard[0]).toMatchObject({
      session: { output_modalities: ['text'], instructions: 'be brief' },
    });
    expect(provider.heard[2]).toMatchObject({ response: { output_modalities: ['text'] } });

    const [opening, update, created, asked] = await sessionRecords(env, 'sdk', 4);
    expect([opening, update, created, asked].map((one) => one?.route)).toEqual(
      Array(4).fill('realtime.connect'),
    );
    expect(opening).toMatchObject({ model: 'gpt-realtime', prompt: { method: 'WEBSOCKET' } });
    expect(typesOf(opening)).toEqual(['session.created']);
    expect(JSON.parse(promptText(update as Exchange))).toEqual({
      type: 'session.update',
      session: { type: 'realtime', instructions: 'be brief' },
    });
    expect(promptText(created as Exchange)).toContain('hello');
    expect(promptText(asked as Exchange)).toBe('{"type":"response.create"}');
    expect(typesOf(asked).at(-1)).toBe('response.done');
    expect(asked).toMatchObject({
      responseFindings: { US_SSN: 1 },
      usage: { inputTokens: 11n, outputTokens: 7n },
      outcome: { status: OutcomeStatus.COMPLETED },
    });
    expect([opening, update, created, asked].flatMap(typesOf)).toEqual(came.map(({ type }) => type));
  });

  test('OpenAIRealtimeWebSocket brings its token as browsers do, which is not told to anybody', async () => {
    const token = await env.stack.token({ user: 'clinician' });
    const client = env.openai().withOptions({ apiKey: token });
    const rt = new OpenAIRealtimeWebSocket({ model: 'gpt-realtime', dangerouslyAllowBrowser: true }, client);
    const created = await new Promise((resolve) => rt.on('session.created', resolve));
    expect(created).toMatchObject({ session: { instructions: `the words of ${MASKED}` } });
    expect(rt.socket.protocol).toBe('realtime');
    rt.send({ type: 'response.create' });
    await new Promise((resolve) => rt.on('response.done', resolve));
    rt.close();
    expect(JSON.stringify(env.provider.seen)).not.toContain(token.slice(-20));
  });

  test('the Agents SDK holds a conversation in text', async () => {
    const agent = new RealtimeAgent({ name: 'Clerk', instructions: 'Be brief.' });
    const url = `${env.stack.dataPlaneUrl.replace('http', 'ws')}${PATH}`;
    const transport = new AgentsTransport({ url });
    const session = new RealtimeSession(agent, { transport, model: 'gpt-realtime', tracingDisabled: true });
    session.on('error', () => {});
    await session.connect({ apiKey: await env.stack.token({ user: 'clinician' }), url });
    const ended = new Promise<string>((resolve) => {
      session.on('agent_end', (_context, _agent, output) => resolve(output));
    });
    session.sendMessage('hello');
    expect(await ended).toBe(MASKED);
    expect(provider.heard[0]).toMatchObject({
      type: 'session.update',
      session: { instructions: 'Be brief.', output_modalities: ['text'] },
    });
    session.close();
  });
});

describe('an event', () => {
  test('that policy denies is answered with its id, goes nowhere, and the conversation goes on', async () => {
    const caller = await open('denied');
    caller.send(item('something forbidden', { event_id: 'mine_1' }));
    const error = await caller.next();
    expect(error).toMatchObject({
      type: 'error',
      event_id: expect.stringMatching(/^event_/),
      error: { type: 'policy_denied', code: 'policy_denied', event_id: 'mine_1' },
    });
    for (const bad of [
      '{"type":"response.create","type":"x"}',
      '{"type":"session.destroy"}',
      'hello',
      '[]',
    ]) {
      caller.socket.send(bad);
      expect(await caller.next()).toMatchObject({ error: { code: 'invalid_request' } });
    }
    caller.socket.send(Buffer.from(JSON.stringify(ASK)));
    expect(await caller.next()).toMatchObject({ error: { code: 'invalid_request' } });
    caller.send({ type: 'session.update', session: { model: 'another' } });
    expect(await caller.next()).toMatchObject({ error: { code: 'no_policy' } });
    expect(provider.heard).toEqual([]);
    caller.send(ASK);
    await caller.until('response.done');
    expect(provider.heard).toEqual([ASK]);
    caller.socket.close();
    // What cannot be read belongs to no session.
    const codes = (await sessionRecords(env, 'denied', 4)).map(({ outcome }) => outcome?.errorCode);
    expect(codes).toEqual(['', 'policy_denied', 'no_policy', '']);
  });

  test('that waits for a reviewer lets the later ones wait, in order, while what is said goes on', async () => {
    const caller = await open('held');
    caller.send(item('a bulk of it'));
    caller.send(ASK);
    const { name } = await pendingApproval(env);
    provider.ends[0]?.send({ type: 'rate_limits.updated', rate_limits: [] });
    expect(await caller.next()).toMatchObject({ type: 'rate_limits.updated' });
    expect(provider.heard).toEqual([]);
    await env.api(ApprovalService, 'reviewer').approveApproval({ name, reason: '' });
    await caller.until('response.done');
    expect(provider.heard.map(({ type }) => type)).toEqual(['conversation.item.create', 'response.create']);
    caller.socket.close();
    const [opening, held] = await sessionRecords(env, 'held', 3);
    expect(typesOf(opening)).toEqual(['session.created', 'rate_limits.updated']);
    expect(held?.approval).toBe(name);
  });

  test('that brings sound is refused where no policy allows it, and a stream of them once', async () => {
    const caller = await open('sound');
    const sound = { type: 'input_audio_buffer.append', audio: 'UklGRg'.repeat(20) };
    for (let count = 0; count < 20; count++) caller.send(sound);
    expect(await caller.next()).toMatchObject({
      error: { code: 'policy_denied', message: expect.stringContaining('spec.opaque.allow: [audio]') },
    });
    const spoken = { type: 'message', role: 'user', content: [{ type: 'input_audio', audio: 'AAAA' }] };
    caller.send({ type: 'conversation.item.create', item: spoken });
    expect(await caller.next()).toMatchObject({ error: { code: 'policy_denied' } });
    expect(provider.heard).toEqual([]);
    caller.socket.close();
    await sessionRecords(env, 'sound', 3);
  });
});

describe('a provider', () => {
  test('that speaks though nobody may is not heard', async () => {
    provider = speakRealtime(env.provider, SAID, (event, end) => {
      if (event.type === 'response.create') {
        end.send({ type: 'response.output_audio.delta', item_id: 'item_1', delta: 'UklGRg'.repeat(20) });
      }
      return true;
    });
    const caller = await open('speaks');
    caller.send(ASK);
    expect(await caller.next()).toMatchObject({
      type: 'error',
      error: { code: 'opaque_answer', message: expect.stringContaining('spec.opaque.allow: [audio]') },
    });
    expect(await caller.closed).toBe(1011);
    await provider.ends[0]?.closed;
  });

  test('that says something of itself is recorded without a prompt', async () => {
    const caller = await open('unasked');
    caller.send(ASK);
    await caller.until('response.done');
    provider.ends[0]?.send({ type: 'conversation.item.added', item: { id: 'item_1', note: SAID } });
    expect(await caller.next()).toMatchObject({ item: { note: MASKED } });
    caller.socket.close();
    const [, , unasked] = await sessionRecords(env, 'unasked', 3);
    expect(promptText(unasked as Exchange)).toBe('');
    expect(typesOf(unasked)).toEqual(['conversation.item.added']);
    expect(unasked).toMatchObject({
      responseFindings: { US_SSN: 1 },
      outcome: { status: OutcomeStatus.COMPLETED },
    });
  });

  test('that breaks off in a response, or when all is said', async () => {
    provider = speakRealtime(env.provider, SAID, (event, end) => {
      if (event.type !== 'response.create') return false;
      end.send({ type: 'response.created', response: { id: 'resp_0123456789abcdef' } });
      end.socket.terminate();
      return true;
    });
    const caller = await open('broken');
    caller.send(ASK);
    const events = await caller.until('error');
    expect(events.at(-1)).toMatchObject({ error: { code: 'upstream_disconnected' } });
    expect(await caller.closed).toBe(1014);
    const [, broken] = await sessionRecords(env, 'broken', 2);
    expect(broken?.outcome?.status).toBe(OutcomeStatus.UPSTREAM_FAILED);

    const other = await open('ended');
    provider.ends[1]?.socket.close(4001);
    expect(await other.closed).toBe(4001);
  });

  test('is left when its caller goes, and what was delivered is recorded', async () => {
    provider = speakRealtime(env.provider, SAID, (event, end) => {
      if (event.type === 'response.create') {
        end.send({ type: 'response.created', response: { id: 'resp_0123456789abcdef' } });
      }
      return true;
    });
    const caller = await open('gone');
    caller.send(ASK);
    await caller.next();
    caller.socket.terminate();
    await provider.ends[0]?.closed;
    const [, gone] = await sessionRecords(env, 'gone', 2);
    expect(gone?.outcome?.status).toBe(OutcomeStatus.CLIENT_GONE);
    expect(deliveredText(gone as Exchange)).toContain('response.created');
  });
});
