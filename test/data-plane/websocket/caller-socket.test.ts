import { EventEmitter, once } from 'node:events';
import { Duplex } from 'node:stream';
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { ByteBudget } from '../../../data-plane/budget/budget.ts';
import { CallerSocket } from '../../../data-plane/websocket/caller-socket.ts';

const CALLER = create(CallerSchema, { issuer: 'https://id.example.org', subject: 'ana' });
/** What a piece takes beside its bytes. */
const PIECE = 512;
const NEVER = new AbortController().signal;

/** A socket whose bytes and messages come when a test says so. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSED = 3;
  readyState = 1;
  bufferedAmount = 0;
  paused = false;
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  pong(): void {}
  send(): void {}
  terminate(): void {
    this.readyState = this.CLOSED;
    this.emit('close');
  }
}

function connection(total = 1_000_000) {
  const budget = new ByteBudget(total);
  const fake = new FakeSocket();
  const raw = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const hold = budget.open(CALLER);
  const limits = { maxBytes: 400_000, messageMs: 60_000 };
  const socket = new CallerSocket(fake as unknown as WebSocket, raw, limits, hold);
  /** Bytes come from the network. */
  const receive = (bytes: number) => raw.emit('data', Buffer.alloc(bytes));
  /** With them a message is whole. */
  const complete = (bytes: number) => fake.emit('message', Buffer.alloc(bytes), false);
  return { budget, fake, socket, receive, complete, open: () => budget.open(CALLER) };
}

test('a message is held while it comes, while it waits, while it is answered, and no longer', async () => {
  const { budget, fake, socket, receive, complete, open } = connection();
  receive(10_000);
  receive(5_006);
  expect(budget.underWay).toBe(15_006 + 2 * PIECE);
  complete(15_000);
  expect(budget.underWay).toBe(15_000);
  await socket.take(NEVER);
  expect(budget.underWay).toBe(15_000);
  const exchange = open();
  socket.handOver(exchange);
  receive(106);
  expect([exchange.bytes, budget.underWay]).toEqual([15_000, 15_106 + PIECE]);
  exchange.release();
  expect(budget.underWay).toBe(106 + PIECE);
  fake.terminate();
  expect(budget.underWay).toBe(0);
});

test('what is given back waits again, and what nobody wants is given up', async () => {
  const { budget, socket, receive, complete, fake } = connection();
  for (const bytes of [100, 200]) {
    receive(bytes);
    complete(bytes);
  }
  const first = await socket.take(NEVER);
  socket.handOver();
  expect(first).toMatchObject({ kind: 'text' });
  expect(budget.underWay).toBe(200);
  const second = await socket.take(NEVER);
  if (second !== undefined) socket.untake(second);
  socket.handOver();
  expect(budget.underWay).toBe(200);
  expect(await socket.take(NEVER)).toBe(second);
  socket.handOver();
  expect(budget.underWay).toBe(0);
  fake.terminate();
});

test('pings hold nothing, many small pieces hold more than their bytes', () => {
  const { budget, fake, receive } = connection();
  receive(10);
  fake.emit('ping', Buffer.alloc(4));
  expect(budget.underWay).toBe(0);
  for (let piece = 0; piece < 100; piece++) receive(1);
  expect(budget.underWay).toBe(100 * (PIECE + 1));
  fake.terminate();
  expect(budget.underWay).toBe(0);
});

test('a message for which there is no room is read no further, and refused in its turn', async () => {
  const { budget, fake, socket, receive, complete, open } = connection(100_000);
  receive(20_000);
  complete(20_000);
  receive(25_000);
  expect(fake.paused).toBe(false);
  receive(10_000);
  expect(fake.paused).toBe(true);
  expect(budget.underWay).toBe(45_000 + PIECE);
  fake.paused = false;
  receive(30_000);
  expect(fake.paused).toBe(true);
  expect(budget.underWay).toBe(45_000 + PIECE);

  expect(await socket.take(NEVER)).toMatchObject({ kind: 'text' });
  const exchange = open();
  socket.handOver(exchange);
  expect(await socket.take(NEVER)).toEqual({ kind: 'too much' });
  exchange.release();
  const gone = once(socket.gone, 'abort');
  fake.terminate();
  await gone;
  expect(budget.underWay).toBe(0);
});

test('nobody waits for a connection that is gone to take what was sent', async () => {
  const { fake, socket } = connection();
  fake.bufferedAmount = 2_000_000;
  socket.send(Buffer.alloc(2_000_000));
  const room = socket.room();
  fake.terminate();
  await room;
  expect(socket.gone.aborted).toBe(true);
});
