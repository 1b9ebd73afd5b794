import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import type { Person } from '../../../control-plane/api/identity.ts';
import { decideApproval } from '../../../control-plane/approval/decide.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import { watchForPlane, watchForReviewer } from '../../../control-plane/approval/watch.ts';
import type { Context } from '../../../control-plane/context.ts';
import { openStore, type Store } from '../audit/store.ts';
import { insertTestPolicy, question, rita, stranger } from './question.ts';

let store: Store;
let context: Context;
const abort = new AbortController();
/** No heartbeat, at which the approvals are read anyway, comes before this. */
const NEVER_MS = 3_600_000;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  // Only the change stream gives hints here: the poll beside it never comes.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await insertTestPolicy(store);
}, 120_000);
afterAll(async () => {
  abort.abort();
  vi.useRealTimers();
  await store.close();
});

// Another replica than the one that watches.
const approve = (name: string): Promise<Approval> =>
  decideApproval(store.replica(), rita, name, { state: 'APPROVED', reason: '' });
const ask = (text: string, plane: string): Promise<Approval> =>
  requestApproval(store.replica(), plane, question(text));
const reviewer = (caller: Person['caller']): Person => ({ caller, roles: new Set([Role.REVIEWER]) });

/** Opens a watch and reads what it sends at once, up to the first heartbeat. */
async function open(stream: AsyncIterable<Approval | undefined>) {
  const iterator = stream[Symbol.asyncIterator]();
  const next = async (): Promise<Approval | undefined> => {
    const { value } = await iterator.next();
    return value;
  };
  const first: Approval[] = [];
  for (let approval = await next(); approval !== undefined; approval = await next()) first.push(approval);
  /** The next approval, heartbeats left out. */
  const nextApproval = async (): Promise<Approval> => (await next()) ?? (await nextApproval());
  return { first, next, nextApproval };
}

test('a plane is told decisions on its approvals by the change stream, and of those while it was away when it comes back', async () => {
  const plane = 'planes/watcher';
  const missed = await ask('missed', plane);
  const pending = await ask('pending', plane);
  const second = await ask('second', plane);
  await ask('of another plane', 'planes/other');
  await approve(missed.name);
  const watch = await open(watchForPlane(context, plane, abort.signal, NEVER_MS));
  expect(watch.first.map(({ name, state }) => [name, state])).toEqual([
    [missed.name, State.APPROVED],
    [pending.name, State.PENDING],
    [second.name, State.PENDING],
  ]);
  const told = watch.nextApproval();
  await approve(pending.name);
  expect(await told).toMatchObject({ name: pending.name, state: State.APPROVED, prompt: [] });
  // That may still have been found when the change stream opened, which it does once.
  await approve(second.name);
  expect(await watch.nextApproval()).toMatchObject({ name: second.name, state: State.APPROVED });
});

test('what was approved long ago and still holds is sent to a plane that comes back', async () => {
  const plane = 'planes/away';
  const { name } = await ask('of an evening', plane);
  await approve(name);
  store.nowMs += 2 * 3_600_000;
  const watch = await open(watchForPlane(context, plane, abort.signal, NEVER_MS));
  store.nowMs -= 2 * 3_600_000;
  expect(watch.first.map((approval) => approval.name)).toEqual([name]);
});

test('a plane is told what becomes of an approval that another plane asked for first', async () => {
  const { name } = await ask('shared', 'planes/first');
  const watch = await open(watchForPlane(context, 'planes/second', abort.signal));
  expect(watch.first).toEqual([]);
  expect((await ask('shared', 'planes/second')).name).toBe(name);
  expect(await watch.nextApproval()).toMatchObject({ name, state: State.PENDING });
  await approve(name);
  expect(await watch.nextApproval()).toMatchObject({ name, state: State.APPROVED });
});

test('what was refused more than an hour ago is not sent at the opening', async () => {
  const plane = 'planes/late';
  const { name } = await ask('long ago', plane);
  await decideApproval(store.replica(), rita, name, { state: 'DENIED', reason: 'no' });
  store.nowMs += 3_600_001;
  expect((await open(watchForPlane(context, plane, abort.signal))).first).toEqual([]);
});

test('a reviewer sees the pending ones addressed to their groups, then every change', async () => {
  const decided = await ask('decided', 'planes/any');
  await approve(decided.name);
  const pending = await ask('to review', 'planes/any');
  const mine = await open(watchForReviewer(context, reviewer(rita), abort.signal));
  const names = mine.first.map(({ name }) => name);
  expect(names).toContain(pending.name);
  expect(names).not.toContain(decided.name);
  const others = await open(watchForReviewer(context, reviewer(stranger), abort.signal));
  expect(others.first).toEqual([]);
  const fresh = await ask('new', 'planes/any');
  expect(await mine.nextApproval()).toMatchObject({ name: fresh.name, state: State.PENDING });
  await approve(fresh.name);
  expect(await mine.nextApproval()).toMatchObject({ name: fresh.name, state: State.APPROVED });
});

test('a quiet watch gives signs of life, and ends when it is aborted', async () => {
  const own = new AbortController();
  const heartbeatMs = 300;
  const startMs = performance.now();
  const watch = await open(watchForPlane(context, 'planes/quiet', own.signal, heartbeatMs));
  expect(await watch.next()).toBeUndefined();
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(heartbeatMs - 1);
  const last = watch.next();
  own.abort();
  expect(await last).toBeUndefined();
});
