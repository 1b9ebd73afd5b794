import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { type Review, Verdict } from '#proto/sworn/review/v1/review_pb.ts';
import { ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { createHome, type Home } from '../cli/env/sworn.ts';
import { type Receiver, startReceiver } from '../control-plane/notification/receiver.ts';
import { answerText } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { openToLook } from '../env/mongo.ts';
import { raised } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

const HEADER = 'X-Sworn-Break-Glass';
const WHY = 'zebra-4711: Jane Roe (MRN 4711-88) is crashing';
const SECRET = `whsec_${Buffer.alloc(32, 's').toString('base64')}`;
const POLICY = `
apiVersion: sworn/v1
kind: Policy
name: clinicians
spec:
  groups: [clinicians]
  patterns:
    bulk: (?i)\\bbulk\\b
    strict: (?i)\\bstrict\\b
    forbidden: (?i)\\bforbidden\\b
  rules:
    - name: forbidden
      when: patterns.forbidden
      deny: {}
    - name: strict
      when: patterns.strict
      requireApproval: { reviewers: [privacy-office] }
    - name: bulk
      when: patterns.bulk
      requireApproval:
        reviewers: [privacy-office]
        breakGlass: { groups: [on-call], reviewWithin: 4h }
    - name: ordinary
      allow: {}
`;
const ON_CALL = ['clinicians', 'on-call'];
let env: Env;
let receiver: Receiver;
let home: Home;
let output = '';

beforeAll(async () => {
  home = createHome();
  receiver = await startReceiver();
  const destination = {
    write: (line: string) => {
      output += line;
    },
  };
  env = await startEnv({
    policies: [POLICY],
    logger: pino({ level: 'trace' }, destination),
    dataPlane: { holdWhole: 200 },
  });
  const channel = { case: 'webhook', value: { url: receiver.url } } as const;
  const hooks = { notifierId: 'hooks', notifier: { spec: { channel } }, secret: SECRET };
  await env.api(NotificationService, 'admin').createNotifier(hooks);
}, 120_000);
beforeEach(() => {
  env.provider.behave(answerText('done'));
  env.provider.seen.length = 0;
});
afterAll(async () => {
  home.remove();
  await env.close();
  await receiver.close();
});

/** Asks with this header, and gives the id of the exchange with the answer. */
async function ask(input: string, header: string | undefined, groups = ON_CALL) {
  const headers = { 'X-Sworn-Session': 'penguin-99', ...(header !== undefined && { [HEADER]: header }) };
  const body = { model: 'gpt-test', input };
  const asked = env.openai('ana', { groups }).responses.create(body, { headers }).withResponse();
  const { data, request_id } = await asked;
  return { text: data.output_text, id: String(request_id) };
}

/** Asks with headers as they stand, two of a name as well; gives status and code. */
async function askRaw(headers: string[]) {
  const token = await env.stack.token({ user: 'ana', groups: ON_CALL });
  const url = new URL(`${env.stack.dataPlaneUrl}/v1/responses`);
  const body = JSON.stringify({
    model: 'gpt-test',
    input: 'a bulk request about walrus-0815',
    metadata: { [HEADER]: WHY },
  });
  const usual = ['host', url.host, 'content-length', `${body.length}`, 'authorization', `Bearer ${token}`];
  const request = httpRequest(url, { method: 'POST', headers: [...usual, ...headers] });
  // As bytes: Node writes headers in the encoding of a text that follows them.
  request.end(Buffer.from(body));
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  const code = JSON.parse(text).error?.code as string | undefined;
  return { status: response.statusCode as number, code, id: String(response.headers['x-request-id']) };
}

async function reviewOf(id: string): Promise<Review | undefined> {
  const { reviews } = await env.api(ReviewService, 'reviewer').listReviews({});
  return reviews.find(({ exchange }) => exchange === `exchanges/${id}`);
}

/** What `sworn audit exchanges --break-glass` lists. */
async function listed(): Promise<string[]> {
  const token = await env.stack.token({ user: 'auditor', audience: CONTROL_PLANE_AUDIENCE });
  const place = { SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl, SWORN_TOKEN: token };
  const words = ['audit', 'exchanges', '--break-glass', '-o', 'json'];
  const { stdout } = await home.call(words, { env: place });
  return JSON.parse(stdout).exchanges.map(({ name }: { name: string }) => name);
}

async function kindsOf(id: string) {
  await recordOf(env, id);
  const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: `exchanges/${id}` });
  return records.map(({ record }) => [record?.kind, record?.breakGlass]);
}

