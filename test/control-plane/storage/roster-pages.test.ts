import { randomBytes } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { Long } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { lookAtConfiguration, tellOfAlterations } from '../../../control-plane/audit/altered.ts';
import type { Context } from '../../../control-plane/context.ts';
import { concludeReview } from '../../../control-plane/review/complete.ts';
import {
  insertReviews,
  listUnalarmed,
  type ReviewDocument,
} from '../../../control-plane/storage/approval/reviews.ts';
import { PLAIN_TYPES } from '../../../control-plane/storage/plain-types.ts';
import { enter, pageOf, readRoster, strike } from '../../../control-plane/storage/roster/rosters.ts';
import { canonicalBytes } from '../../../control-plane/storage/sealing/canonical.ts';
import { makeRosters } from '../../env/rosters.ts';
import { alice, rita } from '../approval/question.ts';
import { openStore, type Store } from '../audit/store.ts';
import { newName } from '../audit/writer.ts';

/** More than a document of MongoDB has room for. */
const MANY = 160_000;
let store: Store;
let context: Context;
let count = 0;

beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
beforeEach(async () => {
  await store.database.db.collection('reviews').deleteMany({});
  await rosters().deleteMany({});
  await makeRosters(store.database);
});
afterAll(() => store.close());

const rosters = () =>
  store.database.db.collection<{ _id: string; members: unknown[]; number: unknown }>('rosters', PLAIN_TYPES);
const complete = (name: string) =>
  concludeReview(context, rita, name, { verdict: 'JUSTIFIED', reason: 'it was so' });
const listed = () =>
  store.database.transaction(async (session) => {
    const { members } = await readRoster(store.database, session, 'reviews');
    return new Set(members.keys());
  });
const sizes = async () =>
  new Map((await rosters().find().toArray()).map(({ _id, members }) => [_id, members.length]));

async function open(): Promise<string> {
  return (await openAll(1))[0] ?? '';
}

async function openAll(number: number): Promise<string[]> {
  const { database } = store;
  const opened = Array.from({ length: number }, pending);
  await database.transaction((session) => insertReviews(database, session, opened));
  return opened.map(({ _id }) => _id);
}

function pending(): ReviewDocument {
  const time = new Date(store.nowMs);
  return {
    _id: `reviews/${String(++count).padStart(8, '0')}`,
    state: 'PENDING',
    caller: toBinary(CallerSchema, create(CallerSchema, alice)),
    plane: newName('planes'),
    exchange: newName('exchanges'),
    session: newName('sessions'),
    route: 'responses',
    model: 'gpt-5',
    policyRevision: 1n,
    policy: 'policies/p',
    rule: 'ask',
    reviewers: [],
    serviceReviewers: [],
    findings: [],
    useTime: time,
    createTime: time,
    dueTime: time,
  };
}

test('more reviews may be pending than one document has room for', async () => {
  const { database } = store;
  const mac = randomBytes(32);
  const ids = Array.from({ length: MANY }, (_, index) => `reviews/${String(index).padStart(36, 'x')}`);
  const members = ids.map((id) => ({ id, mac }));
  await database.transaction((session) => enter(database, session, 'reviews', members));
  const name = await open();
  expect((await listed()).size).toBe(MANY + 1);
  await complete(name);
  expect(await database.transaction((session) => strike(database, session, 'reviews', ids))).toEqual(ids);
  expect((await listed()).size).toBe(0);
}, 120_000);

test('of more than one look has time for, each is looked at within a few', async () => {
  const told = tellOfAlterations(context);
  const reviews = store.database.db.collection<{ _id: string }>('reviews');
  const names = [...(await openAll(3_000)), ...(await openAll(3_000))];
  const on = (page: string) => names.find((name) => pageOf('reviews', name) === `reviews.${page}`) ?? '';
  const [gone, early, late, back] = [on('00'), on('01'), on('ff'), on('fe')];
  await complete(back);
  const put = await reviews.findOne({ _id: back });
  await reviews.deleteOne({ _id: gone });
  await reviews.updateMany({ _id: { $in: [early, late] } }, { $set: { plane: 'planes/other' } });
  await reviews.replaceOne({ _id: back }, { ...put, state: 'PENDING' } as never);
  const alarms = async () => {
    await lookAtConfiguration(context);
    await told();
    const action = 'alarm.configuration_altered';
    const found = await store.database.db.collection('records').find({ action }).toArray();
    const resources = found.map(({ resource }) => resource);
    return [gone, early, late, back].map((name) => resources.filter((one) => one === name).length);
  };
  expect(await alarms()).toEqual([1, 1, 0, 0]);
  expect(await alarms()).toEqual([1, 1, 1, 1]);
  expect(await alarms()).toEqual([1, 1, 1, 1]);
}, 120_000);

