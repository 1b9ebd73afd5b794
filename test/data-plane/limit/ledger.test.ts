import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counterId } from '#core/limit/counter.ts';
import type { AppliedLimit } from '#core/policy/limit/plan.ts';
import { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import { Ledger } from '../../../data-plane/limit/ledger.ts';

const EVERY_MS = 60_000;
const NOW = Date.UTC(2026, 2, 2, 9, 30);

function limitOf(fields: Partial<AppliedLimit> = {}): AppliedLimit {
  const counter = {
    policy: 'policies/ward',
    limit: 'burst',
    per: LimitScope.CALLER,
    issuer: 'https://id.example.org',
    subject: 'ana',
    unit: UsageUnit.REQUESTS,
    everySeconds: 60,
    ...fields,
  };
  return { ...counter, id: counterId(counter), max: 5, ...fields };
}

const request = (ledger: Ledger, limit: AppliedLimit, nowMs: number, amount = 1) =>
  ledger.reserve([{ limit, amount, held: 0 }], nowMs);

/** Steps in time, and how much is asked at each. */
const asking = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.nat(200), fc.nat(20_000), fc.nat(90_000)),
    amount: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 120 },
);

describe('a limit of requests', () => {
  test('lets no more through in any stretch of its time, wherever that begins, and refuses nothing for longer than it says', () => {
    fc.assert(
      fc.property(asking, fc.integer({ min: 1, max: 8 }), (steps, max) => {
        const ledger = new Ledger();
        const limit = limitOf({ max });
        const through: { ms: number; amount: number }[] = [];
        let nowMs = NOW;
        for (const { waitMs, amount } of steps) {
          nowMs += waitMs;
          const refused = request(ledger, limit, nowMs, amount);
          if (refused === undefined) through.push({ ms: nowMs, amount });
          else if (refused === 'full') throw new Error('there is room for it');
          else if (amount > max) expect(refused.roomMs).toBeUndefined();
          else {
            const { roomMs = 0 } = refused;
            expect(roomMs).toBeGreaterThan(nowMs);
            // A tenth of the time at most beyond the time itself.
            expect(roomMs).toBeLessThanOrEqual(nowMs + EVERY_MS * 1.1);
            // At once before that it would be refused still, and then it is not.
            const copy = new Ledger();
            for (const { ms, amount: before } of through) request(copy, limit, ms, before);
            expect(request(copy, limit, roomMs - 1, amount)).not.toBeUndefined();
            expect(request(copy, limit, roomMs, amount)).toBeUndefined();
          }
        }
        for (const { ms } of through) {
          const sum = through
            .filter((other) => other.ms >= ms && other.ms <= ms + EVERY_MS)
            .reduce((total, other) => total + other.amount, 0);
          expect(sum).toBeLessThanOrEqual(max);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('of several limits all count, or none, and the one counts whose room comes last', () => {
    const ledger = new Ledger();
    const minute = limitOf({ max: 2 });
    const hour = limitOf({ limit: 'hour', everySeconds: 3_600, max: 2 });
    const both = (nowMs: number) =>
      ledger.reserve(
        [minute, hour].map((limit) => ({ limit, amount: 1, held: 0 })),
        nowMs,
      );
    expect([both(NOW), both(NOW)]).toEqual([undefined, undefined]);
    expect(both(NOW)).toMatchObject({ limit: { limit: 'hour' }, used: 2 });
    // What the hour refuses is not counted for the minute.
    expect(request(ledger, minute, NOW + 2 * EVERY_MS, 2)).toBeUndefined();
  });

  test('what other planes have counted counts here, however often and in whatever order it is told', () => {
    const [here, there] = [new Ledger(), new Ledger()];
    const limit = limitOf({ max: 3 });
    request(there, limit, NOW, 2);
    const told = there.take(10, NOW);
    expect(told).toMatchObject([{ amount: 2 }]);
    for (const amount of [1, 2, 1])
      here.learn(
        told.map((part) => ({ ...part, amount })),
        NOW,
      );
    expect(request(here, limit, NOW, 2)).toMatchObject({ used: 2 });
    expect(request(here, limit, NOW)).toBeUndefined();
    expect(request(here, limit, NOW)).toMatchObject({ used: 3 });
  });

  test('what is reported is counted once, before and after it is stored', () => {
    const ledger = new Ledger();
    const limit = limitOf({ max: 4 });
    request(ledger, limit, NOW, 2);
    const [taken] = ledger.take(10, NOW);
    expect(request(ledger, limit, NOW)).toBeUndefined();
    ledger.sent([{ ...limit, counter: limit, slot: taken?.slot ?? 0, amount: 2 }], NOW);
    expect(ledger.take(10, NOW)).toMatchObject([{ amount: 1 }]);
    // Of this the control plane has stored nothing: it counts here.
    ledger.sent([], NOW);
    expect(ledger.take(10, NOW)).toEqual([]);
    expect(request(ledger, limit, NOW, 2)).toMatchObject({ used: 3 });
    expect(request(ledger, limit, NOW)).toBeUndefined();
  });
});

describe('a limit of tokens', () => {
  const limit = limitOf({ unit: UsageUnit.TOKENS, max: 100 });
  const ask = (ledger: Ledger, held: number, nowMs = NOW) =>
    ledger.reserve([{ limit, amount: 0, held }], nowMs);

  test('lets one through while something is left beside what is under way, and counts what it came to', () => {
    const ledger = new Ledger();
    expect(ask(ledger, 60)).toBeUndefined();
    expect(ask(ledger, 60)).toBeUndefined();
    // Nothing is spent, and all of it is set aside.
    expect(ask(ledger, 1)).toMatchObject({ used: 0, roomMs: NOW + 1_000 });
    ledger.settle(limit, 60, 10, NOW);
    expect(ask(ledger, 1)).toBeUndefined();
    ledger.settle(limit, 60, 130, NOW);
    ledger.settle(limit, 1, 0, NOW);
    expect(ask(ledger, 1)).toMatchObject({ used: 140, roomMs: NOW + EVERY_MS * 1.1 });
  });
});

describe('many counters', () => {
  const limits = Array.from({ length: 4 }, (_, i) => limitOf({ subject: `caller-${i}` }));

  test('when there is no place for another one, nobody new is let through until what counts no more has gone', () => {
    const ledger = new Ledger(3);
    const [a, b, c, d] = limits as [AppliedLimit, AppliedLimit, AppliedLimit, AppliedLimit];
    for (const limit of [a, b, c]) expect(request(ledger, limit, NOW)).toBeUndefined();
    expect(request(ledger, d, NOW)).toBe('full');
    expect(request(ledger, a, NOW)).toBeUndefined();
    ledger.take(10, NOW);
    ledger.sent([], NOW);
    const later = NOW + 2 * EVERY_MS;
    expect(request(ledger, d, later)).toBeUndefined();
  });

  test('a report has no more slots than it may have, and the next one has the rest', () => {
    const ledger = new Ledger();
    for (const limit of limits) request(ledger, limit, NOW);
    const sizes = [];
    for (let part = ledger.take(3, NOW); part.length > 0; part = ledger.take(3, NOW)) {
      sizes.push(part.length);
      ledger.sent([], NOW);
    }
    expect(sizes).toEqual([3, 1]);
  });
});

test.each(['reported meanwhile', 'not reported'])(
  'what was counted while the clock was a day ahead, %s, counts from when it is right again, and no longer',
  (when) => {
    const ledger = new Ledger();
    const limit = limitOf({ max: 5 });
    const aheadMs = NOW + 24 * 3_600_000;
    for (let i = 0; i < 5; i += 1) request(ledger, limit, aheadMs);
    if (when === 'reported meanwhile') {
      ledger.take(10, aheadMs);
      // A control plane whose clock is right takes no such slot.
      ledger.sent([], aheadMs);
    }
    ledger.sweep(NOW, 10);
    expect(request(ledger, limit, NOW)).toMatchObject({ used: 5 });
    const [counted] = ledger.take(10, NOW);
    expect(counted).toMatchObject({ slot: Math.floor(NOW / (EVERY_MS / 10)), amount: 5 });
    ledger.sent(counted === undefined ? [] : [counted], NOW);
    expect(request(ledger, limit, NOW + 1.1 * EVERY_MS)).toBeUndefined();
  },
);
