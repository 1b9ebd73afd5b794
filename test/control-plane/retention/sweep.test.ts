import { create } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HoldScopeSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { ErasureResult } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { tellOfAlterations } from '../../../control-plane/audit/altered.ts';
import { viewExchange } from '../../../control-plane/audit/view.ts';
import type { Context } from '../../../control-plane/context.ts';
import { endHold, placeHold } from '../../../control-plane/retention/hold.ts';
import { runSweep, type Sweep, sweepExpired } from '../../../control-plane/retention/sweep.ts';
import { findExchange } from '../../../control-plane/storage/record/exchanges.ts';
import { readStoreTime } from '../../../control-plane/storage/store-time.ts';
import { until } from '../../env/until.ts';
import { openStore, type Store } from '../audit/store.ts';
import { append } from '../audit/writer.ts';
import { actions, admin, type Begun, begin, DAY_MS, erase, outcomeOf, payloads } from './env.ts';

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

const keptFor = (days: number) => ({ decision: { retention: durationFromMs(days * DAY_MS) } });

async function daysLeft(exchange: string): Promise<number> {
  const document = await findExchange(store.database, exchange);
  const { expireTime } = viewExchange(document ?? ({} as never));
  return expireTime === undefined ? Number.NaN : (timestampMs(expireTime) - store.nowMs) / DAY_MS;
}

async function sweepAll(by = context): Promise<Sweep> {
  let sweep: Sweep = { erased: 0, held: 0, next: undefined };
  do sweep = await sweepExpired(by, sweep.next);
  while (sweep.next !== undefined);
  return sweep;
}

test('content is kept as long as the decision said, six years where it does not, and never shorter than the minimum', async () => {
  const said = await begin(store, context, keptFor(30));
  const silent = await begin(store, context);
  const strict = { ...context, settings: { ...context.settings, minimumRetention: 60 * DAY_MS } };
  const raised = await begin(store, strict, keptFor(30));
  expect(await daysLeft(said.exchange)).toBe(30);
  expect(await daysLeft(silent.exchange)).toBe(2_192);
  expect(await daysLeft(raised.exchange)).toBe(60);
});

test('the time runs from the last receipt, whatever the clock of the plane', async () => {
  const begun = await begin(store, context, { ...keptFor(30), time: { seconds: 1n, nanos: 0 } });
  store.nowMs += DAY_MS;
  await append(context, begun.writer.plane, [outcomeOf(begun)]);
  // The outcome has no decision of its own here: the default is longer, and the longest counts.
  expect(await daysLeft(begun.exchange)).toBe(2_192);
});

test('a plane whose clock is ahead has nothing kept longer, and raises no alarm', async () => {
  const time = timestampFromMs(store.nowMs + 365 * DAY_MS);
  const { exchange } = await begin(store, context, { ...keptFor(1), time });
  const told = tellOfAlterations(context);
  store.nowMs += DAY_MS;
  await sweepAll();
  await told();
  expect(await payloads(store, exchange)).toBe(0);
  expect(await actions(store, 'alarm.configuration_altered', exchange)).toEqual([]);
});

test('what is over goes, once, with several replicas at work; what is not stays', async () => {
  const over = await Promise.all(Array.from({ length: 50 }, () => begin(store, context, keptFor(1))));
  const still = await begin(store, context, keptFor(2));
  await sweepAll();
  expect(await payloads(store, over[0]?.exchange ?? '')).toBe(1);
  store.nowMs += DAY_MS;
  const replicas = [store.replica(), store.replica(), store.replica()];
  await Promise.all(replicas.map((replica) => sweepAll(replica)));
  for (const { exchange } of over) {
    expect(await payloads(store, exchange)).toBe(0);
    const [erased, ...more] = await actions(store, 'exchange.erase', exchange);
    expect(more).toEqual([]);
    expect(erased?.erasure).toMatchObject({ authority: 'retention', scope: 'expired' });
    expect(erased?.caller).toBeUndefined();
  }
  expect(await payloads(store, still.exchange)).toBe(1);
  expect(await sweepAll()).toMatchObject({ erased: 0 });
});

test('it is looked at start and again and again, until the end of the program', async () => {
  const stop = new AbortController();
  const [first, second] = [await begin(store, context, keptFor(1)), await begin(store, context, keptFor(2))];
  store.nowMs += DAY_MS;
  const running = runSweep({ ...context, shutdown: stop.signal }, { intervalMs: 20 });
  await until('the first gone', async () => (await payloads(store, first.exchange)) === 0);
  expect(await payloads(store, second.exchange)).toBe(1);
  store.nowMs += DAY_MS;
  await until('the second gone', async () => (await payloads(store, second.exchange)) === 0);
  stop.abort();
  await running;
});