test('overdue reviews that raised their alarm are not looked at again to find those that did not', async () => {
  const { database } = store;
  const { db } = database;
  const reviews = db.collection<{ _id: string }>('reviews');
  await openAll(300);
  await reviews.updateMany({}, { $set: { alarmTime: new Date(store.nowMs) } });
  const name = await open();
  await db.command({ profile: 2 });
  const found = await listUnalarmed(database, new Date(store.nowMs), 100);
  await db.command({ profile: 0 });
  const [query] = await db.collection('system.profile').find({ 'command.find': 'reviews' }).toArray();
  expect([found, query?.['docsExamined']]).toEqual([[name], 1]);
});

test('what an older version listed in one document is listed still, and on pages with the next change', async () => {
  const { database } = store;
  const [first, second] = [await open(), await open()];
  const { _id, mac } = (await store.database.db
    .collection<{ _id: string; mac: Uint8Array }>('reviews', PLAIN_TYPES)
    .findOne({ _id: first })) as never;
  const fields = { number: Long.fromNumber(1e9), members: [{ id: _id, mac }] };
  const bytes = canonicalBytes(['rosters', 'reviews', fields]);
  await rosters().deleteMany({ _id: /^reviews/ });
  await rosters().insertOne({ _id: 'reviews', ...fields, mac: database.seal.mac(bytes) } as never);
  await store.database.db.collection<{ _id: string }>('reviews').deleteOne({ _id: second });
  expect(await listed()).toEqual(new Set([first]));
  const third = await open();
  expect(await listed()).toEqual(new Set([first, third]));
  expect((await sizes()).get('reviews')).toBe(0);
  for (const name of [first, third]) await complete(name);
  expect(await listed()).toEqual(new Set());
});

test.each([
  ['is gone', (page: { _id: string }) => rosters().deleteOne({ _id: page._id })],
  [
    'leaves one out',
    (page: { _id: string }) => rosters().updateOne({ _id: page._id }, { $set: { members: [] } }),
  ],
  [
    'is that of another',
    async (page: { _id: string }, other: object) => {
      const { _id } = page;
      await rosters().replaceOne({ _id }, { ...(other as { members: []; number: 1 }), ...{ _id } });
    },
  ],
])('a page that %s opens nothing, and one alarm says so', async (_what, tamper) => {
  const told = tellOfAlterations(context);
  const names = [await open(), await open(), await open()];
  const [page, other] = await rosters()
    .find({ _id: /^reviews\./ })
    .toArray();
  if (page === undefined || other === undefined) throw new Error('there are no pages');
  const [first] = page.members as [{ id: string }];
  await tamper(page, other);
  for (let time = 0; time < 2; time++) {
    await expect(complete(first.id)).rejects.toThrow(`rosters/${page._id} was changed in the database`);
    await expect(listed()).rejects.toThrow(`rosters/${page._id} was changed in the database`);
    await open();
  }
  await told();
  const alarms = { action: 'alarm.configuration_altered', resource: `rosters/${page._id}` };
  expect(await store.database.db.collection('records').countDocuments(alarms)).toBe(1);
  await makeRosters(store.database);
  for (const name of names) await complete(name);
});

test('a page that is put back as it once was, with the review, is told from the newest', async () => {
  const name = await open();
  const reviews = store.database.db.collection<{ _id: string }>('reviews');
  const [page] = await rosters()
    .find({ _id: /^reviews\./ })
    .toArray();
  const review = await reviews.findOne({ _id: name });
  if (page === undefined || review === null) throw new Error('there is no page');
  await complete(name);
  await reviews.replaceOne({ _id: name }, review);
  await expect(complete(name)).rejects.toThrow(`${name} is in the database as it once was`);
  await rosters().replaceOne({ _id: page._id }, page);
  await expect(complete(name)).rejects.toThrow(`rosters/${page._id} was changed in the database`);
});
