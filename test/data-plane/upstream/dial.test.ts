import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { createAuthority } from '../../env/authority.ts';
import { failureOf, grantOf, KEY, type Listening, listen, serveProxy, TestUpstreams } from './env.ts';

const open: (Listening | TestUpstreams)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Opens a WebSocket as whoever dials does. */
async function dial(made: TestUpstreams): Promise<WebSocket> {
  const plan = made.upstreams.plan(made.grants, { allowed: ['ws'], model: '' }, { bound: false, ids: [] });
  const { signal } = new AbortController();
  const options = await made.upstreams.dialOptions(made.grants, plan, () => '/responses', signal);
  const socket = new WebSocket(options.url, {
    headers: options.headers,
    followRedirects: false,
    createConnection: options.createConnection as never,
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

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
  const socket = await dial(made);
  expect(seen).toEqual([['/openai/v1/responses', KEY, 'plane-1']]);
  expect(proxy.asked).toEqual([`127.0.0.1:${listening.port}`]);
  socket.terminate();

  const stranger = new TestUpstreams([grantOf('ws', `https://127.0.0.1:${listening.port}/v1`)]);
  open.push(stranger);
  const failure = await failureOf(dial(stranger));
  expect(failure).toMatchObject({
    name: 'ConnectFailure',
    reason: expect.stringContaining('of no authority that is trusted'),
  });
});
