import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { UpstreamState } from '#proto/sworn/plane/v1/plane_pb.ts';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { Attempt } from '../../../data-plane/upstream/call.ts';
import { type DialRefusal, dial, isRefusal, type UpstreamSocket } from '../../../data-plane/upstream/dial.ts';
import { UpstreamLink } from '../../../data-plane/websocket/upstream-link.ts';
import { createAuthority } from '../../env/authority.ts';
import { failureOf, grantOf, KEY, type Listening, listen, serveProxy, TestUpstreams } from './env.ts';

const open: (Listening | TestUpstreams)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Opens the connection that belongs to a caller's, and who was asked for it, with those before. */
async function openLink(made: TestUpstreams): Promise<{
  readonly dialled: UpstreamSocket | DialRefusal;
  readonly asked: [string, readonly Attempt[]][];
}> {
  const allowed = made.grants.map(({ name }) => name.replace('upstreams/', ''));
  const plan = made.upstreams.plan(made.grants, { allowed, model: '' }, { bound: false, ids: [] });
  const asked: [string, readonly Attempt[]][] = [];
  const { signal } = new AbortController();
  const link = new UpstreamLink(() => '/responses');
  const dialled = await link.open(made.upstreams, made.grants, plan, signal, (grant, before) => {
    asked.push([grant.name, before]);
  });
  if (!isRefusal(dialled)) expect(link.grant?.name).toBe(asked.at(-1)?.[0]);
  return { dialled, asked };
}

/** A provider that takes WebSockets, or answers with another status. */
async function serveSockets(status?: number): Promise<string> {
  const server = createHttpServer();
  if (status === undefined) new WebSocketServer({ server });
  else server.on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
  const listening = await listen(server);
  open.push(listening);
  return `http://127.0.0.1:${listening.port}/v1`;
}

function upstreamsOf(...urls: string[]): TestUpstreams {
  const made = new TestUpstreams(urls.map((url, i) => grantOf(`u${i}`, url)));
  open.push(made);
  return made;
}

test('a WebSocket goes to the first that takes one, after those that cannot be reached or turn it away', async () => {
  const made = upstreamsOf('http://127.0.0.1:1/v1', await serveSockets(503), await serveSockets());
  const { dialled, asked } = await openLink(made);
  if (isRefusal(dialled)) throw new Error('the connection was refused');
  const first = { upstream: 'upstreams/u0', errorCode: 'upstream_unreachable', httpStatus: 0 };
  const second = { upstream: 'upstreams/u1', errorCode: '', httpStatus: 503 };
  expect(asked).toEqual([
    ['upstreams/u0', []],
    ['upstreams/u1', [first]],
    ['upstreams/u2', [first, second]],
  ]);
  dialled.close();
  const states = made.upstreams.report(made.grants).map(({ state }) => state);
  expect(states).toEqual([UpstreamState.FAILS, UpstreamState.ANSWERS, UpstreamState.ANSWERS]);
  // Who could not be reached comes last for a while.
  const again = await openLink(made);
  expect(again.asked.map(([name]) => name)).toEqual(['upstreams/u1', 'upstreams/u2']);
  if (!isRefusal(again.dialled)) again.dialled.close();
});

test('what is refused otherwise goes to no other, and a refused credential is a fault', async () => {
  const made = upstreamsOf(await serveSockets(401), await serveSockets());
  const { dialled, asked } = await openLink(made);
  expect([isRefusal(dialled), asked.length]).toEqual([true, 1]);
  expect(made.upstreams.report(made.grants)[0]).toMatchObject({
    state: UpstreamState.FAILS,
    fault: "it answers 401 to this plane's credential",
  });
});

test('a WebSocket is opened with the credential, authorities, client certificate and proxy of an upstream', async () => {
  const authority = await createAuthority('Test Root');
  const client = await authority.issueClient('plane-1');
  const server = createServer({
    ...(await authority.issueServer()),
    ca: authority.certificate,
    requestCert: true,
  });
  const seen: unknown[] = [];
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    const peer = (request.socket as TLSSocket).getPeerCertificate();
    seen.push([request.url, request.headers['api-key'], peer.subject.CN]);
    socket.send('hello');
  });
  const listening = await listen(server);
  const proxy = await serveProxy();
  const spec = {
    authentication: Authentication.API_KEY,
    caCertificates: authority.certificate,
    clientCertificate: client.cert,
    proxyUrl: `http://127.0.0.1:${proxy.port}`,
  };
  const made = new TestUpstreams([
    grantOf('ws', `https://127.0.0.1:${listening.port}/openai/v1`, spec, { clientKey: client.key }),
  ]);
  open.push(listening, proxy, made);
  const { dialled } = await openLink(made);
  if (isRefusal(dialled)) throw new Error('the connection was refused');
  expect(seen).toEqual([['/openai/v1/responses', KEY, 'plane-1']]);
  expect(proxy.asked).toEqual([`127.0.0.1:${listening.port}`]);
  dialled.close();

  const stranger = new TestUpstreams([grantOf('ws', `https://127.0.0.1:${listening.port}/v1`)]);
  open.push(stranger);
  const failure = await failureOf(openLink(stranger));
  expect(failure).toMatchObject({
    code: 'upstream_unreachable',
    message: expect.stringMatching(/^The upstream ws cannot be reached: .* of no authority that is trusted/),
  });
});

