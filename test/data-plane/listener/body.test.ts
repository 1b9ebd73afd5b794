import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectHttp2, constants, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { create } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { ByteBudget } from '../../../data-plane/budget/budget.ts';
import { Arrivals } from '../../../data-plane/listener/arrivals.ts';
import { readBody } from '../../../data-plane/listener/body.ts';
import { until } from '../../env/until.ts';

const KIB = 1024;
const CALLER = create(CallerSchema, { issuer: 'https://id.example.org', subject: 'ana' });
/** A caller alone may have 100 KiB. */
const BUDGET_BYTES = 200 * KIB;

let budget: ByteBudget;
let read: PromiseWithResolvers<Uint8Array>;
let entered: PromiseWithResolvers<void>;
/** Of a body; long, where it is not what is tested: a busy machine takes its time. */
let timeoutMs: number;
/** What becomes of a request once it is read, or is not. */
let answer: (response: ServerResponse) => unknown;

const serve = async (request: IncomingMessage, response: ServerResponse) => {
  const { arrival, leave } = new Arrivals(budget).enter(request, response);
  arrival.hold.belongTo(CALLER);
  entered.resolve();
  try {
    read.resolve(await readBody(request, { maxBytes: 80 * KIB, timeoutMs }, arrival));
  } catch (error) {
    read.reject(error);
  }
  await answer(response);
  leave();
};
const server = createServer(serve);
let socket: Socket;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
beforeEach(() => {
  budget = new ByteBudget(BUDGET_BYTES);
  timeoutMs = 60_000;
  read = Promise.withResolvers();
  read.promise.catch(() => {});
  entered = Promise.withResolvers();
  answer = (response) => response.end('ok');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
});
afterEach(() => socket.destroy());

const head = (...lines: string[]) => `POST / HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n`;
const chunked = (data: Buffer) =>
  Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
const END = '0\r\n\r\n';

/** Nothing is held any more, and that stays so. */
async function expectNothingHeld(): Promise<void> {
  await until('everything given back', async () => budget.underWay === 0);
  const other = budget.open(CALLER);
  expect(other.resize(BUDGET_BYTES / 2)).toBe(true);
  other.release();
}

test('a body is held from its announcement until its answer has gone out', async () => {
  let response: ServerResponse | undefined;
  answer = (given) => {
    response = given;
  };
  socket.write(head('Content-Length: 50000'));
  await entered.promise;
  await until('the announcement', async () => budget.underWay === 50_000);
  socket.write(Buffer.alloc(50_000, 'a'));
  expect(await read.promise).toHaveLength(50_000);
  expect(budget.underWay).toBe(50_000);
  response?.end('ok');
  await expectNothingHeld();
});

test('a request that goes on when its caller has gone is held until it ends', async () => {
  const goOn = Promise.withResolvers<void>();
  let closed: Promise<unknown> | undefined;
  answer = (response) => {
    closed = once(response, 'close');
    return goOn.promise;
  };
  socket.write(`${head('Content-Length: 5')}hello`);
  await read.promise;
  socket.destroy();
  await closed;
  expect(budget.underWay).toBe(5);
  goOn.resolve();
  await expectNothingHeld();
});

test('an answer that its caller does not read is held until they are gone', async () => {
  const lying = Buffer.alloc(16 * KIB * KIB);
  answer = (response) => response.end(lying);
  socket.pause();
  socket.write(`${head('Content-Length: 5')}hello`);
  await read.promise;
  const looks = await new Promise<number>((resolve) =>
    setImmediate(() => setImmediate(() => resolve(budget.underWay))),
  );
  expect(looks).toBe(5);
  socket.destroy();
  await expectNothingHeld();
});

test.each([
  ['that is announced too large', head('Content-Length: 90000'), 'body_too_large'],
  [
    'that becomes too large',
    [head('Transfer-Encoding: chunked'), chunked(Buffer.alloc(90_000))],
    'body_too_large',
  ],
  ['that is no gzip', `${head('Content-Encoding: gzip', 'Content-Length: 9')}some text`, 'invalid_request'],
  [
    'that is larger unpacked',
    [
      head('Content-Encoding: gzip', 'Transfer-Encoding: chunked'),
      chunked(gzipSync(Buffer.alloc(90_000))),
      END,
    ],
    'body_too_large',
  ],
  [
    'of an encoding that is none',
    `${head('Content-Encoding: lzw', 'Content-Length: 2')}hi`,
    'unsupported_encoding',
  ],
])('a body %s holds nothing afterwards', async (_what, sent, code) => {
  for (const piece of [sent].flat()) socket.write(piece);
  await expect(read.promise).rejects.toMatchObject({ code });
  await expectNothingHeld();
});

