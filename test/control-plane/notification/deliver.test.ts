import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { decideApproval } from '../../../control-plane/approval/decide.ts';
import { expireApprovals } from '../../../control-plane/approval/expire.ts';
import { remindReviewers } from '../../../control-plane/approval/remind.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import { raiseAlarm } from '../../../control-plane/audit/alarm.ts';
import type { Context } from '../../../control-plane/context.ts';
import { raiseLogAlarm } from '../../../control-plane/log/alarm.ts';
import { notify } from '../../../control-plane/notification/notify.ts';
import { retryNotification } from '../../../control-plane/notification/retry.ts';
import { claimNotification, endAttempt } from '../../../control-plane/storage/approval/notifications.ts';
import { until } from '../../env/until.ts';
import { EXPIRES_MS, insertTestPolicy, question, rita } from '../approval/question.ts';
import { openStore, type Store } from '../audit/store.ts';
import { addNotifier, admin, notificationsOf, SECRET, startDelivery } from './env.ts';
import { type Receiver, startReceiver, status } from './receiver.ts';

const HOURS_MS = 3_600_000;
const CONSOLE = 'https://console.example.org/#/{name}';
let store: Store;
let context: Context;
let receiver: Receiver;
let stop: (() => Promise<void>) | undefined;
let count = 0;

beforeAll(async () => {
  store = await openStore();
  // Receivers look at the time of a signature.
  store.nowMs = Date.now();
  const replica = store.replica();
  context = { ...replica, settings: { ...replica.settings, consoleUrl: CONSOLE } };
  await insertTestPolicy(store);
}, 120_000);
beforeEach(async () => {
  receiver = await startReceiver();
  store.nowMs = Date.now();
  for (const name of ['notifiers', 'notifications', 'approvals'])
    await store.database.db.collection(name).deleteMany({});
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
  await receiver.close();
});
afterAll(() => store.close());

const ask = (fields = {}) => requestApproval(context, 'planes/one', question(`prompt ${++count}`, fields));
const webhook = (id: string, more: { events?: string[]; groups?: string[] } = {}) =>
  addNotifier(
    context,
    id,
    { channel: { case: 'webhook', value: { url: `${receiver.url}/hooks?team=1` } }, ...more },
    SECRET,
  );
const stateOf = async (id: string) => (await notificationsOf(store, id)).map(({ state }) => state).join();
const tell = (resource: string) =>
  store.database.transaction((session) => notify(context, session, { event: 'alarm.test', resource }));

test('what becomes of an approval is told by webhooks whose signature verifies', async () => {
  await webhook('hooks');
  store.nowMs = Date.now() - EXPIRES_MS;
  const one = await ask({ findings: { MRN: 3, 'Jane Roe, MRN 12': 1 } });
  await decideApproval(context, rita, one.name, { state: 'APPROVED', reason: 'Jane Roe is mine' });
  const two = await ask();
  store.nowMs += EXPIRES_MS;
  await expireApprovals(context);
  stop = startDelivery(context);
  await until('four messages', () => receiver.got.length === 4);

  const bodies = receiver.got.map(({ body, headers }) => {
    const signed = headers as Record<string, string>;
    expect(() => new Webhook(SECRET).verify(`${body} `, signed)).toThrow();
    return new Webhook(SECRET).verify(body, signed) as { type: string; data: { name: string } };
  });
  const about = (name: string) =>
    bodies
      .filter(({ data }) => data.name === name)
      .map(({ type }) => type)
      .sort();
  expect(about(one.name)).toEqual(['approval.decided', 'approval.request']);
  expect(about(two.name)).toEqual(['approval.expired', 'approval.request']);
  const request = bodies.find(({ type, data }) => type === 'approval.request' && data.name === one.name);
  expect(request?.data).toEqual({
    name: one.name,
    policy: 'policies/research',
    rule: 'ask',
    reviewers: ['sworn-reviewers'],
    // A name that no entity has is a text, and stays here.
    findings: { MRN: 3 },
    dueTime: expect.any(String),
    text: 'Approval needed',
    command: `sworn approval show ${one.name.slice('approvals/'.length)}`,
    url: `https://console.example.org/#/${one.name}`,
  });
  expect(bodies.find(({ type }) => type === 'approval.decided')?.data).toMatchObject({ outcome: 'approved' });
  expect(receiver.got.map(({ path }) => path)).toEqual(Array(4).fill('/hooks?team=1'));
  // Nothing of who asks, what for, or why it was let go.
  const told = receiver.got.map(({ body }) => body).join();
  for (const word of ['alice', 'rita', 'gpt-5', 'Jane', 'prompt 1']) expect(told).not.toContain(word);
});

