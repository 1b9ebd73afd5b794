import { afterEach, expect, test } from 'vitest';
import { Gate } from '../../../data-plane/upstream/gate.ts';
import { failureOf, grantOf, type Listening, serveHttp, TestUpstreams, textOf } from './env.ts';

const never = new AbortController().signal;
const open: (Listening | TestUpstreams)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

test('those who wait get in one by one, in their order, and at most so many wait', async () => {
  const gate = new Gate({ maxRunning: 1, maxQueued: 2, waitMs: 60_000 });
  const order: string[] = [];
  const enter = (name: string, signal = never) => gate.enter(signal).then(() => order.push(name));
  await enter('a');
  const over = new AbortController();
  const b = enter('b', over.signal).catch(() => order.push('b gave up'));
  const c = enter('c');
  await expect(gate.enter(never)).rejects.toThrow('the queue is full');
  expect([gate.running, gate.queued]).toEqual([1, 2]);
  over.abort('gone');
  await b;
  gate.leave();
  await c;
  gate.leave();
  expect(order).toEqual(['a', 'b gave up', 'c']);
  expect([gate.running, gate.queued]).toEqual([0, 0]);
  await expect(new Gate({ maxRunning: 0, maxQueued: 1, waitMs: 1 }).enter(never)).rejects.toThrow('in time');
});

test('a place is held until the answer is over, however it ends; whoever has none is told to come again', async () => {
  const held: (() => void)[] = [];
  const server = await serveHttp((_request, response, body) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${body}\n\n`);
    held.push(() => response.end());
  });
  const spec = { maxConcurrent: 1, maxQueued: 0 };
  const made = new TestUpstreams([grantOf('small', `http://127.0.0.1:${server.port}`, spec)]);
  open.push(server, made);
  const report = () => made.upstreams.report(made.grants)[0];

  for (const finish of ['read', 'ended', 'aborted'] as const) {
    const over = new AbortController();
    const answer = await made.call({ signal: over.signal });
    expect(report()).toMatchObject({ running: 1, queued: 0 });
    const busy = await failureOf(made.call());
    expect(busy).toMatchObject({ code: 'upstream_busy', status: 503, retry: true, retryAfterS: 1 });
    if (finish === 'ended') answer.end();
    else {
      const reading = failureOf(textOf(answer));
      if (finish === 'read') held.pop()?.();
      else over.abort('gone');
      await reading;
    }
    await expect.poll(() => report()?.running).toBe(0);
  }
});

test('where one is full the next is asked', async () => {
  const first = await serveHttp(() => {});
  const second = await serveHttp((_request, response) => response.end('second'));
  const made = new TestUpstreams([
    grantOf('full', `http://127.0.0.1:${first.port}`, { maxConcurrent: 1, maxQueued: 0 }),
    grantOf('free', `http://127.0.0.1:${second.port}`),
  ]);
  open.push(first, second, made);
  const over = new AbortController();
  const running = failureOf(made.call({ signal: over.signal }));
  expect(await textOf(await made.call())).toBe('second');
  expect(made.before).toEqual([{ upstream: 'upstreams/full', errorCode: 'upstream_busy', httpStatus: 0 }]);
  over.abort('gone');
  await running;
});
