import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifyCommitment } from '#core/evidence/commitment/commit.ts';
import { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerKind, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { Action, DecisionSchema } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { Review } from '#proto/sworn/review/v1/review_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import { createReviewService } from '../../../control-plane/api/review-service.ts';
import { lookAtConfiguration, tellOfAlterations } from '../../../control-plane/audit/altered.ts';
import type { Context } from '../../../control-plane/context.ts';
import { eraseBatch } from '../../../control-plane/retention/erase.ts';
import { concludeReview } from '../../../control-plane/review/complete.ts';
import { alarmOverdue } from '../../../control-plane/review/overdue.ts';
import type { NotificationDocument } from '../../../control-plane/storage/approval/notifications.ts';
import { listBreakGlass } from '../../../control-plane/storage/migrations/0016-list-break-glass.ts';
import { listExchanges } from '../../../control-plane/storage/record/exchanges.ts';
import { makeRosters } from '../../env/rosters.ts';
import { alice, insertTestPolicy, POLICY, rita, rob, stranger } from '../approval/question.ts';
import { callBy, person } from '../audit/call.ts';
import { recordsOf } from '../audit/recorded.ts';
import { openStore, type Store } from '../audit/store.ts';
import { append, newName } from '../audit/writer.ts';
import { addNotifier, SECRET } from '../notification/env.ts';

const DAY_MS = 86_400_000;
const WHY = 'Patient Jane Roe is crashing in bed 4';
let store: Store;
let context: Context;
let service: ReturnType<typeof createReviewService>;

beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  service = createReviewService(context);
  await insertTestPolicy(store);
  const channel = { case: 'webhook', value: { url: 'https://hooks.example.org/' } } as const;
  await addNotifier(context, 'all', { channel }, SECRET);
}, 120_000);
beforeEach(async () => {
  for (const name of ['reviews', 'notifications']) await store.database.db.collection(name).deleteMany({});
  await makeRosters(store.database);
});
afterAll(() => store.close());

const reviewer = callBy(rita, [Role.REVIEWER]);
const listed = async (call = reviewer, request = {}): Promise<Review[]> =>
  (
    await service.listReviews(
      { pageSize: 0, pageToken: '', state: 0, overdue: false, ...request } as never,
      call,
    )
  ).reviews as Review[];
const read = (name: string, call = reviewer): Promise<Review> =>
  Promise.resolve(service.getReview({ name } as never, call)).then(({ review }) => review as Review);
const complete = (
  name: string,
  by = rita,
  reason = 'it was so',
  verdict: 'JUSTIFIED' | 'UNJUSTIFIED' = 'JUSTIFIED',
) => concludeReview(context, by, name, { verdict, reason });
const refusedFor = (call: Promise<unknown>): Promise<Reason | undefined> =>
  call.then(() => undefined, reasonOf);
const told = (): Promise<NotificationDocument[]> =>
  store.database.db.collection<NotificationDocument>('notifications').find().sort({ _id: 1 }).toArray();
const actionsOn = async (resource: string) =>
  (await store.database.db.collection('records').find({ resource }).sort({ _id: 1 }).toArray()).map(
    ({ action }) => action as string,
  );

/** What a plane records of a caller who broke the glass. */
async function broken(rule = 'ask', exchange = newName('exchanges'), input = 'all of it') {
  const writer = store.writer();
  const decision = create(DecisionSchema, { action: Action.REQUIRE_APPROVAL, policy: POLICY, rule });
  const fields = {
    exchange,
    caller: alice,
    decision,
    breakGlass: true,
    model: 'gpt-5',
    findings: { MRN: 2 },
  };
  const body = Buffer.from(JSON.stringify({ input }));
  const prompt = { body, method: 'POST', path: '/v1/responses', breakGlassJustification: WHY };
  const entry = writer.write(fields, { content: { case: 'prompt', value: prompt } });
  const outcome = writer.write({ exchange, kind: RecordKind.OUTCOME, breakGlass: true, caller: alice });
  await append(context, writer.plane, [entry, outcome]);
  return { writer, entry, exchange };
}

