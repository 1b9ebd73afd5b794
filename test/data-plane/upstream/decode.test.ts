import { brotliCompressSync, createGzip, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { failureOf, grantOf, type Listening, serveHttp, TestUpstreams, textOf } from './env.ts';

const open: (Listening | TestUpstreams)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function upstreamOf(answer: Parameters<typeof serveHttp>[0]): Promise<TestUpstreams> {
  const server = await serveHttp(answer);
  const made = new TestUpstreams([grantOf('packed', `http://127.0.0.1:${server.port}`)]);
  open.push(server, made);
  return made;
}

describe('an answer that is compressed although nobody asked for it', () => {
  const text = '{"output":"hello"}'.repeat(100);
  test.each([
    ['gzip', gzipSync(text)],
    ['GZip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['identity', Buffer.from(text)],
  ])('is read as it was before: %s', async (encoding, body) => {
    const made = await upstreamOf((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length }).end(body);
    });
    const answer = await made.call();
    expect(answer.headers).toEqual({});
    expect(await textOf(answer)).toBe(text);
  });

  test('its pieces come when they come', async () => {
    const { promise: more, resolve } = Promise.withResolvers<void>();
    const made = await upstreamOf(async (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/event-stream' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write('data: 1\n\n');
      gzip.flush();
      await more;
      gzip.end('data: 2\n\n');
    });
    const pieces = (await made.call()).read()[Symbol.asyncIterator]();
    expect(Buffer.from((await pieces.next()).value).toString()).toBe('data: 1\n\n');
    resolve();
    expect(Buffer.from((await pieces.next()).value).toString()).toBe('data: 2\n\n');
    expect((await pieces.next()).done).toBe(true);
  });

  test.each([
    ['damaged', Buffer.from('no gzip at all')],
    ['cut short', gzipSync(text).subarray(0, 20)],
  ])('that is %s is not passed on', async (_what, body) => {
    const made = await upstreamOf((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    });
    expect(await failureOf(textOf(await made.call()))).toMatchObject({ code: 'upstream_unreadable' });
  });

  test('whose connection breaks is a connection that breaks', async () => {
    const made = await upstreamOf((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write(gzipSync(text).subarray(0, 20), () => response.socket?.destroy());
    });
    expect(await failureOf(textOf(await made.call()))).toMatchObject({ code: 'upstream_disconnected' });
  });

  test('in a way that nothing here undoes is refused, and its place is free again', async () => {
    const made = await upstreamOf((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip, br' }).end('x');
    });
    expect(await failureOf(made.call())).toMatchObject({ code: 'upstream_unreadable' });
    expect(made.upstreams.report(made.grants)[0]).toMatchObject({ running: 0 });
  });
});

test('what comes faster than it is read waits in the upstream, not here', async () => {
  let sent = 0;
  const made = await upstreamOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const piece = Buffer.alloc(64 * 1024, 0x61);
    const write = () => {
      while (sent < 2_000 && response.write(piece)) sent += 1;
      response.once('drain', write);
    };
    write();
  });
  const answer = await made.call();
  const pieces = answer.read()[Symbol.asyncIterator]();
  await pieces.next();
  // Sockets have buffers; 125 MiB are more than those.
  let before = -1;
  const isStill = () => {
    const same = sent === before;
    before = sent;
    return same;
  };
  await expect.poll(isStill, { interval: 50 }).toBe(true);
  expect(sent).toBeLessThan(1_000);
  answer.end();
});
