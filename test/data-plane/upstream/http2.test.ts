import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { Server } from 'node:net';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Tls } from '../../../program/transport.ts';
import { type Authority, createAuthority } from '../../env/authority.ts';
import { failureOf, grantOf, type Listening, listen, TestUpstreams, textOf } from './env.ts';

let authority: Authority;
let tls: Tls;
let server: Listening;
let made: TestUpstreams;
let requests: string[] = [];
let answer: (stream: ServerHttp2Stream) => void = () => {};

beforeAll(async () => {
  authority = await createAuthority('Test Root');
  tls = await authority.issueServer();
});
afterEach(() => Promise.all([made.close(), server.close()]));

/** An upstream that speaks HTTP/2 alone. */
async function start(http2 = true): Promise<Http2SecureServer> {
  requests = [];
  const http2Server = createSecureServer({ ...tls, allowHTTP1: !http2 });
  http2Server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    requests.push(`${headers[':method']} ${headers[':path']}`);
    stream.resume().once('end', () => answer(stream));
  });
  http2Server.on('request', (request, response) => {
    if (request.httpVersionMajor === 1) response.end('one');
  });
  http2Server.on('sessionError', () => {});
  server = await listen(http2Server as unknown as Server);
  const url = `https://127.0.0.1:${server.port}/v1`;
  made = new TestUpstreams([grantOf('two', url, { caCertificates: authority.certificate, http2 })]);
  return http2Server;
}

test('streams run side by side on one connection', async () => {
  const http2Server = await start();
  let sessions = 0;
  http2Server.on('session', () => {
    sessions += 1;
  });
  answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write('data: 1\n\n');
    stream.end('data: 2\n\n');
  };
  // The first settles that the server speaks HTTP/2.
  await textOf(await made.call());
  const texts = await Promise.all(
    Array.from({ length: 20 }, async () => textOf(await made.call({ accept: 'text/event-stream' }))),
  );
  expect(new Set(texts)).toEqual(new Set(['data: 1\n\ndata: 2\n\n']));
  expect(sessions).toBe(1);
  expect(requests[0]).toBe('POST /v1/responses');
});

test('without the setting HTTP/1.1 is spoken, also to a server that would rather not', async () => {
  await start(false);
  expect(await textOf(await made.call())).toBe('one');
});

test('a caller who goes away resets their stream and no other', async () => {
  await start();
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const kept = Promise.withResolvers<ServerHttp2Stream>();
  let count = 0;
  answer = (stream) => {
    count += 1;
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write('data: 1\n\n');
    if (count === 1) kept.resolve(stream);
    else stream.once('aborted', resolve);
  };
  const first = await made.call();
  const over = new AbortController();
  const second = await made.call({ signal: over.signal });
  const reading = failureOf(textOf(second));
  over.abort('gone');
  await reading;
  await aborted;
  (await kept.promise).end('data: 2\n\n');
  expect(await textOf(first)).toBe('data: 1\n\ndata: 2\n\n');
});

test('a connection that breaks does not send a question again', async () => {
  await start();
  answer = (stream) => stream.session?.destroy();
  expect(await failureOf(made.call())).toMatchObject({ code: 'upstream_disconnected', untouched: false });
  expect(requests).toHaveLength(1);
});

test('a socket that is reset in the middle of two streams ends both, and sends neither again', async () => {
  await start();
  answer = (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('{}');
  };
  await textOf(await made.call());
  const streams: ServerHttp2Stream[] = [];
  answer = (stream) => {
    streams.push(stream);
    if (streams.length === 2) stream.session?.socket.destroy();
  };
  const failures = await Promise.all([failureOf(made.call()), failureOf(made.call())]);
  for (const failure of failures) expect(failure).toMatchObject({ code: 'upstream_disconnected' });
  expect(requests).toHaveLength(3);
});

test('what a server says that it did not take (GOAWAY) is sent once more, on a new connection', async () => {
  await start();
  let count = 0;
  answer = (stream) => {
    count += 1;
    // The second stream has the id 3: only what came before it was taken.
    if (count === 2) stream.session?.goaway(0, 1);
    else {
      stream.respond({ ':status': 200 });
      stream.end(`{"n":${count}}`);
    }
  };
  expect(await textOf(await made.call())).toBe('{"n":1}');
  expect(await textOf(await made.call())).toBe('{"n":3}');
  expect(requests).toHaveLength(3);
});

test('what it did take is answered before the connection ends, and is not sent again', async () => {
  await start();
  let count = 0;
  answer = (stream) => {
    count += 1;
    if (count === 1) stream.session?.goaway(0, stream.id ?? 0);
    stream.respond({ ':status': 200 });
    stream.end(`{"n":${count}}`);
  };
  expect(await textOf(await made.call())).toBe('{"n":1}');
  expect(await textOf(await made.call())).toBe('{"n":2}');
  expect(requests).toHaveLength(2);
});

test('an answer that breaks off is an error', async () => {
  await start();
  answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write('data: 1\n\n', () => stream.destroy(new Error('no more')));
  };
  expect(await failureOf(textOf(await made.call()))).toMatchObject({ code: 'upstream_disconnected' });
});
