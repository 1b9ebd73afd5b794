import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  type Http2SecureServer,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { listen } from '../../../data-plane/listener/server.ts';
import { endUnused, type SessionTimes } from '../../../data-plane/listener/session.ts';
import { makeCertificate } from '../../env/certificate.ts';

const tls = await makeCertificate();
/** RFC 9113 section 3.4, and empty SETTINGS. */
const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(0x4, 0, 0, Buffer.alloc(0)),
]);
/** GET https://x/ (RFC 7541, appendix A and section 6.2.1). */
const HEADERS = frame(0x1, 0x5, 1, Buffer.from([0x82, 0x87, 0x84, 0x41, 0x01, 0x78]));
/** In which nothing happens by itself. */
const QUIET: SessionTimes = {
  firstMs: 60_000,
  idleMs: 60_000,
  unreadMs: 60_000,
  pingMs: 60_000,
  pongMs: 60_000,
};

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Served {
  readonly server: Http2SecureServer;
  readonly port: number;
  /** Its side of the connection is closed. */
  readonly closed: Promise<void>;
}

/** A server of HTTP/2 that keeps to these times. */
async function serve(times: Partial<SessionTimes>): Promise<Served> {
  const server = createSecureServer(tls);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  endUnused(server, { ...QUIET, ...times });
  server.on('secureConnection', (socket) => socket.once('close', () => resolve()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return { server, port: (server.address() as AddressInfo).port, closed };
}

function open(port: number): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${port}`, { ca: tls.cert });
  closing.push(() => session.destroy());
  return session;
}

/** A peer that says just this. */
async function speak(port: number, bytes: Buffer, allowHalfOpen = false): Promise<TLSSocket> {
  const options = { port, host: '127.0.0.1', ca: tls.cert, ALPNProtocols: ['h2'], allowHalfOpen };
  const socket = connectTls(options);
  socket.on('error', () => {}).resume();
  await once(socket, 'secureConnect');
  if (bytes.length > 0) socket.write(bytes);
  closing.push(() => socket.destroy());
  return socket;
}

async function ask(session: ClientHttp2Session): Promise<string> {
  let text = '';
  for await (const piece of session.request({ ':path': '/' }).setEncoding('utf8')) text += piece;
  return text;
}

test('the listener ends who has not asked within ten seconds, and answers who has, however late', async () => {
  let answer = () => {};
  const listener = await listen(
    { host: '127.0.0.1', port: 0, tls, maxConnections: 100 },
    (_request, response) => {
      answer = () => response.end('late');
    },
    (_request, socket) => socket.destroy(),
  );
  closing.push(() => listener.close());
  const asking = ask(open(listener.port));
  const unused = await Promise.all(
    [Buffer.alloc(0), PREFACE, Buffer.concat([PREFACE, HEADERS.subarray(0, -2)])].map((said) =>
      speak(listener.port, said),
    ),
  );
  await Promise.all(unused.map((socket) => once(socket, 'close')));
  answer();
  expect(await asking).toBe('late');
}, 30_000);

test('a connection that was used and is not any more is ended, and its peer told', async () => {
  const { server, port, closed } = await serve({ idleMs: 50 });
  server.on('request', (_request, response) => response.end('done'));
  const session = open(port);
  const told = once(session, 'goaway');
  expect(await ask(session)).toBe('done');
  const [code] = await told;
  expect(code).toBe(0);
  await closed;
});

test.each([
  ['goes on saying nothing', Buffer.alloc(0)],
  ['says that it goes, and stays', frame(0x7, 0, 0, Buffer.alloc(8))],
])('it is cut where its peer %s', async (_what, more) => {
  const { port, closed } = await serve({ firstMs: 50 });
  // It does not end its side either.
  await speak(port, Buffer.concat([PREFACE, more]), true);
  await closed;
});

test('an answer of which nothing is taken ends', async () => {
  const { server, port, closed } = await serve({ idleMs: 50, unreadMs: 50 });
  server.on('request', (_request, response) => response.end('done'));
  const session = connect(`https://127.0.0.1:${port}`, { ca: tls.cert, settings: { initialWindowSize: 0 } });
  closing.push(() => session.destroy());
  const request = session.request({ ':path': '/' }).on('error', () => {});
  await once(request, 'close');
  expect(request.rstCode).toBe(constants.NGHTTP2_CANCEL);
  await closed;
});

test('a request goes on for as long as its peer gives a sign of life', async () => {
  const { server, port } = await serve({ firstMs: 50, idleMs: 50, unreadMs: 50, pingMs: 20 });
  const session = open(port);
  server.on('request', async (_request, response) => {
    for (let pings = 0; pings < 10; pings++) await once(session, 'ping');
    response.end('late');
  });
  expect(await ask(session)).toBe('late');
});

test('and no longer', async () => {
  const { server, port, closed } = await serve({ pingMs: 20, pongMs: 50 });
  const asked = once(server, 'stream');
  await speak(port, Buffer.concat([PREFACE, HEADERS]), true);
  await asked;
  await closed;
});