test('a body that does not come in time holds nothing afterwards', async () => {
  timeoutMs = 300;
  socket.write(head('Content-Length: 50000'));
  socket.write('begun');
  await expect(read.promise).rejects.toMatchObject({ code: 'body_timeout' });
  await expectNothingHeld();
});

test.each([
  ['breaks off', (end: Socket) => end.end()],
  ['is cut off', (end: Socket) => end.resetAndDestroy()],
])('a body that %s holds nothing afterwards', async (_what, leave) => {
  socket.write(head('Content-Length: 50000'));
  socket.write('begun');
  await until('the announcement', async () => budget.underWay === 50_000);
  leave(socket);
  await expect(read.promise).rejects.toBeDefined();
  await expectNothingHeld();
});

test('a body for which there is no room is refused before it comes, one that announces nothing when it has come so far', async () => {
  const other = budget.open(CALLER);
  other.take(80 * KIB);
  socket.write(head('Content-Length: 50000'));
  await expect(read.promise).rejects.toMatchObject({ code: 'too_much_under_way' });
  expect(budget.underWay).toBe(80 * KIB);

  read = Promise.withResolvers();
  const unannounced = connect((server.address() as AddressInfo).port, '127.0.0.1');
  unannounced.on('error', () => {});
  unannounced.write(head('Transfer-Encoding: chunked'));
  for (let piece = 0; piece < 5; piece++) unannounced.write(chunked(Buffer.alloc(10_000)));
  await expect(read.promise).rejects.toMatchObject({ code: 'too_much_under_way' });
  expect(budget.underWay).toBe(80 * KIB);
  unannounced.destroy();
  other.release();
  await expectNothingHeld();
});

test('what unpacks to more than there is room for is refused while it does', async () => {
  const other = budget.open(CALLER);
  other.take(60 * KIB);
  const packed = gzipSync(Buffer.alloc(70_000));
  socket.write(head('Content-Encoding: gzip', `Content-Length: ${packed.length}`));
  socket.write(packed);
  await expect(read.promise).rejects.toMatchObject({ code: 'too_much_under_way' });
  other.release();
  await expectNothingHeld();
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
])('a body that comes as %s is held by its size unpacked', async (encoding, pack) => {
  const body = Buffer.from('words of many kinds '.repeat(3_500));
  const packed = pack(body);
  socket.write(head(`Content-Encoding: ${encoding}`, `Content-Length: ${packed.length}`));
  socket.write(packed);
  expect(Buffer.from(await read.promise).equals(body)).toBe(true);
  expect(budget.underWay).toBe(body.length);
  await expectNothingHeld();
});

test('a body that comes byte by byte is whole, and in its order', async () => {
  const body = Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(150));
  socket.write(head('Transfer-Encoding: chunked'));
  for (const byte of body) socket.write(chunked(Buffer.of(byte)));
  socket.write(END);
  expect(Buffer.from(await read.promise).toString()).toBe(body.toString());
  await expectNothingHeld();
});

test.each([
  ['is answered', 'body_whole'],
  ['is reset in the middle of its body', 'invalid_request'],
])('a request over HTTP/2 that %s holds nothing afterwards', async (_what, end) => {
  const http2 = createHttp2Server((request, response) =>
    serve(request as unknown as IncomingMessage, response as unknown as ServerResponse),
  );
  http2.listen(0, '127.0.0.1');
  await once(http2, 'listening');
  const client = connectHttp2(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`);
  const stream = client.request({ ':method': 'POST', 'content-length': '50000' });
  stream.on('error', () => {}).resume();
  stream.write(Buffer.alloc(20_000));
  await until('the announcement', async () => budget.underWay === 50_000);
  if (end === 'body_whole') {
    stream.end(Buffer.alloc(30_000));
    expect(await read.promise).toHaveLength(50_000);
  } else {
    stream.close(constants.NGHTTP2_CANCEL);
    await expect(read.promise).rejects.toBeDefined();
  }
  await expectNothingHeld();
  client.destroy();
  http2.close();
});
