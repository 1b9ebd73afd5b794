import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordAction } from '../../../control-plane/audit/actions.ts';
import { advanceLog } from '../../../control-plane/log/advance.ts';
import { openLog } from '../../../control-plane/log/open.ts';
import { publishCheckpoint } from '../../../control-plane/log/publish.ts';
import { createWitnesses } from '../../../control-plane/log/witnesses.ts';
import { StoreError } from '../../../control-plane/storage/error.ts';
import { macOfPlace, SEALED_RECORDS } from '../../../control-plane/storage/migrations/0019-seal-records.ts';
import { migrate } from '../../../control-plane/storage/migrations/migrate.ts';
import { MIGRATIONS } from '../../../control-plane/storage/migrations/migrations.ts';
import { PLAIN_TYPES } from '../../../control-plane/storage/plain-types.ts';
import type { RecordDocument } from '../../../control-plane/storage/record/records.ts';
import { type LogStore, openLogStore, storeRecords } from '../log/env.ts';

const never = new AbortController().signal;
let store: LogStore;
beforeAll(async () => {
  store = await openLogStore();
}, 120_000);
beforeEach(() => store.clear());
afterAll(() => store.close());

/** As a version before migration 19 left the database. */
async function setBack(): Promise<void> {
  const { db } = store.database;
  await db.collection<{ _id: number }>('migrations').deleteMany({ _id: { $gte: 19 } });
  for (const name of ['records', 'log']) await db.collection(name).updateMany({}, { $unset: { mac: '' } });
}

test('what a database of before has is taken as it stands, once, and the log goes on', async () => {
  const context = store.replica({ checkpointInterval: 0 });
  const act = () => recordAction(context, undefined, { caller: undefined, action: 'login', resource: 'a' });
  // A control plane of before has never seen them sealed.
  const highest = (name: string) => (name === SEALED_RECORDS ? 0 : store.database.memory.highest(name));
  const before = { ...store.database, memory: { ...store.database.memory, highest } };
  await openLog(context);
  await act();
  await advanceLog(context, undefined);
  await act();
  await setBack();
  expect(await migrate(before, 'one', never)).toBe(MIGRATIONS.length - 18);
  expect(store.lines.filter((line) => line.includes('records_sealed'))).toHaveLength(1);
  const log = await openLog(context);
  expect(await advanceLog(context, undefined)).toMatchObject({ added: 1, damage: [] });
  await publishCheckpoint(context, log, createWitnesses(context));
  // Who sets the version back does not have what they made up since taken as well.
  await setBack();
  await expect(migrate(store.database, 'one', never)).rejects.toThrow(StoreError);
  expect(await migrate(store.database, 'one', never, { isTrusted: true })).toBe(MIGRATIONS.length - 18);
});

test('when records of before came is taken as it stands, once; what no control plane wrote in its name is not', async () => {
  const context = store.replica({ checkpointInterval: 0 });
  const { db, seal, memory } = store.database;
  const records = db.collection<RecordDocument>('records', PLAIN_TYPES);
  const highest = (name: string) => Math.min(1, memory.highest(name));
  const before = { ...store.database, memory: { ...memory, highest } };
  await openLog(context);
  const action = { caller: undefined, action: 'login', resource: 'a' } as const;
  await recordAction(context, undefined, action);
  await storeRecords(store.database, { plane: 'planes/east', epoch: 1n }, 2);
  await storeRecords(store.database, { plane: 'control-plane/none', epoch: 1n }, 1);
  // As migration 19 left the database.
  const setBackTo20 = async () => {
    await db.collection<{ _id: number }>('migrations').deleteMany({ _id: { $gt: 20 } });
    await records.updateMany({}, { $unset: { mac: '' } });
    const [own] = await records.find({ action: 'login' }).toArray();
    if (own !== undefined)
      await records.updateOne({ _id: own._id }, { $set: { mac: macOfPlace(seal, own) } });
  };
  await setBackTo20();
  expect(await migrate(before, 'one', never)).toBe(MIGRATIONS.length - 20);
  expect(await migrate(before, 'one', never)).toBe(0);
  const { added, damage } = await advanceLog(context, undefined);
  expect([added, damage.map(({ plane }) => plane)]).toEqual([3, ['control-plane/none']]);
  // A start that was interrupted goes on; who sets the version back has nothing taken again.
  await db.collection<{ _id: number }>('migrations').deleteMany({ _id: { $gt: 20 } });
  expect(await migrate(before, 'one', never)).toBe(MIGRATIONS.length - 20);
  expect(store.lines.filter((line) => line.includes('receipt_sealed'))).toHaveLength(1);
  await setBackTo20();
  await expect(migrate(store.database, 'one', never)).rejects.toThrow(StoreError);
});