/** A provider over plain HTTP, and its side of the connection that was dialled to it. */
async function connectTo(
  headers: readonly string[] = [],
  idleTimeoutMs = 60_000,
): Promise<{ dialled: UpstreamSocket; provider: WebSocket }> {
  const server = createHttpServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('headers', (lines) => lines.push(...headers));
  const listening = await listen(server);
  open.push(listening);
  const connected = once(sockets, 'connection');
  const { port } = listening;
  const dialled = await dial(
    {
      url: new URL(`ws://127.0.0.1:${port}/`),
      headers: {},
      credentials: [],
      createConnection: (_options, onCreate) => {
        const socket = connect(port, '127.0.0.1', () => onCreate(null, socket)).on('error', onCreate);
        return undefined;
      },
      connectTimeoutMs: 60_000,
      idleTimeoutMs,
      maxMessageBytes: 1_000,
    },
    new AbortController().signal,
  );
  if (isRefusal(dialled)) throw new Error('the connection was refused');
  const [provider] = await connected;
  return { dialled, provider };
}

test.each([
  [['x-request-id: req_1'], 'req_1'],
  [['apim-request-id: 5f2c1a60-azure'], '5f2c1a60-azure'],
  [['x-request-id: two words', 'apim-request-id: 5f2c1a60-azure'], '5f2c1a60-azure'],
  [[], ''],
])('the request id of a handshake with %j is %j', async (headers, id) => {
  const { dialled } = await connectTo(headers);
  expect(dialled.requestId).toBe(id);
  dialled.close();
});

test('a provider that takes nothing is cut off at the idle time, and when the exchange ends', async () => {
  /** More than the buffers of a connection take. */
  const message = Buffer.alloc(32 * 1024 * 1024);
  const { signal } = new AbortController();
  const silent = await connectTo([], 200);
  silent.provider.pause();
  const failure = await failureOf(silent.dialled.send(message, signal));
  expect(failure).toMatchObject({ code: 'upstream_timeout' });

  const { dialled, provider } = await connectTo();
  provider.pause();
  const exchange = new AbortController();
  const sent = dialled.send(message, exchange.signal);
  exchange.abort('plane stopping');
  await expect(sent).rejects.toBe('plane stopping');
  await once(dialled.over, 'abort');
  expect(dialled.closeCode).toBe(1006);
  expect(silent.dialled.closeCode).toBe(1006);
});

/** To a provider with times of its own. */
function impatient(port: number): TestUpstreams {
  const own = { seconds: 0n, nanos: 300_000_000 };
  const spec = { connectTimeout: own, idleTimeout: own };
  const made = new TestUpstreams([grantOf('ws', `http://127.0.0.1:${port}/v1`, spec)]);
  open.push(made);
  return made;
}

test.each([
  ['a refusal', 'HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\n\r\n{'],
  ['the head of an answer', 'HTTP/1.1 403 Forbidden\r\nx-filler: '],
])('%s that comes byte by byte ends the handshake at the time of its upstream', async (_what, beginning) => {
  const server = createTcpServer((socket) => {
    socket.write(beginning);
    const drip = setInterval(() => socket.write('a'), 20);
    socket.on('error', () => {}).once('close', () => clearInterval(drip));
  });
  const listening = await listen(server);
  open.push(listening);
  expect(await failureOf(openLink(impatient(listening.port)))).toMatchObject({ code: 'upstream_timeout' });
});

test('an answer is waited for as long as its upstream says', async () => {
  const server = createHttpServer();
  new WebSocketServer({ server });
  const listening = await listen(server);
  open.push(listening);
  const { dialled } = await openLink(impatient(listening.port));
  if (isRefusal(dialled)) throw new Error('the connection was refused');
  const failure = await failureOf(dialled.take(new AbortController().signal, true));
  expect(failure).toMatchObject({ code: 'upstream_timeout' });
  dialled.close();
});