test('the caller goes on at once, with the control plane away; then there is a review, and reviewers are told', async () => {
  await env.stack.stopControlPlane();
  const { text, id } = await ask('a bulk request about walrus-0815', WHY);
  expect(text).toBe('done');
  expect(JSON.stringify(env.provider.seen)).not.toMatch(/zebra|break-glass/i);
  await env.stack.startControlPlane();
  await until('the review', async () => (await reviewOf(id).catch(() => undefined)) !== undefined);
  const review = await reviewOf(id);
  expect(review).toMatchObject({
    policy: 'policies/clinicians',
    rule: 'bulk',
    reviewers: ['privacy-office'],
  });
  const { seconds = 0n } = review?.dueTime ?? {};
  expect(seconds - (review?.createTime?.seconds ?? 0n)).toBe(4n * 3_600n);
  expect(await kindsOf(id)).toEqual([
    [RecordKind.INTENT, true],
    [RecordKind.OUTCOME, true],
  ]);

  await until('the message', () => receiver.got.some(({ body }) => body.includes('break_glass.used')));
  const [message] = receiver.got;
  const signed = message?.headers as Record<string, string>;
  expect(new Webhook(SECRET).verify(message?.body ?? '', signed)).toMatchObject({
    type: 'break_glass.used',
    data: { name: review?.name, rule: 'bulk' },
  });

  const service = env.api(ReviewService, 'reviewer');
  const { review: read } = await service.getReview({ name: review?.name ?? '' });
  expect(read?.prompt?.breakGlassJustification).toBe(WHY);
  expect(Buffer.from(read?.prompt?.body ?? []).toString()).toContain('walrus-0815');
  const verdict = { name: review?.name ?? '', verdict: Verdict.JUSTIFIED, reason: 'on call, bed 4' };
  expect((await service.completeReview(verdict)).review?.verdict).toBe(Verdict.JUSTIFIED);
  // All of it is among the records of the exchange, and so in the log.
  const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: `exchanges/${id}` });
  const actions = records.map(({ record }) => record?.action).filter((action) => action !== '');
  expect(actions).toEqual(['review.justified']);
  expect(await listed()).toEqual([`exchanges/${id}`]);
  const completedBy = { subject: 'reviewer' };
  const reviewed = { name: verdict.name, justified: true, completedBy, reason: 'on call, bed 4' };
  expect((await recordOf(env, id)).review).toMatchObject(reviewed);
  for await (const { event } of env.api(AuditService, 'auditor').replaySession({ name: `exchanges/${id}` })) {
    if (event.case === 'begin') expect(event.value.review).toMatchObject(reviewed);
  }
});

test('who is in no named group, and what rule has no break-glass: refused, recorded, nothing sent', async () => {
  const cases = [
    ['a bulk request', ['clinicians']],
    ['a strict request', ON_CALL],
  ] as const;
  for (const [input, groups] of cases) {
    const error = await raised(ask(input, WHY, [...groups]));
    expect(error).toMatchObject({ status: 403, code: 'break_glass_denied' });
    expect(error.message).not.toContain('zebra');
    const id = String(error.requestID);
    expect(await kindsOf(id)).toEqual([[RecordKind.REFUSAL, false]]);
    expect((await recordOf(env, id)).prompt?.breakGlassJustification).toBe(WHY);
    expect(await reviewOf(id)).toBeUndefined();
  }
  expect((await raised(ask('a forbidden request', WHY))).code).toBe('policy_denied');
  expect(env.provider.seen).toEqual([]);
});

test('where no approval is asked for the header means nothing', async () => {
  const { text, id } = await ask('an ordinary request', WHY);
  expect(text).toBe('done');
  expect((await kindsOf(id)).map(([, flag]) => flag)).toEqual([false, false]);
  expect(await listed()).not.toContain(`exchanges/${id}`);
  expect((await recordOf(env, id)).prompt?.breakGlassJustification).toBe('');
});

test.each([
  ['twice', [HEADER, WHY, HEADER.toLowerCase(), 'me too']],
  ['empty', [HEADER, '']],
  ['blank', [HEADER, ' \t ']],
  ['too long', [HEADER, 'x'.repeat(501)]],
  ['too long in characters of four bytes', [HEADER, Buffer.from('😀'.repeat(501)).toString('latin1')]],
  ['with a tab', [HEADER, 'a\tb']],
  ['with a C1 control', [HEADER, 'a\x85b\xff']],
])('a header that is malformed (%s) is refused', async (_what, headers) => {
  const { status, code, id } = await askRaw(headers);
  expect([status, code]).toEqual([400, 'break_glass_invalid']);
  expect(await kindsOf(id)).toEqual([[RecordKind.REFUSAL, false]]);
  expect(env.provider.seen).toEqual([]);
});

test.each([
  ['of another name', ['X_Sworn_Break_Glass', WHY, 'X-Sworn-Break-Glass-', WHY]],
  ['in another header', ['X-Custom', `a, ${HEADER}: ${WHY}`]],
  ['in the body alone', []],
])('words that are smuggled in (%s) open nothing', async (_what, headers) => {
  expect(await askRaw(headers)).toMatchObject({ code: 'approval_pending' });
  expect(env.provider.seen).toEqual([]);
});

test.each([
  ['UTF-8', Buffer.from('Größe: 患者').toString('latin1'), 'Größe: 患者'],
  ['Latin-1', 'urgence m\xe9dicale', 'urgence médicale'],
  ['500 characters', Buffer.from('é'.repeat(500)).toString('latin1'), 'é'.repeat(500)],
])('a justification in %s is read as it was meant', async (_what, sent, meant) => {
  const { status, id } = await askRaw([HEADER, sent]);
  expect(status).toBe(200);
  expect((await recordOf(env, id)).prompt?.breakGlassJustification).toBe(meant);
});

test('no justification is logged, told, or stored in the clear', async () => {
  expect(output).toContain('snapshot published');
  expect(output).not.toMatch(/zebra-4711|Jane Roe|walrus-0815/);
  await until('an approval that was told', () =>
    receiver.got.some(({ body }) => /approval\.request/.test(body)),
  );
  const told = JSON.stringify(receiver.got);
  expect(told).not.toMatch(/zebra-4711|Jane Roe|walrus-0815|penguin-99|gpt-test|"ana|ana@|on call, bed 4/);
  const database = await openToLook(env.stack.mongodbUri, env.database);
  for (const { name } of await database.db.listCollections().toArray()) {
    for (const raw of await database.db.collection(name).find({}, { raw: true }).toArray()) {
      expect(Buffer.from(raw as unknown as Buffer).toString('latin1')).not.toMatch(
        /zebra-4711|Jane Roe|walrus-0815/,
      );
    }
  }
  await database.close();
});
