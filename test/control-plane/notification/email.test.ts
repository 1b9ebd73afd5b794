import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Context } from '../../../control-plane/context.ts';
import type { SmtpPlace } from '../../../control-plane/notification/channel/email.ts';
import { notify } from '../../../control-plane/notification/notify.ts';
import { until } from '../../env/until.ts';
import { openStore, type Store } from '../audit/store.ts';
import { addNotifier, notificationsOf, startDelivery } from './env.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { type SmtpServer, startSmtp } from './smtp.ts';

const PASSWORD = 'hunter2-of-the-mail';
const APPROVAL = 'approvals/0199f3c2-7e10-7000-8000-000000000001';
let store: Store;
let smtp: SmtpServer;
let context: Context;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  store = await openStore();
  smtp = await startSmtp();
}, 120_000);
beforeEach(async () => {
  context = withSmtp({});
  smtp.answers = new Map();
  smtp.mails.length = 0;
  smtp.lines.length = 0;
  for (const name of ['notifiers', 'notifications']) await store.database.db.collection(name).deleteMany({});
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
});
afterAll(async () => {
  await smtp.close();
  await store.close();
});

function withSmtp(place: Partial<SmtpPlace>): Context {
  const replica = store.replica();
  const whole = {
    host: '127.0.0.1',
    port: smtp.port,
    isSecure: false,
    user: 'sworn',
    password: PASSWORD,
    from: 'sworn@example.org',
    ...place,
  };
  return { ...replica, settings: { ...replica.settings, smtp: whole, consoleUrl: undefined } };
}

const mailTo = (id: string, ...to: string[]) =>
  addNotifier(context, id, { channel: { case: 'email', value: { to } } }, '');
const ask = () =>
  store.database.transaction((session) =>
    notify(context, session, {
      event: 'approval.request',
      resource: APPROVAL,
      facts: {
        policy: 'policies/clinicians',
        rule: 'bulk',
        reviewers: ['privacy-office'],
        findings: [{ entity: 'MRN', count: 3 }],
        dueTime: new Date('2026-03-01T09:30:00Z'),
      },
    }),
  );
const errorsOf = async (id: string) => (await notificationsOf(store, id)).map(({ lastError }) => lastError);

test('each address gets a mail of its own, with what there is to do and nothing else', async () => {
  await mailTo('office', 'ana@example.org', 'ben@example.org');
  stop = startDelivery(context);
  await ask();
  await until('both mails', () => smtp.mails.length === 2);
  const sent = await notificationsOf(store, 'office');
  expect(smtp.mails.map(({ to }) => to.join()).sort()).toEqual(['ana@example.org', 'ben@example.org']);
  const mail = smtp.mails.find(({ to }) => to.includes('ana@example.org'));
  const [head = '', body] = mail?.data.split('\n\n') ?? [];
  const id = sent
    .find(({ recipient }) => recipient === 'ana@example.org')
    ?._id.slice('notifications/'.length);
  expect(head).toContain(`Message-ID: <${id}@example.org>`);
  expect(head).toContain('Subject: Sworn: Approval needed');
  expect(head).toContain('From: sworn@example.org');
  expect(mail?.data.slice(head.length).trim().split('\n')).toEqual([
    'Approval needed',
    '',
    APPROVAL,
    'rule: clinicians/bulk',
    'found in the prompt: MRN 3',
    'for: privacy-office',
    'due: 2026-03-01 09:30 UTC',
    '',
    'sworn approval show 0199f3c2-7e10-7000-8000-000000000001',
  ]);
  expect(body).toBe('Approval needed');
});

test('a server that refuses is asked again, one that knows no such address is not', async () => {
  await mailTo('busy', 'ana@example.org');
  smtp.answers = new Map([['MAIL', '451 not now, Jane Roe']]);
  stop = startDelivery(context);
  await ask();
  await until('the failure', async () => (await errorsOf('busy'))[0] !== undefined);
  expect(await notificationsOf(store, 'busy')).toMatchObject([{ state: 'PENDING', lastError: 'SMTP 451' }]);
  smtp.answers = new Map([['RCPT', '550 nobody here']]);
  store.nowMs += 5_000;
  await until('the end', async () => (await notificationsOf(store, 'busy'))[0]?.state === 'DEAD');
  expect(await errorsOf('busy')).toEqual(['SMTP 550']);
  expect(smtp.mails).toEqual([]);
});

test('a server that falls silent is cut', async () => {
  await mailTo('silent', 'ana@example.org');
  smtp.answers = new Map([['DATA', 'silence']]);
  stop = startDelivery(context, 300);
  await ask();
  await until('the failure', async () => (await errorsOf('silent'))[0] !== undefined);
  expect(await errorsOf('silent')).toEqual(['no answer in time']);
});

test('nothing goes to a server that is not on this machine and has no TLS', async () => {
  context = withSmtp({ host: '0.0.0.0' });
  await mailTo('plain', 'ana@example.org');
  stop = startDelivery(context);
  await ask();
  await until('the failure', async () => (await errorsOf('plain'))[0] !== undefined);
  expect(smtp.lines.join('\n')).not.toMatch(/AUTH|MAIL/);
  expect(smtp.mails).toEqual([]);
});

test('Slack gets a text; its URL is the secret, and no secret is stored or logged in the clear', async () => {
  const chat: Receiver = await startReceiver();
  const path = '/services/T0000/B0000/s3cr3t-of-the-chat';
  await addNotifier(context, 'chat', { channel: { case: 'slack', value: {} } }, `${chat.url}${path}`);
  await mailTo('office', 'ana@example.org');
  context = {
    ...context,
    settings: { ...context.settings, consoleUrl: 'https://console.example.org/{name}?a&b' },
  };
  stop = startDelivery(context);
  await ask();
  await until('the message', () => chat.got.length === 1 && smtp.mails.length === 1);
  expect(chat.got[0]?.path).toBe(path);
  expect(JSON.parse(chat.got[0]?.body ?? '')).toEqual({
    text: [
      '*Approval needed*',
      `<https://console.example.org/${APPROVAL}?a&amp;b|${APPROVAL}>`,
      'rule: clinicians/bulk',
      'found in the prompt: MRN 3',
      'for: privacy-office',
      'due: 2026-03-01 09:30 UTC',
      '`sworn approval show 0199f3c2-7e10-7000-8000-000000000001`',
    ].join('\n'),
  });
  await chat.close();
  for (const { name } of await store.database.db.listCollections().toArray()) {
    for (const raw of await store.database.db.collection(name).find({}, { raw: true }).toArray()) {
      const bytes = Buffer.from(raw as unknown as Buffer).toString('latin1');
      expect(bytes).not.toContain('s3cr3t-of-the-chat');
      expect(bytes).not.toContain(PASSWORD);
    }
  }
  expect(store.log.join()).not.toMatch(/s3cr3t-of-the-chat|hunter2|Jane/);
});
