import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { type Env, startEnv, TEST_POLICY } from '../../env/env.ts';
import { planeHealth } from '../../env/ledger.ts';
import { type AnalyzerFault, type Presidio, startPresidio } from '../../env/presidio.ts';
import { speakRealtime } from '../../env/realtime.ts';
import { recordOf } from '../../env/record.ts';
import { connectTo, type End, type RefusedError, type SocketEvent, takeSockets } from '../../env/sockets.ts';
import { until } from '../../env/until.ts';

const NO_CONNECTIONS = `
apiVersion: sworn/v1
kind: Policy
name: no-connections
spec:
  groups: [walk-ins]
  routes: [responses.connect, realtime.connect]
  rules:
    - name: none
      deny: { message: "Use POST." }
`;

// A name that only the external detector knows.
const NAME = 'Zorblax';

let env: Env;
let presidio: Presidio;
let token: string;
beforeAll(async () => {
  presidio = await startPresidio([NAME]);
  env = await startEnv({
    policies: [TEST_POLICY, NO_CONNECTIONS],
    // A tenth of them, rounded up, is each caller's.
    dataPlane: {
      maxConnections: 25,
      // Longer than a busy machine needs to open a few, and to send what is whole.
      connectionIdle: 5_000,
      bodyTimeout: 3_000,
      externalDetector: presidio.url,
    },
  });
  token = await env.stack.token({ user: 'clinician' });
});
afterAll(async () => {
  await env.close();
  await presidio.close();
});
beforeEach(() => {
  presidio.fail(undefined);
  speakRealtime(env.provider, `from ${NAME}`);
  env.provider.seen.length = 0;
});

const REALTIME = '/v1/realtime?model=gpt-realtime';
const protocolOf = (value: string) => `openai-insecure-api-key.${value}`;