test('what is over by one clock alone stays: of the control plane, or of the store', async () => {
  const [over, still] = [await begin(store, context, keptFor(1)), await begin(store, context, keptFor(400))];
  const rightMs = store.nowMs + DAY_MS;
  const clocks = [
    { ours: rightMs + 1_000 * DAY_MS, theirs: rightMs },
    { ours: rightMs, theirs: rightMs + 1_000 * DAY_MS },
  ];
  for (const { ours, theirs } of clocks) {
    const stop = new AbortController();
    let looks = 0;
    const now = () => new Date(ours);
    const storeTime = async () => {
      looks += 1;
      return new Date(theirs);
    };
    const wrong = { ...context, now, storeTime };
    const running = runSweep({ ...wrong, shutdown: stop.signal }, { intervalMs: 1 });
    await until('two looks', async () => looks > 2);
    stop.abort();
    await running;
    expect(await payloads(store, over.exchange)).toBe(0);
    expect(await erase(wrong, { case: 'expired', value: true })).toEqual([]);
    expect(await payloads(store, still.exchange)).toBe(1);
  }
  store.nowMs = rightMs;
});

test('content is kept no shorter by a clock that is behind when it comes: of the control plane, or of the store', async () => {
  const behind = store.nowMs - 400 * DAY_MS;
  for (const clock of [{ now: () => new Date(behind) }, { storeTime: async () => new Date(behind) }]) {
    const { exchange } = await begin(store, { ...context, ...clock }, keptFor(30));
    expect(await daysLeft(exchange)).toBe(30);
  }
});

test('the store tells its time', async () => {
  const before = Date.now();
  const time = await readStoreTime(store.database);
  // It runs on this machine.
  expect(time.getTime()).toBeGreaterThanOrEqual(before);
  expect(time.getTime()).toBeLessThanOrEqual(Date.now());
});

test('what is held stays until it is released, and does not stand in the way', async () => {
  // One after the other: records of one session at once wait for each other, for long on a busy machine.
  const held: Begun[] = [];
  while (held.length < 25)
    held.push(await begin(store, context, { ...keptFor(1), session: 'sessions/held' }));
  const free = await begin(store, context, keptFor(2));
  const scope = create(HoldScopeSchema, { session: 'sessions/held' });
  const hold = await placeHold(context, admin, scope, 'matter 2');
  store.nowMs += 3 * DAY_MS;
  expect(await sweepAll()).toMatchObject({ held: 25 });
  expect(await payloads(store, free.exchange)).toBe(0);
  expect(await payloads(store, held[0]?.exchange ?? '')).toBe(1);
  await endHold(context, admin, hold.name, 'closed');
  expect(await sweepAll()).toMatchObject({ erased: 25, held: 0 });
});

test('an admin can erase what is expired too, by another authority', async () => {
  const over = await begin(store, context, keptFor(1));
  const still = await begin(store, context, keptFor(9));
  store.nowMs += DAY_MS;
  const results = await erase(context, { case: 'expired', value: true });
  expect(results.map(({ exchange, result }) => [exchange, result])).toEqual([
    [over.exchange, ErasureResult.ERASED],
  ]);
  expect(await payloads(store, still.exchange)).toBe(1);
});

test('the minimum of today counts, whatever policy said and the list says; that is no alarm', async () => {
  const told = tellOfAlterations(context);
  const { exchange } = await begin(store, context, { ...keptFor(30), time: timestampFromMs(store.nowMs) });
  const strict = { ...context, settings: { ...context.settings, minimumRetention: 60 * DAY_MS } };
  store.nowMs += 31 * DAY_MS;
  expect(await sweepAll(strict)).toMatchObject({ erased: 0 });
  expect(await payloads(store, exchange)).toBe(1);
  // Less an hour, by which the clock of a plane may be ahead.
  expect(Math.ceil(await daysLeft(exchange))).toBe(29);
  await told();
  expect(await actions(store, 'alarm.configuration_altered', exchange)).toEqual([]);
  store.nowMs += 29 * DAY_MS;
  await sweepAll(strict);
  expect(await payloads(store, exchange)).toBe(0);
});
