import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { ByteBudget, type Hold } from '../../../data-plane/budget/budget.ts';
import { defaultBudget } from '../../../data-plane/budget/default.ts';

const MIB = 1024 * 1024;
const caller = (subject: string) => create(CallerSchema, { issuer: 'https://id.example.org', subject });

/** Takes in pieces of a byte until there is no room; how many that were. */
function takeAll(hold: Hold): number {
  for (;;) {
    try {
      hold.take(1);
    } catch (error) {
      expect(error).toMatchObject({ code: 'too_much_under_way', status: 429, retry: true, retryAfterS: 5 });
      return hold.bytes;
    }
  }
}

test('a caller may have half when nobody else has any, in one request or in many', () => {
  const budget = new ByteBudget(1_200);
  const one = budget.open(caller('ana'));
  expect(takeAll(one)).toBe(600);
  const other = budget.open(caller('ana'));
  expect(takeAll(other)).toBe(0);
  one.give(100);
  expect(takeAll(other)).toBe(100);
});

test('whoever takes all that they can leaves as much again, and more when others end', () => {
  const budget = new ByteBudget(1_024_000);
  const holds = Array.from({ length: 9 }, (_, index) => budget.open(caller(`caller-${index}`)));
  expect(holds.map(takeAll)).toEqual([
    512_000, 256_000, 128_000, 64_000, 32_000, 16_000, 8_000, 4_000, 2_000,
  ]);
  const newcomer = budget.open(caller('newcomer'));
  expect(takeAll(newcomer)).toBe(1_000);
  holds[0]?.release();
  expect(takeAll(newcomer)).toBe(257_000);
});

test('two who take alike have a third each', () => {
  const budget = new ByteBudget(3_000);
  const [ana, bo] = [budget.open(caller('ana')), budget.open(caller('bo'))];
  for (let bytes = 0; bytes < 1_000; bytes += 10) {
    ana.take(10);
    bo.take(10);
  }
  expect([takeAll(ana), takeAll(bo)]).toEqual([1_000, 1_000]);
});

test('the same name at another issuer is somebody else', () => {
  const budget = new ByteBudget(1_200);
  takeAll(budget.open(caller('ana')));
  const elsewhere = budget.open(
    create(CallerSchema, { issuer: 'https://other.example.org', subject: 'ana' }),
  );
  expect(takeAll(elsewhere)).toBe(300);
});

test('what is refused changes nothing, and is counted', () => {
  const budget = new ByteBudget(1_000);
  const hold = budget.open(caller('ana'));
  hold.take(400);
  expect(() => hold.take(101)).toThrow('under way');
  expect(hold.resize(501)).toBe(false);
  expect([hold.bytes, budget.underWay, budget.refusals]).toEqual([400, 400, 2]);
  hold.take(100);
  expect(budget.underWay).toBe(500);
});

test('a hold is given back once, whoever says so, and holds nothing afterwards', () => {
  const budget = new ByteBudget(1_000);
  const [one, other] = [budget.open(caller('ana')), budget.open(caller('ana'))];
  one.take(100);
  other.take(50);
  one.release();
  one.release();
  one.give(10);
  expect(budget.underWay).toBe(50);
  expect(() => one.take(1)).toThrow('under way');
  other.move(20, one);
  expect([one.bytes, other.bytes, budget.underWay]).toEqual([0, 30, 30]);
  other.give(1_000);
  expect(budget.underWay).toBe(0);
});

test('whose it is may be said before the first byte, not after', () => {
  const budget = new ByteBudget(1_200);
  const hold = budget.open();
  hold.belongTo(caller('ana'));
  takeAll(hold);
  expect(takeAll(budget.open(caller('ana')))).toBe(0);
  hold.belongTo(caller('bo'));
  hold.release();
  expect(takeAll(budget.open(caller('ana')))).toBe(600);
});

test('whatever holds do, a budget has what they have, within its bounds, and nothing at the end', () => {
  const budget = new ByteBudget(10_000);
  const names = ['ana', 'bo', 'cy', 'dee'];
  const held = new Map<Hold, string>();
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const pick = () => Array.from(held)[next(held.size)];
  const sum = (name?: string) =>
    Array.from(held).reduce(
      (total, [{ bytes }, of]) => total + (name === undefined || of === name ? bytes : 0),
      0,
    );
  for (let step = 0; step < 5_000; step++) {
    const name = names[next(names.length)] as string;
    if (held.size < 30) held.set(budget.open(caller(name)), name);
    const [hold, owner] = pick() ?? [];
    const [other, otherOwner] = pick() ?? [];
    const before = hold?.bytes ?? 0;
    const size = next(3_000);
    if (hold?.resize(size) && size > before) {
      expect(sum(owner)).toBeLessThanOrEqual(budget.total - budget.underWay);
    }
    if (hold !== undefined && other !== undefined && hold !== other && owner === otherOwner)
      hold.move(next(500), other);
    if (hold !== undefined && next(3) === 0) {
      hold.release();
      held.delete(hold);
    }
    expect(budget.underWay).toBe(sum());
    expect(budget.underWay).toBeLessThanOrEqual(budget.total);
  }
  expect(budget.refusals).toBeGreaterThan(100);
  for (const hold of held.keys()) hold.release();
  expect(budget.underWay).toBe(0);
  for (const name of names) {
    const hold = budget.open(caller(name));
    expect(hold.resize(budget.total / 2)).toBe(true);
    hold.release();
  }
});

test('by default it is an eighth of the heap, and never too little for one large body', () => {
  expect(defaultBudget(32 * MIB, 4_096 * MIB)).toBe(512 * MIB);
  expect(defaultBudget(32 * MIB, 256 * MIB)).toBe(128 * MIB);
  expect(defaultBudget(64 * MIB)).toBeGreaterThanOrEqual(256 * MIB);
});