test('notifiers get the events and groups that they want, and alarms whatever their groups', async () => {
  await webhook('decided', { events: ['approval.decided'] });
  await webhook('privacy', { groups: ['privacy'] });
  await webhook('reviewers', { groups: ['privacy', 'sworn-reviewers'], events: ['approval.request'] });
  await ask();
  await tell('planes/one');
  const told = async (id: string) => (await notificationsOf(store, id)).map(({ event }) => event);
  expect(await told('decided')).toEqual([]);
  expect(await told('privacy')).toEqual(['alarm.test']);
  expect(await told('reviewers')).toEqual(['approval.request']);
});

test('reviewers are reminded once of what still waits in the last quarter of its time, whichever replica sees it', async () => {
  await webhook('reminders', { events: ['approval.expiring'] });
  await remindReviewers(context);
  const waiting = await ask();
  const decided = await ask();
  await decideApproval(context, rita, decided.name, { state: 'DENIED', reason: 'no' });
  store.nowMs += EXPIRES_MS * 0.75 - 1;
  expect(await remindReviewers(context)).toBe(0);
  store.nowMs += 1;
  const told = await Promise.all([context, store.replica()].map(remindReviewers));
  expect(told.sort()).toEqual([0, 1]);
  expect(await remindReviewers(context)).toBe(0);
  expect(await notificationsOf(store, 'reminders')).toMatchObject([
    { event: 'approval.expiring', resource: waiting.name },
  ]);
});

test('alarms of planes and of the log are told, each contradiction once', async () => {
  await webhook('alarms', { events: ['alarm'] });
  const head = (byte: number) => ({ seq: 3n, digest: Buffer.alloc(32, byte) });
  const conflict = { plane: 'planes/one', epoch: 1n, stored: head(1), offered: head(2), why: 'other bytes' };
  await raiseAlarm(context, conflict);
  await raiseAlarm(context, conflict);
  await raiseLogAlarm(context, { action: 'alarm.log_inconsistent', resource: 'log', detail: 'two trees' });
  const told = await notificationsOf(store, 'alarms');
  expect(told.map(({ event, resource }) => [event, resource])).toEqual([
    ['alarm.record_conflict', 'planes/one'],
    ['alarm.log_inconsistent', 'log'],
  ]);
});

test('what is not done is not told', async () => {
  await webhook('undone');
  const undone = store.database.transaction(async (session) => {
    await notify(context, session, { event: 'alarm.test', resource: 'log' });
    throw new Error('changed my mind');
  });
  await expect(undone).rejects.toThrow('changed my mind');
  expect(await notificationsOf(store, 'undone')).toEqual([]);
});

test('a receiver that fails is tried again later, with the same id and body, and a new signature', async () => {
  await webhook('flaky');
  receiver.behave(status(503, { 'retry-after': '120' }));
  stop = startDelivery(context);
  await tell('log');
  await until('the failure', async () => (await notificationsOf(store, 'flaky'))[0]?.lastError !== undefined);
  const [failed] = await notificationsOf(store, 'flaky');
  expect(failed).toMatchObject({ state: 'PENDING', attempts: 1, lastError: 'status 503' });
  expect(failed?.nextAttemptTime.getTime()).toBe(store.nowMs + 120_000);
  receiver.behave(status(204));
  store.nowMs += 120_000;
  await until('the delivery', async () => (await stateOf('flaky')) === 'DELIVERED');
  store.nowMs = Date.now();
  const [first, second] = receiver.got;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(Number(second?.headers['webhook-timestamp'])).toBe(
    Number(first?.headers['webhook-timestamp']) + 120,
  );
  const late = second?.headers as Record<string, string>;
  expect(new Webhook(SECRET).verify(second?.body ?? '', late)).toMatchObject({ type: 'alarm.test' });
});

