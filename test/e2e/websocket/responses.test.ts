import { Agent, OpenAIProvider, Runner } from '@openai/agents';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { pendingApproval } from '../../env/approvals.ts';
import { type Env, startEnv } from '../../env/env.ts';
import { filingAgent, MASKED_ANSWER, MASKED_NOTE, runThrough, scriptFiling } from '../../env/filing-agent.ts';
import { type Mock, mockProvider } from '../../env/mock.ts';
import { deliveredText, promptText, recordOf } from '../../env/record.ts';
import { connectTo, type End, type SocketEvent, takeSockets } from '../../env/sockets.ts';

let env: Env;
let mock: Mock;
beforeAll(async () => {
  env = await startEnv({ dataPlane: { holdHeaders: 0, holdComments: 20, maxBody: 64 * 1024 } });
  mock = await mockProvider(env.provider);
});
afterAll(async () => {
  await mock.close();
  await env.close();
});
beforeEach(() => {
  mock.fixtures.clearFixtures();
  env.provider.seen.length = 0;
});

/** Names the session of a connection, so that its exchanges are found. */
const named = (session: string) => ({ headers: { 'x-sworn-session': session } });

/** So many exchanges of a session, oldest first, once they are whole. */
async function exchangesOf(session: string, count: number) {
  const ofSession = async () => {
    const { exchanges } = await env.api(AuditService, 'auditor').listExchanges({});
    return exchanges.filter(({ session: name }) => name.startsWith(`sessions/${session}-`));
  };
  await expect.poll(async () => (await ofSession()).length).toBe(count);
  const found = (await ofSession()).toReversed();
  return Promise.all(found.map(({ name }) => recordOf(env, name.replace('exchanges/', ''))));
}

