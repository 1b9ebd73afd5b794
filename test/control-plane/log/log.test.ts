import { Long } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { growTiles } from '#core/evidence/tiles/grow.ts';
import { recordAction } from '../../../control-plane/audit/actions.ts';
import { advanceLog } from '../../../control-plane/log/advance.ts';
import { readLeaves } from '../../../control-plane/log/entries.ts';
import { LogFault } from '../../../control-plane/log/fault.ts';
import { openLog } from '../../../control-plane/log/open.ts';
import { createOwnWatch } from '../../../control-plane/log/own.ts';
import { publishCheckpoint } from '../../../control-plane/log/publish.ts';
import { runLog } from '../../../control-plane/log/run.ts';
import { createWitnesses } from '../../../control-plane/log/witnesses.ts';
import { findNewestCheckpoint } from '../../../control-plane/storage/log/checkpoints.ts';
import { findLog } from '../../../control-plane/storage/log/log.ts';
import { findLeafIndex } from '../../../control-plane/storage/log/log-runs.ts';
import { findTile } from '../../../control-plane/storage/log/log-tiles.ts';
import { openCheckpoint } from '../../env/checkpoints.ts';
import { until } from '../../env/until.ts';
import { type LogStore, openLogStore, stops, storeRecords } from './env.ts';