test('a receiver that never takes it: after 12 attempts a dead letter, which an admin may send again', async () => {
  await webhook('broken');
  receiver.behave(status(500));
  stop = startDelivery(context);
  await tell('log');
  const waits: number[] = [];
  for (let attempts = 1; attempts <= 12; attempts++) {
    await until(`attempt ${attempts}`, () => receiver.got.length === attempts);
    await until('its end', async () => (await notificationsOf(store, 'broken'))[0]?.claim === undefined);
    const [document] = await notificationsOf(store, 'broken');
    waits.push((document?.nextAttemptTime.getTime() ?? 0) - store.nowMs);
    if (attempts < 12) store.nowMs += 7 * HOURS_MS;
  }
  const bounds = [5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 21_600, 21_600, 21_600];
  bounds.forEach((seconds, i) => {
    expect(waits[i]).toBeLessThanOrEqual(seconds * 1_000);
    expect(waits[i]).toBeGreaterThanOrEqual(seconds * 500);
  });
  const [dead] = await notificationsOf(store, 'broken');
  expect(dead).toMatchObject({ state: 'DEAD', attempts: 12, lastError: 'status 500' });
  expect(store.log.join()).toContain('notification_dead');

  store.nowMs = Date.now();
  receiver.behave(status(200));
  await retryNotification(context, admin, dead?._id ?? '');
  await until('the delivery', async () => (await stateOf('broken')) === 'DELIVERED');
  await expect(retryNotification(context, admin, dead?._id ?? '')).rejects.toThrow('DELIVERED');
  await expect(retryNotification(context, admin, 'notifications/none')).rejects.toThrow('there is no');
});

test('a receiver that is gone is not asked again, and a redirect leads nowhere', async () => {
  const elsewhere = await startReceiver();
  await webhook('gone');
  stop = startDelivery(context);
  receiver.behave(status(410));
  await tell('log');
  await until('the end', async () => (await stateOf('gone')) === 'DEAD');
  receiver.behave(status(307, { location: elsewhere.url }));
  await tell('log');
  await until('the failure', async () => (await notificationsOf(store, 'gone'))[1]?.lastError !== undefined);
  expect((await notificationsOf(store, 'gone'))[1]?.lastError).toBe('status 307');
  expect(elsewhere.got).toEqual([]);
  await elsewhere.close();
});

test('receivers that hang, cut or never end are given up after a while', async () => {
  await webhook('hangs');
  receiver.behave((response, { body }) => {
    if (body.includes('cut')) response.destroy();
    else if (body.includes('endless')) response.writeHead(200).write('and so on');
  });
  for (const resource of ['planes/hangs', 'planes/cut', 'planes/endless']) await tell(resource);
  // Enough for the one that answers, on a busy machine too.
  stop = startDelivery(context, 3_000);
  await until('all', async () => {
    const [hung, cut, endless] = await notificationsOf(store, 'hangs');
    const failed = [hung, cut].every((one) => one?.lastError !== undefined);
    return failed && endless?.state === 'DELIVERED';
  });
  const [hung, cut] = await notificationsOf(store, 'hangs');
  expect(hung?.lastError).toBe('no answer in time');
  expect(cut?.lastError).toMatch(/^failed with \w+$/);
});

test('a receiver that hangs holds up nobody else', async () => {
  const patient = await startReceiver();
  const hung: ServerResponse[] = [];
  await webhook('hangs');
  receiver.behave((response) => void hung.push(response));
  for (let i = 0; i < 20; i++) await tell('log');
  const channel = { case: 'webhook', value: { url: patient.url } } as const;
  await addNotifier(context, 'patient', { channel }, SECRET);
  stop = startDelivery(context, 60_000);
  await tell('log');
  await until('the patient one', async () => (await stateOf('patient')) === 'DELIVERED');
  await until('the attempts that hang', () => hung.length >= 2);
  expect(receiver.got).toHaveLength(2);
  receiver.behave(status(200));
  for (const response of hung) response.end();
  await patient.close();
});

test('two replicas share the work; what one claimed and left is sent by another, once its lease is over', async () => {
  await webhook('shared');
  await tell('log');
  const lease = new Date(store.nowMs + 60_000);
  const claimed = await claimNotification(store.database, 'dead replica', new Date(store.nowMs), lease, []);
  const stops = [startDelivery(context), startDelivery({ ...context, replica: 'other' })];
  stop = async () => {
    await Promise.all(stops.map((end) => end()));
  };
  for (let i = 0; i < 10; i++) await tell(`planes/p${i}`);
  await until('the ten', () => receiver.got.length === 10);
  expect(receiver.got.some(({ body }) => body.includes('"name":"log"'))).toBe(false);
  store.nowMs += 60_000;
  await until('the one that was left', async () => !(await stateOf('shared')).includes('PENDING'));
  store.nowMs = Date.now();
  const ids = receiver.got.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(11);
  expect(ids).toHaveLength(11);
  // Who was thought dead and comes back changes nothing.
  if (claimed === undefined) throw new Error('nothing was claimed');
  const late = { state: 'PENDING', nextAttemptTime: new Date(), lastError: 'late' } as const;
  expect(await endAttempt(store.database, claimed, late)).toBe(false);
});
