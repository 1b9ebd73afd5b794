import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Context } from '../../../control-plane/context.ts';
import { GATHER_MS } from '../../../control-plane/notification/gather.ts';
import { notify } from '../../../control-plane/notification/notify.ts';
import { retryNotification } from '../../../control-plane/notification/retry.ts';
import {
  claimNotification,
  gatherNotifications,
  type NotificationDocument,
} from '../../../control-plane/storage/approval/notifications.ts';
import { until } from '../../env/until.ts';
import { openStore, type Store } from '../audit/store.ts';
import { addNotifier, admin, notificationsOf, SECRET, startDelivery } from './env.ts';
import { type Receiver, startReceiver, status } from './receiver.ts';

let store: Store;
let context: Context;
let receiver: Receiver;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
beforeEach(async () => {
  receiver = await startReceiver();
  store.nowMs = Date.now();
  for (const name of ['notifiers', 'notifications']) await store.database.db.collection(name).deleteMany({});
  const slack = { channel: { case: 'slack', value: {} } } as const;
  await addNotifier(context, 'chat', slack, `${receiver.url}/services/T/B/x`);
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
  await receiver.close();
});
afterAll(() => store.close());

/** Requests begin to wait, one after the other. */
async function ask(...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const happening = { event: 'approval.request', resource: `approvals/${id}`, facts: { rule: 'bulk' } };
    await store.database.transaction((session) => notify(context, session, happening));
  }
}
const texts = () => receiver.got.map(({ body }) => String(JSON.parse(body).text));
const all = () => notificationsOf(store, 'chat');
const settled = (state: string) => async () => (await all()).every((one) => one.state === state);
const MANY = (count: number) =>
  `*Approval needed (${count} requests)*\n${count} requests since the last message\n\`sworn approval list\``;

test('people are told of the first at once, and of all that come soon after it in one message', async () => {
  stop = startDelivery(context);
  await ask('a');
  await until('the first', () => receiver.got.length === 1);
  expect(texts()[0]).toContain('approvals/a');
  await ask('b', 'c');
  store.nowMs += GATHER_MS - 1;
  await ask('d');
  expect((await all()).map(({ state }) => state)).toEqual(['DELIVERED', 'PENDING', 'PENDING', 'PENDING']);
  store.nowMs += 1;
  await until('the second', settled('DELIVERED'));
  expect(texts().slice(1)).toEqual([MANY(3)]);
  const [, second, third, fourth] = await all();
  expect([third, fourth].map((one) => one?.toldBy)).toEqual([second?._id, second?._id]);
  // Soon after that message nothing goes out at once either; after a quiet while it does.
  await ask('e');
  store.nowMs += GATHER_MS - 1;
  expect((await all())[4]?.state).toBe('PENDING');
  store.nowMs += 1;
  await until('the third', settled('DELIVERED'));
  expect(texts()[2]).toContain('approvals/e');
  store.nowMs += 2 * GATHER_MS;
  await ask('f');
  await until('the fourth', settled('DELIVERED'));
  expect(texts()[3]).toContain('approvals/f');
  expect(receiver.got).toHaveLength(4);
});

test('programs are told of each, and everybody of what is no queue', async () => {
  await addNotifier(context, 'hooks', { channel: { case: 'webhook', value: { url: receiver.url } } }, SECRET);
  await ask('a', 'b', 'c');
  for (const resource of ['planes/one', 'planes/two'])
    await store.database.transaction((session) =>
      notify(context, session, { event: 'alarm.test', resource }),
    );
  const isDue = ({ nextAttemptTime }: NotificationDocument) => nextAttemptTime.getTime() <= store.nowMs;
  expect((await notificationsOf(store, 'hooks')).map(isDue)).toEqual([true, true, true, true, true]);
  expect((await all()).map(isDue)).toEqual([true, false, false, true, true]);
});

test('a message that failed comes again as it was, whatever came to wait since', async () => {
  stop = startDelivery(context);
  await ask('a', 'b', 'c');
  await until('the first', () => receiver.got.length === 1);
  receiver.behave(status(503));
  store.nowMs += GATHER_MS;
  await until('the failure', async () => (await all()).filter(({ lastError }) => lastError).length === 2);
  expect((await all()).map(({ state }) => state)).toEqual(['DELIVERED', 'PENDING', 'PENDING']);
  await ask('d');
  receiver.behave(status(200));
  store.nowMs += GATHER_MS;
  await until('all', settled('DELIVERED'));
  expect(texts().slice(1, 3)).toEqual([MANY(2), MANY(2)]);
  expect(texts()[3]).toContain('approvals/d');
  expect((await all()).every(({ lastError }) => lastError === undefined)).toBe(true);
});

test('what is given up is given up with all that it tells of, and an admin may send it again, or one of them', async () => {
  stop = startDelivery(context);
  await ask('a', 'b', 'c', 'd');
  await until('the first', () => receiver.got.length === 1);
  receiver.behave(status(410));
  store.nowMs += GATHER_MS;
  await until('the end', async () => (await all()).filter(({ state }) => state === 'DEAD').length === 3);
  receiver.behave(status(200));
  const [, leader, , last] = await all();
  await retryNotification(context, admin, last?._id ?? '');
  await until('the one', async () => (await all())[3]?.state === 'DELIVERED');
  expect(texts().at(-1)).toContain('approvals/d');
  expect((await all()).map(({ state }) => state)).toEqual(['DELIVERED', 'DEAD', 'DEAD', 'DELIVERED']);
  await retryNotification(context, admin, leader?._id ?? '');
  await until('the rest', settled('DELIVERED'));
  expect(texts().at(-1)).toBe(MANY(3));
});

test('what a replica has gathered, and not sent when it died, is sent by another', async () => {
  await ask('a', 'b', 'c');
  await store.database.db.collection('notifications').deleteOne({ resource: 'approvals/a' });
  store.nowMs += GATHER_MS;
  const lease = new Date(store.nowMs + 60_000);
  const claimed = await claimNotification(store.database, 'dead', new Date(store.nowMs), lease, []);
  if (claimed === undefined) throw new Error('nothing was claimed');
  expect(await gatherNotifications(store.database, claimed, new Date(store.nowMs))).toMatchObject({
    gathered: 2,
  });
  // It died before it had noted what its message says; nothing can have been sent then.
  await store.database.db.collection('notifications').updateMany({}, { $unset: { gathered: true } });
  stop = startDelivery(context);
  await ask('d');
  store.nowMs += GATHER_MS;
  await until('the one that came later', () => receiver.got.length === 1);
  expect(texts()[0]).toContain('approvals/d');
  store.nowMs += 60_000 - GATHER_MS;
  await until('the others', settled('DELIVERED'));
  expect(texts()[1]).toBe(MANY(2));
  expect(await gatherNotifications(store.database, claimed, new Date())).toBeUndefined();
});
