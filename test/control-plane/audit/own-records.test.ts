import { Long } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lookAtOwnRecord, recordAction, recordActions } from '../../../control-plane/audit/actions.ts';
import type { Context } from '../../../control-plane/context.ts';
import { openStore, type Store } from './store.ts';

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
}, 120_000);
beforeEach(() => {
  context = store.replica();
});
afterAll(() => store.close());

const act = (resource = 'log') =>
  recordAction(context, undefined, { caller: undefined, action: 'evidence.export', resource });
const writer = () => `control-plane/${context.replica}`;
const records = () => store.database.db.collection('records');
const writers = () => store.database.db.collection('writers');
const newest = async () => {
  const found = await records().find({ plane: writer() }).sort({ seq: -1 }).limit(2).toArray();
  return found.map((document) => ({ ...document, _id: document._id, digest: document['digest'] }));
};
const setHead = async (seq: number, digest: unknown) => {
  await writers().updateOne({ plane: writer() }, { $set: { seq: Long.fromNumber(seq), digest } });
};
/** As if they had never been: with the head of their writer. */
const takeBack = async () => {
  const [last, before] = await newest();
  await records().deleteOne({ _id: last?._id as never });
  await setHead(2, before?.digest);
};
const replace = async () => {
  const [last] = await newest();
  const digest = Buffer.alloc(32, 1);
  await records().updateOne({ _id: last?._id as never }, { $set: { bytes: Buffer.from('other'), digest } });
  await setHead(3, digest);
};
const three = async () => {
  for (let at = 0; at < 3; at++) await act();
};
const found = () =>
  store.database.own.take().map(({ plane, first, last, what }) => [plane, Number(first), Number(last), what]);

test.each([
  ['taken back', takeBack, 3, 'missing'],
  ['another', replace, 3, 'altered'],
] as const)(
  'a last record that is %s is found, before a leaf covers it',
  async (_what, tamper, seq, what) => {
    await three();
    await tamper();
    await lookAtOwnRecord(context);
    expect(found()).toEqual([[writer(), seq, 3, what]]);
    // Told once; what is there counts from here on.
    await act();
    await lookAtOwnRecord(context);
    expect(found()).toEqual([]);
  },
);

test.each([
  ['taken back', takeBack, 3, 'missing'],
  ['another', replace, 3, 'altered'],
] as const)('that it is %s is found by the next one, too', async (_what, tamper, seq, what) => {
  await three();
  await tamper();
  await act();
  expect(found()).toEqual([[writer(), seq, 3, what]]);
});

test('all of them taken back', async () => {
  await three();
  await records().deleteMany({ plane: writer() });
  await writers().deleteMany({ plane: writer() });
  await act();
  expect(found()).toEqual([[writer(), 1, 3, 'missing']]);
});

test('transactions that collide, fail and are looked at meanwhile are in order', async () => {
  const together = (at: number) =>
    store.database.transaction(async (session) => {
      const action = { caller: undefined, action: 'login', resource: `${at}` } as const;
      await recordActions(context, session, [action, action]);
    });
  const failing = () =>
    store.database.transaction(async (session) => {
      await recordActions(context, session, [{ caller: undefined, action: 'login', resource: 'none' }]);
      throw new Error('no');
    });
  const steps = Array.from({ length: 20 }, (_, at) => [
    together(at),
    act(),
    failing().catch(() => undefined),
    lookAtOwnRecord(context),
  ]);
  await Promise.all(steps.flat());
  await act();
  expect(found()).toEqual([]);
  expect(await records().countDocuments({ plane: writer() })).toBe(61);
});
