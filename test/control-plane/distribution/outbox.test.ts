import { afterEach, expect, test, vi } from 'vitest';
import { createOutbox } from '../../../control-plane/distribution/outbox.ts';

afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

test('keeps the newest of what was not read', async () => {
  const outbox = createOutbox<number>();
  for (let value = 1; value <= 1_000; value += 1) outbox.put(value);
  expect(await outbox.take(1_000, never)).toBe(1_000);
});

test('gives a value to a reader that waits, once', async () => {
  vi.useFakeTimers();
  const outbox = createOutbox<number>();
  const waiting = outbox.take(1_000, never);
  outbox.put(7);
  expect(await waiting).toBe(7);
  const next = outbox.take(1_000, never);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await next).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

test('gives nothing on abort, before and while waiting, and leaves no timer', async () => {
  vi.useFakeTimers();
  const outbox = createOutbox<number>();
  expect(await outbox.take(1_000, AbortSignal.abort())).toBeUndefined();
  const controller = new AbortController();
  const waiting = outbox.take(1_000, controller.signal);
  controller.abort();
  expect(await waiting).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});