let store: LogStore;
beforeAll(async () => {
  store = await openLogStore();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

const EAST = { plane: 'planes/east', epoch: 1n };
const WEST = { plane: 'planes/west', epoch: 1n };

async function start(more = {}) {
  const context = store.replica(more);
  const log = await openLog(context);
  const witnesses = createWitnesses(context);
  return {
    context,
    log,
    advance: (limit?: number) => advanceLog(context, log.signer.signed, limit),
    publish: () => publishCheckpoint(context, log, witnesses),
  };
}

describe('sequencing', () => {
  test('every record becomes one leaf, those of an epoch in their order, whatever the steps', async () => {
    const { advance } = await start();
    await storeRecords(store.database, EAST, 300);
    await storeRecords(store.database, WEST, 40);
    expect((await advance(100)).added).toBe(100);
    await storeRecords(store.database, { ...EAST, epoch: 2n }, 10);
    await storeRecords(store.database, WEST, 500);
    let added = 1;
    while (added > 0) ({ added } = await advance(70));
    const size = (await findLog(store.database))?.head.size ?? 0;
    expect(size).toBe(850);
    const leaves = (await readLeaves(store.database, 0, size)) ?? [];
    const texts = leaves.map((bytes) => Buffer.from(bytes).toString().trimEnd().split(' '));
    const east = texts.filter(([plane]) => plane === EAST.plane).map(([, epoch, seq]) => `${epoch}/${seq}`);
    const numbers = (count: number, epoch: number) =>
      Array.from({ length: count }, (_, at) => `${epoch}/${at + 1}`);
    expect(east).toEqual([...numbers(300, 1), ...numbers(10, 2)]);
    for (const [plane, epoch, seq] of [
      ['planes/east', 1n, 299n],
      ['planes/west', 1n, 540n],
    ] as const) {
      const index = await findLeafIndex(store.database, { plane, epoch }, seq);
      expect(texts[index ?? -1]?.slice(0, 3)).toEqual([plane, `${epoch}`, `${seq}`]);
    }
    expect(await findLeafIndex(store.database, WEST, 541n)).toBeUndefined();
    expect(await findLeafIndex(store.database, { plane: 'planes/none', epoch: 1n }, 1n)).toBeUndefined();
  });

  test('a long backlog does not hold up others', async () => {
    const { advance } = await start();
    await storeRecords(store.database, EAST, 300);
    await storeRecords(store.database, WEST, 3);
    await advance(50);
    expect(await findLeafIndex(store.database, WEST, 3n)).toBeLessThan(50);
  });

  test('tiles and root are those that the records give', async () => {
    const { advance } = await start();
    for (const count of [1, 254, 1, 1, 300]) {
      await storeRecords(store.database, EAST, count);
      await advance();
    }
    const leaves = ((await readLeaves(store.database, 0, 557)) ?? []).map(leafHash);
    const expected = await growTiles(0, leaves, () => Buffer.alloc(0));
    expect(expected.map(({ id }) => `${id.level}/${id.index}.${id.width}`)).toEqual([
      '0/0.256',
      '0/1.256',
      '0/2.45',
      '1/0.2',
    ]);
    for (const { id, bytes } of expected)
      expect(await findTile(store.database, id)).toEqual(Buffer.from(bytes));
    expect((await findLog(store.database))?.head).toEqual({ size: 557, root: rootOf(leaves) });
  });

  test('records that are gone or altered before they are leaves are told, and hold up none', async () => {
    const { advance } = await start();
    await storeRecords(store.database, EAST, 10);
    const records = store.database.db.collection('records');
    await records.deleteMany({ seq: { $in: [3, 4, 10] } });
    await records.updateOne({ seq: 7 }, { $set: { bytes: Buffer.from('other') } });
    const { added, damage } = await advance();
    expect(added).toBe(6);
    expect(damage.map(({ first, last, what }) => `${first}-${last} ${what}`)).toEqual([
      '3-4 missing',
      '7-7 altered',
      '10-10 missing',
    ]);
    await storeRecords(store.database, EAST, 1);
    expect((await advance()).added).toBe(1);
    expect(await findLeafIndex(store.database, EAST, 4n)).toBeUndefined();
    expect(await findLeafIndex(store.database, EAST, 11n)).toBe(6);
    expect(await readLeaves(store.database, 0, 7)).toHaveLength(7);
  });

  test('a record of its own that is taken back before it is a leaf raises an alarm', async () => {
    const { context, log } = await start();
    const plane = `control-plane/${context.replica}`;
    for (const resource of ['one', 'two'])
      await recordAction(context, undefined, { caller: undefined, action: 'content.read', resource });
    const { db } = store.database;
    const [first] = await db.collection('records').find({ plane, seq: 1 }).toArray();
    await db.collection('records').deleteOne({ plane, seq: 2 });
    const head = { seq: Long.fromNumber(1), digest: first?.['digest'] };
    await db.collection('writers').updateOne({ plane }, { $set: head });
    const running = runLog(context, log, { setLog: () => undefined, setWitnessesAway: () => undefined });
    await until('the alarm', async () => {
      const alarm = { action: 'alarm.record_missing', resource: plane };
      return (await db.collection('records').countDocuments(alarm)) === 1;
    });
    stops.get(context)?.abort();
    await running;
    expect(store.lines.join()).toContain(`records 2 to 2 of epoch 1 of ${plane} are missing`);
  });

  test('a record of its own that is held up is told once, also where the places of leaves say that it is one', async () => {
    const { context, advance } = await start();
    const { db } = store.database;
    const watch = createOwnWatch(context, 0);
    const act = () =>
      recordAction(context, undefined, { caller: undefined, action: 'content.read', resource: 'one' });
    await act();
    await advance();
    expect(await watch.look(false)).toEqual([]);
    await act();
    expect(await watch.look(true)).toEqual([expect.objectContaining({ what: 'late', last: 2n })]);
    expect(await watch.look(false)).toEqual([]);
    await advance();
    expect(await watch.look(false)).toEqual([]);
    const plane = `control-plane/${context.replica}`;
    const numbers = { epoch: 1, seq: 3, count: 10, _id: 1 };
    const run = Object.fromEntries(
      Object.entries(numbers).map(([key, value]) => [key, Long.fromNumber(value)]),
    );
    await db.collection('logRuns').deleteOne({ _id: Long.fromNumber(1) as never });
    await db.collection('logRuns').insertOne({ ...run, plane } as never);
    await act();
    expect((await advance()).added).toBe(0);
    expect(await watch.look(false)).toEqual([expect.objectContaining({ what: 'late', last: 3n })]);
  });

  test('records that somebody made up in the name of a control plane are told, and are no leaves', async () => {
    const { context, advance } = await start();
    const own = { plane: `control-plane/${context.replica}`, epoch: 1n };
    await recordAction(context, undefined, { caller: undefined, action: 'content.read', resource: 'one' });
    await storeRecords(store.database, { plane: 'control-plane/none', epoch: 1n }, 2);
    await storeRecords(store.database, own, 1);
    const records = store.database.db.collection('records');
    await records.updateMany({ $or: [{ plane: 'control-plane/none' }, { seq: 2 }] }, { $unset: { mac: '' } });
    const { added, damage } = await advance();
    expect(damage.map(({ plane, first, last, what }) => `${plane} ${first}-${last} ${what}`)).toEqual([
      `${own.plane} 2-2 altered`,
      'control-plane/none 1-2 altered',
    ]);
    expect([added, await findLeafIndex(store.database, own, 1n)]).toEqual([1, 0]);
    // A MAC is for its place and its bytes alone.
    const [first] = await records.find({ plane: own.plane, seq: 1 }).toArray();
    await records.updateMany({ seq: 2 }, { $set: { mac: first?.['mac'] } });
    expect((await advance()).added).toBe(0);
  });

  test('records of a plane that somebody made up, or put into another order, are told, are no leaves and hold up none', async () => {
    const { advance } = await start();
    await storeRecords(store.database, EAST, 8);
    await storeRecords(store.database, WEST, 1);
    const records = store.database.db.collection('records');
    const made = { $unset: { mac: '' as const } };
    await records.updateMany({ plane: EAST.plane, seq: { $lte: 5 } }, made);
    const late = { receiveTime: new Date(Date.now() + 60_000) };
    await records.updateOne({ plane: EAST.plane, seq: 6 }, { $set: late });
    const { added, damage } = await advance(3);
    expect(added).toBe(3);
    expect(damage).toEqual([{ ...EAST, first: 1n, last: 6n, what: 'altered' }]);
    expect(await findLeafIndex(store.database, EAST, 6n)).toBeUndefined();
    for (const leaf of [
      { ...EAST, seq: 7n },
      { ...EAST, seq: 8n },
      { ...WEST, seq: 1n },
    ]) {
      expect(await findLeafIndex(store.database, leaf, leaf.seq)).toBeDefined();
    }
  });

  test('a record that somebody put between two is no leaf, and holds up none', async () => {
    const { advance } = await start();
    await storeRecords(store.database, EAST, 4);
    const records = store.database.db.collection('records');
    const [second] = await records.find({ plane: EAST.plane, seq: 2 }).toArray();
    for (const seq of [2.5, 4.5])
      await records.insertOne({ ...second, _id: `${seq}` as never, seq }, { bypassDocumentValidation: true });
    expect(await advance()).toMatchObject({ added: 4, damage: [] });
    await storeRecords(store.database, EAST, 2);
    expect(await advance()).toMatchObject({ added: 2, damage: [] });
    expect(await readLeaves(store.database, 0, 6)).toHaveLength(6);
  });

  test('a leaf that somebody put into the log past the control plane is not signed, and nothing is added', async () => {
    const { advance, publish } = await start({ checkpointInterval: 0 });
    await storeRecords(store.database, EAST, 3);
    await advance();
    await publish();
    // As the sequencer does it, but for the MAC.
    await storeRecords(store.database, WEST, 1);
    const { db } = store.database;
    const [before] = await db.collection('log').find().toArray();
    await advance();
    await db.collection('log').updateOne({}, { $set: { mac: before?.['mac'] } });
    await expect(publish()).rejects.toThrow('no control plane wrote that the log has 4 leaves');
    await storeRecords(store.database, EAST, 1);
    await expect(advance()).rejects.toThrow(LogFault);
  });

  test('records that were stored before there was a log become leaves', async () => {
    await storeRecords(store.database, EAST, 5);
    await store.database.db.collection('writers').updateMany({}, { $unset: { isUnlogged: '' } });
    const { advance } = await start();
    expect((await advance()).added).toBe(5);
  });

  test('it looks up waiting epochs and their runs by indexes', async () => {
    const { advance } = await start();
    await storeRecords(store.database, EAST, 5);
    await advance();
    const profile = store.database.db;
    await profile.command({ profile: 2 });
    await advance();
    await profile.command({ profile: 0 });
    const plans = await profile
      .collection('system.profile')
      .find({ ns: { $regex: /\.(writers|logRuns|records|logTiles)$/ } })
      .toArray();
    await profile.collection('system.profile').drop();
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.map(({ planSummary }) => planSummary).join()).not.toContain('COLLSCAN');
    expect(plans.map(({ docsExamined }) => docsExamined ?? 0).reduce((a, b) => a + b, 0)).toBeLessThan(10);
  });
});

describe('checkpoints', () => {
  test('are signed with the key of the state directory, and each goes on from the one before', async () => {
    const { advance, publish, log } = await start({ checkpointInterval: 0 });
    for (const count of [0, 5, 300]) {
      if (count > 0) await storeRecords(store.database, EAST, count);
      await advance();
      await publish();
      const newest = await findNewestCheckpoint(store.database);
      const checkpoint = openCheckpoint(newest?.note ?? '', log.key);
      expect(checkpoint).toMatchObject({
        size: count === 300 ? 305 : count,
        root: Uint8Array.from((await findLog(store.database))?.head.root ?? []),
      });
    }
    expect(await store.database.db.collection('checkpoints').countDocuments()).toBe(3);
  });
});