describe('is refused over HTTP, recorded, with nothing sent to the provider', () => {
  test.each<[string, number, string, string, () => Parameters<typeof connectTo>[2]]>([
    ['no token', 401, 'missing_token', '/v1/responses', () => ({ token: undefined })],
    ['a token that does not verify', 401, 'invalid_token', '/v1/responses', () => ({ token: 'sk-1234' })],
    [
      'a protocol that is no token',
      401,
      'invalid_token',
      REALTIME,
      () => ({ token: undefined, protocols: ['realtime', protocolOf('ek_1234')] }),
    ],
    [
      'a header and a protocol that both say who asks',
      400,
      'invalid_request',
      REALTIME,
      () => ({ token, protocols: ['realtime', protocolOf(token)] }),
    ],
    [
      'two protocols that say who asks',
      400,
      'invalid_request',
      REALTIME,
      () => ({ token: undefined, protocols: [protocolOf(token), protocolOf('x')] }),
    ],
    ['a caller without a policy', 403, 'no_policy', '/v1/responses', () => ({ user: 'admin' })],
    ['a model without a policy', 403, 'no_policy', '/v1/realtime?model=other', () => ({ token })],
    [
      'a policy against connections',
      403,
      'policy_denied',
      '/v1/responses',
      () => ({ user: 'visitor', groups: ['clinicians', 'walk-ins'] }),
    ],
    ['a route without WebSocket', 403, 'route_not_allowed', '/v1/chat/completions', () => ({ token })],
    ['an id behind the route', 403, 'route_not_allowed', '/v1/responses/resp_1', () => ({ token })],
    ['a doubled slash', 403, 'route_not_allowed', '/v1//responses', () => ({ token })],
    ['an encoded letter', 403, 'route_not_allowed', '/v1/%72esponses', () => ({ token })],
    ['a call that is elsewhere', 400, 'invalid_request', '/v1/realtime?call_id=rtc_1', () => ({ token })],
    ['a model twice', 400, 'invalid_request', `${REALTIME}&model=gpt-other`, () => ({ token })],
    [
      'break-glass, which is for one request',
      400,
      'break_glass_invalid',
      '/v1/responses',
      () => ({ token, headers: { 'X-Sworn-Break-Glass': 'code blue' } }),
    ],
    [
      'break-glass for a session',
      400,
      'break_glass_invalid',
      REALTIME,
      () => ({ token, headers: { 'X-Sworn-Break-Glass': '' } }),
    ],
    [
      'a query where there is none',
      400,
      'invalid_request',
      '/v1/responses?model=gpt-test',
      () => ({ token }),
    ],
  ])('%s', async (_name, status, code, path, wish) => {
    const refused = await connectTo(env, path, wish()).then(
      () => undefined,
      (error: unknown) => error as RefusedError,
    );
    expect(refused).toMatchObject({ status, code });
    expect(env.provider.seen).toEqual([]);
    const record = await recordOf(env, String(refused?.id));
    expect(record.outcome).toMatchObject({ httpStatus: status, errorCode: code });
    // Of a token that came as a protocol nothing is kept.
    expect(JSON.stringify(record, (_key, value) => (typeof value === 'bigint' ? 0 : value))).not.toContain(
      token.slice(-20),
    );
  });

  /** What comes back for bytes that are sent at once. */
  function raw(head: string, rest: Buffer | string = '', last = ''): Promise<string> {
    const { hostname, port } = new URL(env.stack.dataPlaneUrl);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.on('data', (piece) => {
        text += piece.toString('latin1');
        if (last !== '' && text.includes(last)) socket.destroy();
      });
      socket.on('error', reject).on('close', () => resolve(text));
      socket.write(Buffer.concat([Buffer.from(head.replaceAll('\n', '\r\n')), Buffer.from(rest)]));
    });
  }

  const handshake = (lines: readonly string[], path = '/v1/responses') =>
    [
      `GET ${path} HTTP/1.1`,
      'Host: sworn',
      'Connection: Upgrade',
      'Upgrade: websocket',
      `Authorization: Bearer ${token}`,
      ...lines,
      '\n',
    ].join('\n');
  const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

  test.each([
    ['no key', ['Sec-WebSocket-Version: 13']],
    ['an old version', ['Sec-WebSocket-Version: 8', KEY]],
    ['a body', ['Sec-WebSocket-Version: 13', KEY, 'Content-Length: 5']],
    ['a body in chunks', ['Sec-WebSocket-Version: 13', KEY, 'Transfer-Encoding: chunked']],
    ['protocols that are none', ['Sec-WebSocket-Version: 13', KEY, 'Sec-WebSocket-Protocol: a,,b']],
  ])('%s', async (_name, lines) => {
    const answer = await raw(handshake(lines), 'hello');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('invalid_request');
  });

  test('what asks for another protocol is the plain request that it is', async () => {
    const answer = await raw(
      `GET /v1/responses HTTP/1.1\nHost: sworn\nConnection: Upgrade, close\nUpgrade: h2c\nAuthorization: Bearer ${token}\n\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('ask for an upgrade to WebSocket');
  });

  test('frames that come with the handshake are read after it, those without a mask end it', async () => {
    const lines = ['Sec-WebSocket-Version: 13', KEY];
    const unmasked = Buffer.from([0x81, 0x02, 0x7b, 0x7d]);
    const answer = await raw(handshake(lines), unmasked);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).not.toMatch(/sec-websocket-extensions/i);
    const masked = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]);
    expect(await raw(handshake(lines), masked, '"invalid_request"')).toContain('HTTP/1.1 101 ');
    expect(env.provider.seen).toEqual([]);
  });
});

describe('the external detector', () => {
  const CREATE = { type: 'response.create', model: 'gpt-test', input: 'hello' };
  const FAULT: AnalyzerFault = (_text, response) => response.writeHead(500).end();

  test('sees what is said on a connection before its caller does', async () => {
    const caller = await connectTo(env, REALTIME, { token });
    expect(await caller.next()).toMatchObject({ session: { instructions: 'the words of from [PERSON]' } });
    caller.send({ type: 'response.create' });
    const events = await caller.until('response.done');
    expect(JSON.stringify(events)).not.toContain(NAME);
    expect(JSON.stringify(events.at(-1))).toContain('from [PERSON]');
    caller.socket.terminate();
  });

  test('that fails lets nothing go to the provider', async () => {
    presidio.fail(FAULT);
    const caller = await connectTo(env, '/v1/responses', { token });
    caller.send(CREATE);
    expect(await caller.next()).toMatchObject({ type: 'error', error: { code: 'detector_unavailable' } });
    const talking = await connectTo(env, REALTIME, { token });
    talking.send({ type: 'response.create', response: { instructions: 'hello' } });
    expect(await talking.next()).toMatchObject({ type: 'error', error: { code: 'detector_unavailable' } });
    for (const { socket } of [caller, talking]) socket.terminate();
    expect(env.provider.seen.filter(({ path }) => path === '/v1/responses')).toEqual([]);
  });

  test('that fails in an answer lets nothing more of it through', async () => {
    takeSockets(env.provider, async (end) => {
      await end.next();
      presidio.fail(FAULT);
      end.send({ type: 'response.note', note: 'the words of the note' });
    });
    const caller = await connectTo(env, '/v1/responses', { token });
    caller.send(CREATE);
    expect(await caller.next()).toMatchObject({ type: 'error', error: { code: 'detector_unavailable' } });
    const talking = await connectTo(env, REALTIME, { token });
    talking.send({ type: 'input_audio_buffer.clear' });
    expect(await talking.next()).toMatchObject({ type: 'error', error: { code: 'detector_unavailable' } });
    expect(await talking.closed).toBe(1011);
    caller.socket.terminate();
  });
});

test('a token that ends ends its connection', async () => {
  const brief = await env.stack.token({ user: 'clinician', lifetimeS: 1 });
  const caller = await connectTo(env, '/v1/responses', { token: brief });
  const codes = new Set<unknown>();
  // Clocks may differ by five seconds.
  await until('the token has ended', async () => {
    caller.send({ type: 'response.create', model: 'gpt-test', input: 'something forbidden' });
    const { error } = await caller.next();
    codes.add((error as { code: string }).code);
    return codes.has('expired_token');
  });
  expect([...codes]).toEqual(['policy_denied', 'expired_token']);
  expect(await caller.closed).toBe(1008);
  expect(env.provider.seen).toEqual([]);
});

test('one caller has a tenth of the connections, and gets a place back with each that ends', async () => {
  const open: End[] = [];
  for (let count = 0; count < 3; count++) open.push(await connectTo(env, '/v1/responses', { token }));
  const more = connectTo(env, '/v1/responses', { token });
  await expect(more).rejects.toMatchObject({ status: 429, code: 'too_many_connections' });
  const other = await connectTo(env, '/v1/responses', { user: 'other', groups: ['clinicians'] });
  open[0]?.socket.close();
  await open[0]?.closed;
  open.push(await connectTo(env, '/v1/responses', { token }));
  for (const { socket } of [...open, other]) socket.terminate();
});

test('who pings is answered', async () => {
  const caller = await connectTo(env, '/v1/responses', { token });
  const answered = once(caller.socket, 'pong');
  caller.socket.ping('hello');
  expect(String((await answered)[0])).toBe('hello');
  caller.socket.terminate();
});

test('a message that does not become whole is refused, recorded, and ends its connection', async () => {
  const caller = await connectTo(env, '/v1/responses', { token });
  // What is whole is not waited for, whatever comes with it.
  caller.socket.ping('hello');
  caller.send({ type: 'x' });
  expect(await caller.next()).toMatchObject({ error: { code: 'invalid_request' } });
  caller.socket.send('{"type":', { fin: false });
  const pinging = setInterval(() => caller.socket.ping('still here'), 100);
  const error = await caller.next();
  clearInterval(pinging);
  expect(error).toMatchObject({ type: 'error', status: 408, error: { code: 'body_timeout' } });
  expect(await caller.closed).toBe(1008);
  const [, id = ''] = /\(record ([0-9a-f-]+)\)/.exec(String(error['message'])) ?? [];
  expect((await recordOf(env, id)).outcome).toMatchObject({ httpStatus: 408, errorCode: 'body_timeout' });
});

test('a connection that is idle is closed', async () => {
  const caller = await connectTo(env, '/v1/responses', { token });
  expect(await caller.closed).toBe(1001);
});

test('a plane that stops closes its connections, and is not kept by one', async () => {
  const caller = await connectTo(env, '/v1/responses', { token });
  const talking = await connectTo(env, REALTIME, { token });
  await talking.next();
  await env.stack.stopDataPlane();
  expect([await caller.closed, await talking.closed]).toEqual([1012, 1012]);
  await env.stack.startDataPlane();
  const { exchanges } = await env.api(AuditService, 'auditor').listExchanges({});
  expect(exchanges.filter(({ outcome }) => outcome === undefined)).toEqual([]);
});

test('a disk that fails lets nothing go to the provider, and no answer end as if it were recorded', async () => {
  const heard: SocketEvent[] = [];
  const goOn: (() => void)[] = [];
  takeSockets(env.provider, async (end) => {
    for (;;) {
      const event = await end.next().catch(() => undefined);
      if (event === undefined) return;
      heard.push(event);
      const response = { id: 'resp_0123456789abcdef', status: 'in_progress' };
      end.send({ type: 'response.created', response });
      const type = 'input' in event ? 'response.completed' : 'response.done';
      goOn.push(() => end.send({ type, response: { ...response, status: 'completed' } }));
    }
  });
  const create = { type: 'response.create', model: 'gpt-test', input: 'hello' };
  const asking = await connectTo(env, '/v1/responses', { token });
  const talking = await connectTo(env, REALTIME, { token });
  asking.send(create);
  await asking.next();
  talking.send({ type: 'response.create' });
  await talking.next();
  const spool = join(env.stack.directory, 'data-plane', 'spool');
  await rm(spool, { recursive: true });
  await writeFile(spool, 'in the way');
  try {
    const other = await connectTo(env, '/v1/responses', { user: 'other', groups: ['clinicians'] });
    other.send(create);
    talking.send({ type: 'input_audio_buffer.clear' });
    const beginning = await connectTo(env, REALTIME, { user: 'other', groups: ['clinicians'] });
    for (const end of [other, talking, beginning]) {
      expect(await end.next()).toMatchObject({ type: 'error', error: { code: 'record_failed' } });
    }
    expect(await beginning.closed).toBe(1011);
    expect(env.provider.seen).toHaveLength(2);
    for (const say of goOn) say();
    expect(await asking.next()).toMatchObject({ type: 'error', error: { code: 'record_failed' } });
    expect(await talking.next()).toMatchObject({ type: 'error', error: { code: 'record_failed' } });
    expect(await talking.closed).toBe(1011);
    expect(heard).toHaveLength(2);
    for (const { socket } of [asking, other]) socket.terminate();
  } finally {
    await rm(spool);
    await until('the plane recording again', async () => (await planeHealth(env)).ok);
  }
});