test('the record commits to what was found, and does not have the words', async () => {
  const { exchange } = await broken();
  const review = (await listed()).find((listed) => listed.exchange === exchange);
  const { name, reasonKey } = await complete(review?.name ?? '', rita, 'Jane Roe was in arrest');
  const found = (await recordsOf(store, name)).find(({ action }) => action === 'review.justified');
  expect(found?.bytes.includes('Jane Roe')).toBe(false);
  const commitment = found?.reasonCommitment ?? new Uint8Array();
  verifyCommitment(commitment, reasonKey, 'reason', Buffer.from('Jane Roe was in arrest'));
});

test('a review has the prompt of no other exchange, whatever the store says', async () => {
  const own = await broken();
  const other = await broken('ask', newName('exchanges'), 'of somebody else');
  const exchanges = store.database.db.collection<{ _id: string; sources: object }>('exchanges');
  const moved = await exchanges.findOne({ _id: other.exchange });
  await exchanges.updateOne({ _id: own.exchange }, { $set: { sources: moved?.sources ?? {} } });
  const review = (await listed()).find(({ exchange }) => exchange === own.exchange);
  // The records that the store points to are none of this exchange.
  expect(await refusedFor(read(review?.name ?? ''))).toBe(Reason.CONTENT_ALTERED);
});

test('the record brings the review with it, once, addressed and due as the rule says', async () => {
  const { writer, entry, exchange } = await broken();
  await append(context, writer.plane, [entry]);
  const [review, ...more] = await listed();
  expect(more).toEqual([]);
  expect(review).toMatchObject({
    state: 1,
    overdue: false,
    exchange,
    policy: POLICY,
    rule: 'ask',
    reviewers: ['sworn-reviewers'],
    findings: { MRN: 2 },
  });
  expect(review?.caller?.subject).toBe('alice');
  expect(Number(review?.dueTime?.seconds) * 1_000).toBe(store.nowMs + DAY_MS);
  expect(review?.prompt).toBeUndefined();
  expect(await told()).toMatchObject([
    { event: 'break_glass.used', resource: review?.name, facts: { policy: POLICY, rule: 'ask' } },
  ]);
  expect(JSON.stringify(await told())).not.toMatch(/Jane|alice|gpt-5/);
});

test('however many a batch brings, their roster is written once, and each is told of', async () => {
  const { db } = store.database;
  const writer = store.writer();
  const decision = create(DecisionSchema, { action: Action.REQUIRE_APPROVAL, policy: POLICY, rule: 'ask' });
  const exchanges = Array.from({ length: 40 }, () => newName('exchanges'));
  const entries = exchanges.map((exchange) =>
    writer.write({ exchange, caller: alice, decision, breakGlass: true }),
  );
  await append(context, writer.plane, entries.slice(0, 10));
  await db.command({ profile: 2 });
  // Some of them again.
  await append(context, writer.plane, entries);
  await db.command({ profile: 0 });
  const written = { ns: `${db.databaseName}.rosters`, op: 'update', 'command.q._id': 'reviews' };
  expect(await db.collection('system.profile').countDocuments(written)).toBe(1);
  await db.collection('system.profile').drop();
  expect((await listed()).map(({ exchange }) => exchange).sort()).toEqual([...exchanges].sort());
  expect((await told()).map(({ resource }) => resource).sort()).toEqual(
    (await listed()).map(({ name }) => name).sort(),
  );
});

test('exchanges from before are listed as what went on by break-glass, once the store is of this version', async () => {
  const { exchange, entry, writer } = await broken();
  const { db } = store.database;
  const exchanges = db.collection<{ _id: string; view: { buffer: Uint8Array } }>('exchanges');
  const found = await exchanges.findOne({ _id: exchange });
  const now = fromBinary(ExchangeSchema, found?.view.buffer as Uint8Array);
  expect([now.breakGlass, found]).toMatchObject([true, { breakGlass: true }]);
  const before = Buffer.from(toBinary(ExchangeSchema, { ...now, breakGlass: false }));
  await exchanges.updateOne(
    { _id: exchange },
    { $set: { view: before as never }, $unset: { breakGlass: true } },
  );
  await listBreakGlass(db);
  await listBreakGlass(db);
  expect(await exchanges.findOne({ _id: exchange })).toEqual(found);
  // And stay so when one of their records comes again.
  await append(context, writer.plane, [entry]);
  const listed = await listExchanges(store.database, { breakGlass: true }, 1, undefined, 100);
  expect(listed.map(({ _id }) => _id)).toContain(exchange);
});

