import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectH2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { type Listener, listen } from '../../../data-plane/listener/server.ts';
import { makeCertificate } from '../../env/certificate.ts';
import { until } from '../../env/until.ts';

const tls = await makeCertificate();

let listener: Listener;
afterEach(() => listener.close());

test.each([
  ['plain', undefined],
  ['TLS', tls],
] as const)('over %s, only a GET that asks for WebSocket is an upgrade', async (_name, secure) => {
  listener = await listen(
    { host: '127.0.0.1', port: 0, tls: secure, maxConnections: 100 },
    (_request, response) => response.end('request'),
    (_request, socket) => socket.end('upgrade'),
  );
  const { port } = listener;
  const send = (method: string, protocol: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', ca: tls.cert, ALPNProtocols: ['http/1.1'] };
      const socket: Socket = secure === undefined ? connect(port, '127.0.0.1') : connectTls(options);
      let text = '';
      socket.on('data', (piece) => {
        text += piece;
      });
      socket.on('close', () => resolve(/(?:request|upgrade)$/.exec(text)?.[0] ?? text)).on('error', reject);
      const head = `${method} / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\n`;
      socket.write(`${head}${method === 'POST' ? 'Content-Length: 2\r\n\r\nhi' : '\r\n'}`);
    });
  expect(await send('GET', 'WebSocket')).toBe('upgrade');
  expect(await send('POST', 'websocket')).toBe('request');
  expect(await send('POST', 'h2c')).toBe('request');
  expect(await send('GET', 'h2c, websocket')).toBe('request');
});

/** A server that answers with the path, and reads no body unless it is asked to. */
async function serve(secure: boolean, maxConnections = 100): Promise<void> {
  listener = await listen(
    { host: '127.0.0.1', port: 0, tls: secure ? tls : undefined, maxConnections },
    (request, response) => {
      if (request.url === '/begun') request.once('data', () => response.end('/begun'));
      else response.end(request.url);
    },
    (_request, socket) => socket.destroy(),
  );
}

async function openTcp(): Promise<Socket> {
  const socket = connect(listener.port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function open(secure: boolean): Promise<Socket> {
  const socket = await openTcp();
  if (!secure) return socket;
  const secured = connectTls({ socket, ca: tls.cert, ALPNProtocols: ['http/1.1'] }).on('error', () => {});
  await once(secured, 'secureConnect');
  return secured;
}

/** Reads on until this has come, or the connection is closed. */
async function read(socket: Socket, last: string): Promise<string> {
  let text = '';
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    text += piece;
    if (text.includes(last)) break;
  }
  return text;
}

describe.each([
  ['plain', false],
  ['TLS', true],
])('over %s, of a request that is answered before it is whole', (_name, secure) => {
  const begin = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`;

  test.each(['/unread', '/begun'])('the rest is not waited for: %s', async (path) => {
    await serve(secure);
    const socket = await open(secure);
    socket.write(begin(path));
    expect(await read(socket, 'never')).toMatch(new RegExp(`${path}\r\n0|${path}$`));
  });

  test('the rest may come in a moment, and the connection goes on', async () => {
    await serve(secure);
    const socket = await open(secure);
    socket.write(begin('/first'));
    await read(socket, '/first');
    socket.write('0\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await read(socket, '/second')).toContain('/second');
    socket.destroy();
  });
});

test.each([
  ['an upgrade', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['a tunnel', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
])(
  'answers that wait for their turn end with their connection, %s asked for behind them',
  async (_what, last) => {
    const ends: Promise<unknown>[] = [];
    listener = await listen(
      { host: '127.0.0.1', port: 0, tls: undefined, maxConnections: 100 },
      (_request, response) => ends.push(once(response, 'close')),
      (_request, socket) => socket.destroy(),
    );
    const socket = await open(false);
    socket.write(`${'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20)}${last}`);
    await once(socket, 'close');
    expect(ends).toHaveLength(20);
    await Promise.all(ends);
  },
);

test.each(['/unread', '/begun'])('over HTTP/2 the rest of %s is not waited for', async (path) => {
  await serve(true);
  const session = connectH2(`https://127.0.0.1:${listener.port}`, { ca: tls.cert });
  const request = session.request({ ':method': 'POST', ':path': path }, { endStream: false });
  request.write('a');
  request.resume();
  await once(request, 'close');
  expect(request.rstCode).toBe(0);
  session.destroy();
});

/** The timers of the connections of a port (Linux, Documentation/networking/proc_net_tcp.rst): `02`, keep-alive. */
async function timersOf(port: number): Promise<string[]> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  return rows
    .filter(([, address, , state]) => `${address} `.endsWith(local) && state === '01')
    .map(([, , , , , timer = '']) => timer.slice(0, 2));
}

test.runIf(process.platform === 'linux').each([
  ['plain', false],
  ['TLS', true],
])('over %s, TCP asks a peer that says nothing for a sign of life', async (_name, secure) => {
  await serve(secure);
  const socket = await open(secure);
  socket.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\n');
  await read(socket, '/first');
  await until('the timer of keep-alive', async () => (await timersOf(listener.port)).join() === '02');
  socket.destroy();
});

test('more connections than there may be are closed', async () => {
  await serve(false, 1);
  const first = await open(false);
  await once(await openTcp(), 'close');
  first.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await read(first, '/first')).toContain('/first');
  first.destroy();
});

test('who has not finished the TLS handshake does not keep the listener from closing', async () => {
  await serve(true);
  const socket = await openTcp();
  await listener.close();
  await once(socket, 'close');
});