describe('the SDKs over WebSocket', () => {
  test('ResponsesWS: answers are masked and consistent, each a record in one session', async () => {
    mock.fixtures.on({ userMessage: /.*/s }, { content: ANSWER_OF_SPLIT }, { chunkSize: 1 });
    const client = env.openai().withOptions({ apiKey: await env.stack.token({ user: 'clinician' }) });
    const ws = new ResponsesWS(client, named('two-turns'));
    const turns: SocketEvent[][] = [[], []];
    ws.send({ type: 'response.create', model: 'gpt-test', input: 'first' });
    for await (const event of ws.stream()) {
      if (event.type !== 'message') continue;
      const message = event.message as unknown as SocketEvent;
      const turn = turns[0]?.at(-1)?.type === 'response.completed' ? 1 : 0;
      turns[turn]?.push(message);
      if (message.type !== 'response.completed') continue;
      if (turn === 1) break;
      ws.send({ type: 'response.create', model: 'gpt-test', input: 'second' });
    }
    ws.close();
    for (const events of turns) {
      const joined = events.map(({ type, delta }) => (type === 'response.output_text.delta' ? delta : ''));
      expect(joined.join('')).toBe(MASKED_SPLIT);
      expect(events.find(({ type }) => type === 'response.output_text.done')).toMatchObject({
        text: MASKED_SPLIT,
      });
      expect(JSON.stringify(events)).not.toContain('078-05');
    }
    const records = await exchangesOf('two-turns', 2);
    for (const [index, record] of records.entries()) {
      expect(record).toMatchObject({ route: 'responses.create', model: 'gpt-test', stream: true });
      expect(record.outcome?.status).toBe(OutcomeStatus.COMPLETED);
      expect(record.responseFindings).toMatchObject({ US_SSN: 1 });
      expect(record.delivery?.frames.map(({ data }) => JSON.parse(Buffer.from(data).toString()))).toEqual(
        turns[index],
      );
      expect(JSON.parse(promptText(record))).toMatchObject({ input: index === 0 ? 'first' : 'second' });
    }
    // One connection to the provider, which was not told who asked.
    expect(env.provider.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/responses']);
  });

  test('the Agents SDK calls its tool with masked arguments, streamed and not', async () => {
    const modelProvider = new OpenAIProvider({ openAIClient: env.openai(), useResponsesWebSocket: true });
    const runner = new Runner({ modelProvider, tracingDisabled: true });
    for (const stream of [true, false]) {
      scriptFiling(mock);
      const { agent, filed } = filingAgent();
      const { finalOutput } = await runThrough({ runner } as never, agent, stream);
      expect(filed).toEqual([MASKED_NOTE]);
      expect(finalOutput).toBe(MASKED_ANSWER);
    }
    expect(new Set(env.provider.seen.map(({ path }) => path))).toEqual(new Set(['/v1/responses']));
    await modelProvider.close?.();
  });

  test('the Agents SDK is told of a refusal, and goes on after it', async () => {
    const modelProvider = new OpenAIProvider({ openAIClient: env.openai(), useResponsesWebSocket: true });
    const runner = new Runner({ modelProvider, tracingDisabled: true });
    const agent = new Agent({ name: 'Clerk', model: 'gpt-test' });
    await expect(runner.run(agent, 'something forbidden')).rejects.toThrow();
    mock.fixtures.on({ userMessage: /.*/s }, { content: 'Yes.' });
    expect((await runner.run(agent, 'hello')).finalOutput).toBe('Yes.');
    await modelProvider.close?.();
  });
});

const ANSWER_OF_SPLIT = 'SSN 078-05-1120 is on file.';
const MASKED_SPLIT = 'SSN [US_SSN] is on file.';

const CREATE = { type: 'response.create', model: 'gpt-test', input: 'hello' };

describe('a message', () => {
  let caller: End;
  beforeAll(async () => {
    caller = await connectTo(env, '/v1/responses');
  });
  afterAll(() => caller.socket.close());

  /** What is refused is an `error` event with the record's id in its words, and never reaches the provider. */
  async function refused(code: string, message: string | Buffer | object) {
    caller.socket.send(
      typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
    );
    const error = await caller.next();
    expect(error).toMatchObject({ type: 'error', error: { code } });
    expect(env.provider.seen).toEqual([]);
    const [, id = ''] = /\(record ([0-9a-f-]+)\)/.exec(String(error['message'])) ?? [];
    const record = await recordOf(env, id);
    expect(record.outcome).toMatchObject({ status: OutcomeStatus.REFUSED, errorCode: code });
    return { error, record };
  }

  test.each<[string, string, string | Buffer | object]>([
    ['that policy denies', 'policy_denied', { ...CREATE, input: 'something forbidden' }],
    [
      'with what policy denies in a member that is new',
      'policy_denied',
      { ...CREATE, news: [{ a: 'forbidden' }] },
    ],
    ['for a model that no policy allows', 'no_policy', { ...CREATE, model: 'other' }],
    ['of a type that is not known', 'invalid_request', { type: 'response.new', input: 'hello' }],
    ['that steers a response', 'invalid_request', { type: 'response.steer', input: 'hello' }],
    ['that adds to a response', 'invalid_request', { type: 'response.inject', input: [] }],
    ['without a type', 'invalid_request', { model: 'gpt-test', input: 'hello' }],
    [
      'with a key twice',
      'invalid_request',
      '{"type":"response.create","model":"gpt-test","input":"a","input":"b"}',
    ],
    ['with its type twice', 'invalid_request', '{"type":"response.create","type":"x","model":"gpt-test"}'],
    ['that is no JSON', 'invalid_request', 'hello'],
    ['that is a list', 'invalid_request', JSON.stringify([CREATE])],
    ['that is binary', 'invalid_request', Buffer.from(JSON.stringify(CREATE))],
    ['with tokens instead of text', 'invalid_request', { ...CREATE, input: [1, 2] }],
    ['with a lane that is text', 'invalid_request', { ...CREATE, stream_id: 'John Smith' }],
  ])('%s is refused and recorded', async (_name, code, message) => {
    const { record } = await refused(code, message);
    expect(record.route).toBe('responses.create');
  });

  test('in fragments is read as one', async () => {
    const text = JSON.stringify({ ...CREATE, input: 'something forbidden' });
    for (const at of [0, 20, 40]) caller.socket.send(text.slice(at, at + 20), { fin: false });
    caller.socket.send(text.slice(60), { fin: true });
    expect(await caller.next()).toMatchObject({ error: { code: 'policy_denied' } });
    expect(env.provider.seen).toEqual([]);
  });

  test('is held for a reviewer, with pings, and goes on; the lane stays on its error', async () => {
    mock.fixtures.on({ userMessage: /.*/s }, { content: 'Yes.' });
    let pings = 0;
    caller.socket.on('ping', () => {
      pings += 1;
    });
    caller.send({ ...CREATE, input: 'a bulk of it', stream_id: 'lane_1' });
    caller.send({ ...CREATE, input: 'something forbidden', stream_id: 'lane_2' });
    const { name } = await pendingApproval(env);
    await expect.poll(() => pings).toBeGreaterThan(2);
    expect(env.provider.seen).toEqual([]);
    await env.api(ApprovalService, 'reviewer').approveApproval({ name, reason: '' });
    const events = await caller.until('response.completed');
    expect(JSON.stringify(events)).toContain('Yes.');
    expect(await caller.next()).toMatchObject({ type: 'error', stream_id: 'lane_2', status: 403 });
  });
});

test('what begins on a connection goes on in one session there, and what is named goes on elsewhere', async () => {
  mock.fixtures.on({ userMessage: /.*/s }, { content: 'Yes.' });
  const caller = await connectTo(env, '/responses');
  const sources: unknown[] = [];
  for (const extra of [{}, {}, { conversation: 'conv_1' }]) {
    caller.send({ ...CREATE, ...extra, input: 'something forbidden' });
    const { session, sessionSource } = await recordOf(env, recordIn(await caller.next()));
    sources.push([session, sessionSource]);
  }
  const [[session] = []] = sources as [string, number][];
  expect(sources).toEqual([
    [session, SessionSource.NEW],
    [session, SessionSource.CONNECTION],
    [expect.stringMatching('sessions/conversation-'), SessionSource.CONVERSATION],
  ]);
  caller.socket.close();
});

describe('a provider', () => {
  /** What the provider gets and says on each connection of these tests. */
  function scripted(serve: (end: End, asked: SocketEvent) => void): { readonly ends: End[] } {
    const ends: End[] = [];
    takeSockets(env.provider, async (end) => {
      ends.push(end);
      for (;;) {
        const asked = await end.next().catch(() => undefined);
        if (asked === undefined) return;
        serve(end, asked);
      }
    });
    return { ends };
  }

  test('gets the bytes as they came, and its unknown events are masked', async () => {
    const said = { type: 'response.gossip.delta', gossip: { words: ['SSN 078-05-1120'] }, 'MRN 00482913': 1 };
    scripted((end, asked) => {
      end.send({ type: 'response.created', response: { id: 'resp_1', asked }, sequence_number: 0 });
      end.send({ ...said, sequence_number: 1 });
      end.socket.send('{"type":"response.note","a":"SSN 078-05-1120","a":"x"}');
    });
    const caller = await connectTo(env, '/responses');
    const odd = { ...CREATE, temperature: 0.5, extra: { deep: ['x'] } };
    caller.send(odd);
    expect(await caller.next()).toMatchObject({ response: { asked: odd } });
    const unknown = await caller.next();
    expect(unknown).toMatchObject({ gossip: { words: ['SSN [US_SSN]'] } });
    expect(JSON.stringify(unknown)).not.toContain('00482913');
    // Two readers may take another one of two equal keys each.
    expect(await caller.next()).toMatchObject({ type: 'error', error: { code: 'upstream_unreadable' } });
    caller.socket.close();
  });

  test('that breaks off ends the exchange with an error, and the connection', async () => {
    scripted((end) => {
      end.send({
        type: 'response.output_text.delta',
        output_index: 0,
        content_index: 0,
        delta: 'SSN 078-05-',
      });
      end.socket.close(1013);
    });
    const caller = await connectTo(env, '/responses');
    caller.send(CREATE);
    const events = await caller.until('error');
    expect(JSON.stringify(events)).not.toContain('078');
    const error = events.at(-1) as SocketEvent;
    expect(error).toMatchObject({ type: 'error', error: { code: 'upstream_disconnected' } });
    expect(await caller.closed).toBe(1013);
    expect((await recordOf(env, recordIn(error))).outcome?.status).toBe(OutcomeStatus.UPSTREAM_FAILED);
  });

  test('that says something after an error is not heard in the next exchange', async () => {
    let asked = 0;
    const { ends } = scripted((end) => {
      asked += 1;
      const response = { id: `resp_${'a'.repeat(12)}${asked}`, status: 'in_progress' };
      end.send({ type: 'response.created', response });
      if (asked === 1) {
        end.send({ type: 'error', error: { message: 'MRN 00482913', code: 'server_error' } });
        end.send({ type: 'response.failed', response: { ...response, status: 'failed' } });
      } else {
        end.send({ type: 'response.failed', response: { id: `resp_${'a'.repeat(12)}1`, status: 'failed' } });
        end.send({ type: 'response.completed', response: { ...response, status: 'completed' } });
      }
    });
    const caller = await connectTo(env, '/responses');
    caller.send(CREATE);
    const failed = await caller.until('error');
    expect(failed.at(-1)).toMatchObject({ error: { message: 'MRN [MRN]', code: 'server_error' } });
    caller.send(CREATE);
    const types = (await caller.until('response.completed')).map(({ type }) => type);
    expect(types).toEqual(['response.created', 'response.completed']);
    expect(ends).toHaveLength(1);
    caller.socket.close();
  });

  test('that names all its responses the same is heard each time', async () => {
    const response = { id: 'resp_0123456789abcdef', status: 'completed' };
    scripted((end) => {
      end.send({ type: 'response.created', response });
      end.send({ type: 'response.completed', response });
    });
    const caller = await connectTo(env, '/responses');
    for (let turn = 0; turn < 3; turn++) {
      caller.send(CREATE);
      expect(await caller.until('response.completed')).toHaveLength(2);
    }
    caller.socket.close();
  });

  test('that does not take the connection is heard, masked', async () => {
    const body = JSON.stringify({
      error: { message: 'No such project of SSN 078-05-1120', code: 'no_project' },
    });
    env.provider.upgrade((_request, socket) => {
      socket.end(
        `HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    });
    const caller = await connectTo(env, '/responses');
    caller.send(CREATE);
    expect(await caller.next()).toMatchObject({
      type: 'error',
      status: 404,
      error: { code: 'no_project', message: 'No such project of SSN [US_SSN]' },
    });
    caller.socket.close();
  });

  test('is left when its caller goes away, and that is recorded with what was delivered', async () => {
    const { ends } = scripted((end) => {
      end.send({ type: 'response.created', response: { id: 'resp_0123456789abcdef' } });
    });
    const caller = await connectTo(env, '/responses', named('gone'));
    caller.send(CREATE);
    await caller.next();
    caller.socket.terminate();
    await ends[0]?.closed;
    const [record] = await exchangesOf('gone', 1);
    expect(record?.outcome?.status).toBe(OutcomeStatus.CLIENT_GONE);
    expect(deliveredText(record as Exchange)).toContain('response.created');
  });
});

test('a message that is too large ends the connection, and is recorded', async () => {
  const caller = await connectTo(env, '/responses');
  caller.send({ ...CREATE, input: 'x'.repeat(100 * 1024) });
  expect(await caller.closed).toBe(1009);
  const codes = async () => {
    const { exchanges } = await env.api(AuditService, 'auditor').listExchanges({});
    return exchanges.map(({ outcome }) => outcome?.errorCode);
  };
  await expect.poll(codes).toContain('body_too_large');
});

function recordIn(error: SocketEvent): string {
  return /\(record ([0-9a-f-]+)\)/.exec(String(error['message']))?.[1] ?? '';
}
