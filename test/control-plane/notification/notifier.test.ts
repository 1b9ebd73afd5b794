import { create, toJsonString } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import type { Context } from '../../../control-plane/context.ts';
import {
  removeNotifier,
  testNotifier,
  updateNotifier,
} from '../../../control-plane/notification/notifier.ts';
import { notify } from '../../../control-plane/notification/notify.ts';
import { openSecret } from '../../../control-plane/notification/secret.ts';
import {
  findNotifier,
  type NotifierDocument,
} from '../../../control-plane/storage/configuration/notifiers.ts';
import { SealError } from '../../../control-plane/storage/sealing/seal.ts';
import { putRaw, rawDocument, storeAsOlder } from '../../env/alter.ts';
import { until } from '../../env/until.ts';
import { openStore, type Store } from '../audit/store.ts';
import { addNotifier, admin, notificationsOf, SECRET, startDelivery } from './env.ts';

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

const URL = 'https://hooks.example.org/sworn';
const webhook = (url: string) => ({ channel: { case: 'webhook', value: { url } } }) as const;
const change = (name: string, spec: object, paths: string[], secret = '') =>
  updateNotifier(context, admin, create(NotifierSchema, { name, spec }), { paths } as never, secret);
const refused = (call: Promise<unknown>): Promise<[Reason | undefined, string]> =>
  call.then(
    () => [undefined, ''],
    (error: Error) => [reasonOf(error), error.message.replace(/^\[\w+\] /, '')],
  );

async function secretOf(name: string): Promise<string> {
  const stored = await findNotifier(context.database, name);
  if (stored === undefined) throw new Error(`no ${name}`);
  return openSecret(context, stored);
}

test('a notifier is made and changed; its secret stays here, and does not move to another host', async () => {
  const made = await addNotifier(context, 'hooks', { ...webhook(URL), events: ['alarm'] }, SECRET);
  expect(toJsonString(NotifierSchema, made)).not.toContain(SECRET.slice(6));
  const { name } = made;
  const narrowed = await change(name, { events: ['approval.request'], groups: ['privacy'] }, [
    'spec.events',
    'spec.groups',
  ]);
  expect(narrowed.spec).toMatchObject({ events: ['approval.request'], groups: ['privacy'] });
  expect(narrowed.spec?.channel.value).toMatchObject({ url: URL });
  expect((await change(name, {}, ['spec.events'])).spec?.events).toEqual([]);
  expect(await secretOf(name)).toBe(SECRET);

  const moved = webhook('https://elsewhere.example.org/');
  expect(await refused(change(name, moved, ['spec.webhook.url']))).toEqual([
    Reason.INVALID_ARGUMENT,
    'secret must be given again for another host',
  ]);
  const other = `whsec_${Buffer.alloc(24, 'x').toString('base64')}`;
  await change(name, moved, ['spec.webhook.url'], other);
  expect(await secretOf(name)).toBe(other);
  const [reason] = await refused(change(name, { channel: { case: 'slack', value: {} } }, ['spec.slack']));
  expect(reason).toBe(Reason.INVALID_ARGUMENT);
  const stale = create(NotifierSchema, { name, etag: 'old', spec: {} });
  expect((await refused(updateNotifier(context, admin, stale, undefined, SECRET)))[0]).toBe(
    Reason.ETAG_MISMATCH,
  );
});

test.each([
  ['http://hooks.example.org/', SECRET, 'must be an https URL'],
  ['ftp://hooks.example.org/', SECRET, 'must be an https URL'],
  ['https://user:pass@hooks.example.org/', SECRET, 'must not contain a user'],
  [URL, '', 'must be whsec_'],
  [URL, 'whsec_c2hvcnQ=', 'must be whsec_'],
  [URL, SECRET.slice(6), 'must be whsec_'],
])('a webhook %s with the secret "%s" is refused', async (url, secret, fault) => {
  const [reason, message] = await refused(addNotifier(context, 'wrong', webhook(url), secret));
  expect(reason).toBe(Reason.INVALID_ARGUMENT);
  expect(message).toContain(fault);
  if (secret !== '') expect(message).not.toContain(secret);
});

test('e-mail takes an SMTP server, and Slack the URL of an incoming webhook', async () => {
  const mail = { channel: { case: 'email' as const, value: { to: ['ana@example.org'] } } };
  expect((await refused(addNotifier(context, 'mail', mail, '')))[1]).toContain('--smtp-url');
  const slack = { channel: { case: 'slack', value: { host: 'lies.example.org' } } } as const;
  expect((await refused(addNotifier(context, 'chat', slack, 'xoxb-token')))[1]).toContain('incoming webhook');
  const made = await addNotifier(context, 'chat', slack, 'https://hooks.slack.example/services/a/b');
  expect(made.spec?.channel.value).toMatchObject({ host: 'hooks.slack.example' });
});

test('who can write to the store cannot turn a signed webhook to a host of their own', async () => {
  await addNotifier(context, 'turned', { ...webhook(URL), events: ['alarm'] }, SECRET);
  const place = 'https://attacker.example.org/';
  const stored = await rawDocument(store.database, 'notifiers', 'notifiers/turned');
  await testNotifier(context, admin, 'notifiers/turned');
  await putRaw(store.database, 'notifiers', { ...stored, place });
  const stop = startDelivery(context);
  await until(
    'the failure',
    async () => (await notificationsOf(store, 'turned'))[0]?.lastError !== undefined,
  );
  await stop();
  expect((await notificationsOf(store, 'turned'))[0]?.lastError).toContain('was altered');
  // Nor could somebody who has its MAC as well: the secret is sealed for its place.
  await storeAsOlder(store.database, 'notifiers', { ...stored, place });
  const turned = await findNotifier(store.database, 'notifiers/turned');
  expect(() => openSecret(context, turned as NotifierDocument)).toThrow(SealError);
});

test('what a deleted notifier still had to tell is given up; every change is recorded', async () => {
  await addNotifier(context, 'old', { ...webhook(URL), events: ['alarm'] }, SECRET);
  await store.database.transaction((session) =>
    notify(context, session, { event: 'alarm.test', resource: 'log' }),
  );
  await removeNotifier(context, admin, 'notifiers/old', '');
  expect(await notificationsOf(store, 'old')).toMatchObject([
    { state: 'DEAD', lastError: 'its notifier was deleted' },
  ]);
  const recorded = await store.database.db
    .collection('records')
    .find({ resource: 'notifiers/old' })
    .toArray();
  expect(recorded.map(({ action }) => action)).toEqual(['notifier.create', 'notifier.delete']);
});
