import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Counter, toMessage } from '#core/limit/counter.ts';
import { slotOf } from '#core/limit/window.ts';
import { ReportUsageRequestSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { watchUsage } from '../../../control-plane/usage/feed.ts';
import { listUsage } from '../../../control-plane/usage/list.ts';
import { reportUsage } from '../../../control-plane/usage/report.ts';
import { type Env, startEnv } from '../identity/env.ts';

let env: Env;
let replica: Context;
beforeAll(async () => {
  env = await startEnv({ issuer: 'https://idp.example.com' });
  replica = await env.replica();
}, 120_000);
afterAll(() => env.close());

const counterOf = (policy: string, fields: Partial<Counter> = {}): Counter => ({
  policy: `policies/${policy}`,
  limit: 'daily',
  per: LimitScope.CALLER,
  issuer: 'https://id.example.org',
  subject: 'ana',
  unit: UsageUnit.TOKENS,
  everySeconds: 86_400,
  ...fields,
});

const nowSlot = (counter: Counter, offset = 0) =>
  slotOf(counter.everySeconds, env.context.now().getTime()) + offset;

function reportOf(epoch: string, seq: bigint, ...added: readonly (readonly [Counter, number, number])[]) {
  return create(ReportUsageRequestSchema, {
    epoch,
    seq,
    added: added.map(([counter, slot, amount]) => ({
      counter: toMessage(counter),
      slot: BigInt(slot),
      amount: BigInt(amount),
    })),
  });
}

const usedOf = async (policy: string) => {
  const found = await listUsage(env.context, `policies/${policy}`, { limit: 100, after: undefined });
  return found.map(({ usage }) => usage.used);
};

test('a report is added once, however often it comes, and to whichever replica', async () => {
  const counter = counterOf('once');
  const [epoch, slot] = [randomUUID(), nowSlot(counter)];
  const first = reportOf(epoch, 1n, [counter, slot, 7]);
  const answers = await Promise.all([
    reportUsage(env.context, 'planes/a', first),
    reportUsage(replica, 'planes/a', first),
    reportUsage(env.context, 'planes/a', first),
  ]);
  for (const { totals } of answers) expect(totals).toMatchObject([{ slot: BigInt(slot), amount: 7n }]);
  await reportUsage(replica, 'planes/a', reportOf(epoch, 2n, [counter, slot, 3]));
  await reportUsage(replica, 'planes/a', first);
  expect(await usedOf('once')).toEqual([10n]);
  // The same plane, started anew.
  await reportUsage(replica, 'planes/a', reportOf(randomUUID(), 1n, [counter, slot, 5]));
  expect(await usedOf('once')).toEqual([15n]);
});

test('what many planes report at once is all there', async () => {
  const shared = counterOf('many', { per: LimitScope.POLICY, issuer: '', subject: '' });
  const slot = nowSlot(shared);
  const planes = Array.from(
    { length: 6 },
    (_, i) => [`planes/p${i}`, i % 2 ? env.context : replica] as const,
  );
  await Promise.all(
    planes.map(async ([plane, context]) => {
      const epoch = randomUUID();
      for (let seq = 1n; seq <= 3n; seq += 1n) {
        const own = counterOf('many', { subject: plane });
        await reportUsage(context, plane, reportOf(epoch, seq, [shared, slot, 1], [own, slot, 2]));
      }
    }),
  );
  expect((await usedOf('many')).map(Number).toSorted((a, b) => a - b)).toEqual([6, 6, 6, 6, 6, 6, 18]);
});

test('what counts no more, or is of a clock that is far ahead, is left out', async () => {
  const counter = counterOf('clocks', { everySeconds: 60 });
  const old = nowSlot(counter, -12);
  const ahead = nowSlot(counter, 20);
  const { totals } = await reportUsage(
    env.context,
    'planes/a',
    reportOf(randomUUID(), 1n, [counter, old, 1], [counter, ahead, 2], [counter, nowSlot(counter), 4]),
  );
  expect(totals.map(({ amount }) => amount)).toEqual([4n]);
});

test('who follows gets all that counts, and then each change, also of another replica', async () => {
  const counter = counterOf('followed');
  const slot = nowSlot(counter);
  const epoch = randomUUID();
  await reportUsage(env.context, 'planes/a', reportOf(epoch, 1n, [counter, slot, 1]));
  const stop = new AbortController();
  const amounts: bigint[] = [];
  for await (const page of watchUsage(env.context, stop.signal)) {
    amounts.push(...page.filter((one) => one.counter.policy === counter.policy).map(({ amount }) => amount));
    if (amounts.length === 1) {
      await reportUsage(replica, 'planes/a', reportOf(epoch, 2n, [counter, slot, 41]));
    }
    if (amounts.length > 1) stop.abort();
  }
  expect(amounts).toEqual([1n, 42n]);
});

test('a plane that reports without measure uses its counters up, and keeps nobody from reporting and reading', async () => {
  const counter = counterOf('boundless');
  const honest = counterOf('boundless', { subject: '$amount' });
  const slot = nowSlot(counter);
  const most = Number.MAX_SAFE_INTEGER;
  const flood = (at: number) => Array.from({ length: 1_000 }, () => [counter, at, most] as const);
  const epoch = randomUUID();
  for (const [index, at] of [slot, slot, slot - 1, slot - 1].entries()) {
    await reportUsage(env.context, 'planes/evil', reportOf(epoch, BigInt(index + 1), ...flood(at)));
  }
  const added = [
    [counter, slot, 1],
    [honest, slot, 7],
  ] as const;
  const { totals } = await reportUsage(replica, 'planes/a', reportOf(randomUUID(), 1n, ...added));
  // Every amount of a message is one that a program can count with.
  expect(totals.map(({ amount }) => amount).toSorted()).toEqual([7n, BigInt(most)]);
  expect(await usedOf('boundless')).toEqual(expect.arrayContaining([7n, 2n * BigInt(most)]));
});