test('who may see it reads prompt and justification, and that is recorded before; others see nothing', async () => {
  const { exchange } = await broken();
  const [{ name = '' } = {}] = await listed();
  const before = await actionsOn(exchange);
  const review = await read(name);
  expect(review.prompt?.breakGlassJustification).toBe(WHY);
  expect(Buffer.from(review.prompt?.body ?? []).toString()).toContain('all of it');
  expect(await actionsOn(exchange)).toEqual([...before, 'content.read']);
  const outsider = callBy(stranger, [Role.REVIEWER]);
  expect(await listed(outsider)).toEqual([]);
  expect(await refusedFor(read(name, outsider))).toBe(Reason.NOT_FOUND);
  expect(await listed(callBy(stranger, [Role.AUDITOR]))).toHaveLength(1);
});

test('nobody reviews what they did, nor does a service or who is not asked; a reason is needed; once is enough', async () => {
  await broken();
  const [{ name = '' } = {}] = await listed();
  expect(await refusedFor(complete(name, alice))).toBe(Reason.OWN_REQUEST);
  const again = {
    ...person('alice2', ['sworn-reviewers'], 'ALICE@example.org'),
    issuer: 'https://other.example.org',
  };
  expect(await refusedFor(complete(name, again))).toBe(Reason.OWN_REQUEST);
  expect(await refusedFor(complete(name, stranger))).toBe(Reason.NOT_ADDRESSED);
  expect(await refusedFor(complete(name, { ...rita, kind: CallerKind.SERVICE }))).toBe(
    Reason.PERSON_REQUIRED,
  );
  expect(await refusedFor(complete(name, rita, ' '))).toBe(Reason.INVALID_ARGUMENT);
  expect(await refusedFor(complete('reviews/none'))).toBe(Reason.NOT_FOUND);
  const both = await Promise.all(
    [rita, rob].map((by) => refusedFor(complete(name, by, 'no reason', 'UNJUSTIFIED'))),
  );
  expect(both.sort()).toEqual([Reason.REVIEW_NOT_PENDING, undefined]);
  expect(await actionsOn(name)).toEqual(['review.unjustified']);
  expect(await told()).toMatchObject([{}, { event: 'review.completed', facts: { outcome: 'unjustified' } }]);
  expect(await listed(reviewer, { state: 1 })).toEqual([]);
  expect(await listed(reviewer, { state: 2 })).toMatchObject([{ verdict: 2, reason: 'no reason' }]);
});

test('a service that the rule names may review', async () => {
  await broken('ask-two');
  const [{ name = '' } = {}] = await listed();
  const bot = { ...person('review-bot', ['sworn-reviewers']), kind: CallerKind.SERVICE };
  expect((await complete(name, bot)).completedBy?.subject).toBe('review-bot');
});

test('what is overdue is listed so, and raises one alarm, whichever replica sees it', async () => {
  await broken();
  await broken();
  const [{ name: first = '' } = {}, { name: second = '' } = {}] = await listed();
  await complete(first);
  store.nowMs += DAY_MS - 1;
  expect(await alarmOverdue(context)).toBe(0);
  store.nowMs += 1;
  const raised = await Promise.all([context, store.replica()].map((replica) => alarmOverdue(replica)));
  expect(raised.sort()).toEqual([0, 1]);
  expect(await alarmOverdue(context)).toBe(0);
  expect(await listed(reviewer, { overdue: true })).toMatchObject([{ name: second, overdue: true }]);
  expect(await actionsOn(second)).toEqual(['alarm.review_overdue']);
  expect((await told()).filter(({ event }) => event === 'review.overdue')).toHaveLength(1);
  expect(store.log.filter((line) => line.includes('"event":"review_overdue"'))).toHaveLength(1);
  expect(store.log.join()).not.toMatch(/Jane|alice/);
  // Late is better than never.
  expect((await complete(second)).overdue).toBe(false);
});

