import { createServer as createRawServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { failureOf, grantOf, type Listening, listen, serveHttp, TestUpstreams, textOf } from './env.ts';

/** How a server takes a request. */
type Way = 'unreachable' | 429 | 503 | 500 | 400 | 200 | 'reset' | 'broken stream';

/** Ways after which the request has certainly not been acted on. */
const UNTOUCHED: readonly Way[] = ['unreachable', 429, 503];

const open: (Listening | TestUpstreams)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve(way: Way, onRequest: () => void): Promise<string> {
  // Nobody listens there, nor will: the port of a server that is closed may be the next one's.
  if (way === 'unreachable') return 'http://127.0.0.1:1/v1';
  const server = await serveHttp((_request, response) => {
    onRequest();
    if (way === 'reset') response.socket?.destroy();
    else if (way === 'broken stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {}\n\n', () => response.socket?.destroy());
    } else response.writeHead(Number(way), { 'retry-after': '3' }).end('{}');
  });
  open.push(server);
  return `http://127.0.0.1:${server.port}/v1`;
}

function upstreamsOf(urls: readonly string[], options = {}): TestUpstreams {
  const made = new TestUpstreams(
    urls.map((url, i) => grantOf(`u${i}`, url)),
    options,
  );
  open.push(made);
  return made;
}

test('the next one is asked if and only if the one before has certainly not acted on the request', async () => {
  const way = fc.constantFrom<Way>('unreachable', 429, 503, 500, 400, 200, 'reset', 'broken stream');
  await fc.assert(
    fc.asyncProperty(fc.array(way, { minLength: 1, maxLength: 4 }), fc.boolean(), async (ways, bound) => {
      const counts = ways.map(() => 0);
      const urls = await Promise.all(
        ways.map((each, i) =>
          serve(each, () => {
            counts[i] = (counts[i] ?? 0) + 1;
          }),
        ),
      );
      const made = upstreamsOf(urls);
      const last = bound
        ? 0
        : Math.min(...ways.flatMap((each, i) => (UNTOUCHED.includes(each) ? [] : [i])), ways.length - 1);
      const outcome = await made.call({}, bound).catch((error: Error) => error);
      const way = ways[last];
      expect(made.tried).toBe(`upstreams/u${last}`);
      expect(counts).toEqual(ways.map((each, i) => (i <= last && each !== 'unreachable' ? 1 : 0)));
      expect(
        made.before.map(({ upstream, httpStatus, errorCode }) => [upstream, httpStatus || errorCode]),
      ).toEqual(
        ways
          .slice(0, last)
          .map((each, i) => [`upstreams/u${i}`, each === 'unreachable' ? 'upstream_unreachable' : each]),
      );
      if (typeof way === 'number')
        expect(outcome).toMatchObject({ status: way, headers: { 'retry-after': '3' } });
      if (way === 'unreachable') expect(outcome).toMatchObject({ code: 'upstream_unreachable' });
      if (way === 'reset') expect(outcome).toMatchObject({ code: 'upstream_disconnected' });
      if (way === 'broken stream' && !(outcome instanceof Error)) {
        expect(await failureOf(textOf(outcome))).toMatchObject({ code: 'upstream_disconnected' });
      } else if (!(outcome instanceof Error)) outcome.discard();
      await Promise.all(open.splice(0).map((one) => one.close()));
    }),
    { numRuns: 40 },
  );
});

test('one that could not be reached is tried after the others for a while; its answer ends that', async () => {
  const first = await serveHttp((_request, response) => response.end('first'));
  const second = await serveHttp((_request, response) => response.end('second'));
  open.push(second);
  const made = upstreamsOf([first, second].map(({ port }) => `http://127.0.0.1:${port}`));
  await first.close();
  expect(await textOf(await made.call())).toBe('second');
  expect(made.before).toHaveLength(1);
  expect(await textOf(await made.call())).toBe('second');
  expect(made.before).toHaveLength(0);
  // What refers to something that is kept goes to who keeps it, whatever its state.
  expect(await failureOf(made.call({}, true))).toMatchObject({ code: 'upstream_unreachable' });
});

test('an upstream that does not answer in time is not followed by another', async () => {
  let asked = 0;
  const silent = await serveHttp(() => {});
  const other = await serveHttp((_request, response) => {
    asked += 1;
    response.end();
  });
  open.push(silent, other);
  const urls = [silent, other].map(({ port }) => `http://127.0.0.1:${port}`);
  const made = upstreamsOf(urls, { limits: { headersTimeoutMs: 300 } });
  expect(await failureOf(made.call())).toMatchObject({ code: 'upstream_timeout', untouched: false });
  expect(asked).toBe(0);
});

test('a caller who goes away ends the call, and no other one is tried', async () => {
  let closed: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const over = new AbortController();
  const slow = await serveHttp((_request, response) => {
    response.on('close', closed);
    over.abort('gone');
  });
  const other = await serveHttp((_request, response) => response.end());
  open.push(slow, other);
  const made = upstreamsOf([slow, other].map(({ port }) => `http://127.0.0.1:${port}`));
  await expect(made.call({ signal: over.signal })).rejects.toBeDefined();
  expect(made.tried).toBe('upstreams/u0');
  await gone;
});

describe('a kept connection that closes just when a request is written to it', () => {
  /** Answers the first request of a connection, and takes the second without an answer. */
  async function serveOnce(): Promise<Listening & { readonly requests: string[] }> {
    const requests: string[] = [];
    const server = createRawServer((socket: Socket) => {
      let count = 0;
      socket.on('data', (piece) => {
        const line = /^(\w+) \/\S* HTTP/.exec(piece.toString('latin1'));
        if (line === null) return;
        count += 1;
        requests.push(line[1] ?? '');
        if (count > 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      });
    });
    const listening = Object.assign(await listen(server), { requests });
    open.push(listening);
    return listening;
  }

  test('a question is not sent again: it may have been taken', async () => {
    const server = await serveOnce();
    const made = upstreamsOf([`http://127.0.0.1:${server.port}`], { limits: { maxConnections: 1 } });
    await textOf(await made.call());
    expect(await failureOf(made.call())).toMatchObject({ code: 'upstream_disconnected', untouched: false });
    expect(server.requests).toEqual(['POST', 'POST']);
  });

  test('what only reads is sent again, once', async () => {
    const server = await serveOnce();
    const made = upstreamsOf([`http://127.0.0.1:${server.port}`], { limits: { maxConnections: 1 } });
    const read = { method: 'GET', path: '/models', body: null } as const;
    await textOf(await made.call(read));
    expect((await made.call(read)).status).toBe(200);
    expect(server.requests).toEqual(['GET', 'GET', 'GET']);
  });
});

test('a redirect is an answer like any other: it is not followed', async () => {
  let asked = 0;
  const other = await serveHttp((_request, response) => {
    asked += 1;
    response.end();
  });
  const server = await serveHttp((_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${other.port}/` }).end(),
  );
  open.push(server, other);
  const answer = await upstreamsOf([`http://127.0.0.1:${server.port}`]).call();
  expect(answer).toMatchObject({ status: 307, headers: {} });
  answer.discard();
  expect(asked).toBe(0);
});
