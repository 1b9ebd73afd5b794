import type { IncomingMessage } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { ByteBudget } from '../../../data-plane/budget/budget.ts';
import { Arrivals } from '../../../data-plane/listener/arrivals.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a plane that stops aborts what is left, cuts it, and does not wait for what ends of neither', async () => {
  vi.useFakeTimers();
  const arrivals = new Arrivals(new ByteBudget(1_000));
  const events: string[] = [];
  const { arrival } = arrivals.enterMessage({} as IncomingMessage, () => events.push('cut'));
  arrival.signal.addEventListener('abort', () => events.push(arrival.signal.reason));
  const drained = arrivals.drain(30_000).then(() => events.push('drained'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(events).toEqual(['plane stopping', 'cut', 'drained']);
  await drained;
  expect(arrivals.size).toBe(1);
});
