import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import type { Person } from '../../../control-plane/api/identity.ts';
import { decideApproval } from '../../../control-plane/approval/decide.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import { watchForPlane, watchForReviewer } from '../../../control-plane/approval/watch.ts';
import type { Context } from '../../../control-plane/context.ts';
import { type ApprovalDocument, findApproval } from '../../../control-plane/storage/approval/approvals.ts';
import { sealedCollection } from '../../../control-plane/storage/sealing/sealed.ts';
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

/** Puts so many of the same beside an approval, of other names. */
async function copy(name: string, plane: string, count: number, other: object = {}): Promise<void> {
  const original = await findApproval(store.database, name);
  if (original === undefined) throw new Error(`${name} does not exist`);
  const { openKey: _, ...document } = { ...original, mac: undefined };
  const { mac: __, ...bare } = document;
  const approvals = sealedCollection<ApprovalDocument>('approvals');
  const copies = Array.from({ length: count }, (_unused, number) =>
    approvals.seal(store.database, { ...bare, ...other, planes: [plane], _id: `${name}-${number}` }),
  );
  await approvals.of(store.database).insertMany(copies);
}

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

test('a plane is told what becomes of an approval that another plane asked for first', async () => {
  const { name } = await ask('shared', 'planes/first');
  const watch = await open(watchForPlane(context, 'planes/second', abort.signal));
  expect(watch.first).toEqual([]);
  expect(await ask('shared', 'planes/second')).toMatchObject({ name, state: State.PENDING });
  await approve(name);
  expect(await watch.nextApproval()).toMatchObject({ name, state: State.APPROVED });
});

test.each(['APPROVED', 'DENIED'] as const)(
  'what is %s is sent however long ago that was, as long as somebody may wait for it',
  async (state) => {
    const plane = `planes/away-${state.toLowerCase()}`;
    const { name } = await ask(`long ago ${state}`, plane);
    await decideApproval(store.replica(), rita, name, { state, reason: 'no' });
    await copy(name, plane, 1, { expireTime: new Date(store.nowMs + 7 * 86_400_000) });
    store.nowMs += 86_400_000;
    const { first } = await open(watchForPlane(context, plane, abort.signal));
    expect(first.map((one) => [one.name, one.state])).toEqual([[`${name}-0`, State[state]]]);
  },
);

test('however many there are, all are sent at the opening', async () => {
  const { name } = await ask('many', 'planes/many');
  await copy(name, 'planes/many', 5_100);
  const { first } = await open(watchForPlane(context, 'planes/many', abort.signal));
  expect(new Set(first.map((approval) => approval.name)).size).toBe(5_101);
});

test('however many watch, changes are read once for all of them', async () => {
  const { db } = store.database;
  const { name } = await ask('watched by many', 'planes/crowd');
  const watches = await Promise.all(
    Array.from({ length: 20 }, () => open(watchForPlane(context, 'planes/crowd', abort.signal, NEVER_MS))),
  );
  await db.command({ profile: 2 });
  const told = watches.map((watch) => watch.nextApproval());
  await approve(name);
  for (const approval of await Promise.all(told)) expect(approval).toMatchObject({ state: State.APPROVED });
  await db.command({ profile: 0 });
  const finds = await db
    .collection('system.profile')
    .find({ 'command.find': 'approvals', 'command.filter._id': { $exists: false } })
    .toArray();
  expect(finds.length).toBeGreaterThan(0);
  // It is read again where a hint came meanwhile.
  expect(finds.length).toBeLessThan(5);
});

test('what watches read first and then is found by indexes', async () => {
  const explained = async (filter: object, sort: object) =>
    JSON.stringify(
      await store.database.db
        .collection('approvals')
        .find(filter)
        .sort(sort as never)
        .explain(),
    );
  const since = new Date(store.nowMs - 300_000);
  const asked = await explained({ planes: 'planes/many', expireTime: { $gt: since } }, { expireTime: 1 });
  expect(asked).toContain('"indexName":"planes_expire"');
  const pending = { reviewers: { $in: ['privacy'] }, state: 'PENDING', expireTime: { $gt: since } };
  expect(await explained(pending, { expireTime: 1 })).toContain('"indexName":"state_expire"');
  const changed = await explained({ updateTime: { $gte: since } }, { updateTime: 1 });
  expect(changed).toContain('"indexName":"update"');
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