test('a rule that is gone leaves no use without a review, and its words are not passed on', async () => {
  await broken('Jane Roe, MRN 12');
  expect(await listed(callBy(stranger, [Role.REVIEWER]))).toMatchObject([
    { reviewers: [], rule: 'Jane Roe, MRN 12' },
  ]);
  expect(JSON.stringify(await told())).not.toContain('Jane');
  const [{ name = '' } = {}] = await listed();
  await complete(name, stranger);
});

test('what was erased can still be reviewed, and says that it was', async () => {
  const { exchange } = await broken();
  const [{ name = '' } = {}] = await listed();
  await eraseBatch(
    context,
    { caller: rita, authority: 'Privacy Office', scope: exchange, reason: 'a request of the patient' },
    [exchange],
  );
  const review = await read(name);
  expect(review.prompt).toBeUndefined();
  expect(review.eraseTime).toBeDefined();
  await complete(name);
});

test('what was erased after its review says what was found, and not why any more', async () => {
  const { exchange } = await broken();
  const other = await broken('ask', exchange);
  const [{ name: another = '' } = {}, { name = '' } = {}] = await listed();
  expect((await complete(name, rita, 'Jane Roe was in arrest')).reasonKey).toHaveLength(32);
  await complete(another, rita, 'of somebody else');
  const order = { caller: rita, authority: 'Privacy Office', scope: exchange, reason: 'a request' };
  await eraseBatch(context, order, [exchange]);
  const review = await read(name);
  expect(review).toMatchObject({ verdict: 1, completedBy: { subject: 'rita' }, reason: '' });
  expect(review.reasonKey).toHaveLength(0);
  const stored = await store.database.db.collection<{ _id: string }>('reviews').findOne({ _id: name });
  expect(stored).not.toHaveProperty('reasonKey');
  expect(JSON.stringify(stored)).not.toContain('Jane Roe');
  // That of another plane is of another exchange.
  expect(other.exchange).toBe(exchange);
  expect(await read(another)).toMatchObject({ reason: 'of somebody else' });
});

test('a second plane cannot hide a use behind an exchange of the same name', async () => {
  const exchange = newName('exchanges');
  await broken('ask', exchange);
  await broken('ask', exchange);
  expect(await listed()).toHaveLength(2);
});

test.each<[string, object | undefined]>([
  ['takes out', undefined],
  ['says is done', { state: 'COMPLETED', verdict: 'JUSTIFIED' }],
  ['says is of somebody else', { caller: toBinary(CallerSchema, stranger) }],
  ['says is not due yet', { dueTime: new Date(8e15) }],
])('a review that somebody %s in the database is told of, and counts for nothing', async (_what, fields) => {
  const tellOf = tellOfAlterations(context);
  await broken();
  const [{ name = '' } = {}] = await listed();
  const reviews = store.database.db.collection<{ _id: string }>('reviews');
  if (fields === undefined) await reviews.deleteOne({ _id: name });
  else await reviews.updateOne({ _id: name }, { $set: fields });
  await lookAtConfiguration(context);
  await tellOf();
  expect(await actionsOn(name)).toEqual(['alarm.configuration_altered']);
  await expect(complete(name, stranger)).rejects.toThrow(`${name} was`);
});

test('records are taken, and what they bring is to be reviewed, also while nobody can say which reviews have to be there', async () => {
  await store.database.db.collection('rosters').deleteOne({ _id: 'reviews' as never });
  await broken();
  const [{ name = '' } = {}] = await listed();
  await expect(complete(name)).rejects.toThrow('rosters/reviews');
  await makeRosters(store.database);
  expect(await complete(name)).toMatchObject({ completedBy: { subject: 'rita' } });
});
