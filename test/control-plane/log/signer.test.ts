import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ControlPlaneSettings } from '../../../control-plane/config/settings.ts';
import { advanceLog } from '../../../control-plane/log/advance.ts';
import { openLog } from '../../../control-plane/log/open.ts';
import { publishCheckpoint } from '../../../control-plane/log/publish.ts';
import { runPublisher } from '../../../control-plane/log/run.ts';
import { createWitnesses } from '../../../control-plane/log/witnesses.ts';
import { findNewestCheckpoint } from '../../../control-plane/storage/log/checkpoints.ts';
import { until } from '../../env/until.ts';
import { type LogStore, openLogStore, stops, storeRecords } from './env.ts';

let store: LogStore;
beforeAll(async () => {
  store = await openLogStore();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

const EAST = { plane: 'planes/east', epoch: 1n };
const collection = (name: string) => store.database.db.collection(name);

async function start(more: Partial<ControlPlaneSettings> = {}) {
  const context = store.replica({ checkpointInterval: 0, ...more });
  const log = await openLog(context);
  const publish = () => publishCheckpoint(context, log, createWitnesses(context));
  return {
    context,
    log,
    publish,
    /** Stores records, makes them leaves, signs the tree. */
    async grow(count: number) {
      await storeRecords(store.database, EAST, count);
      await advanceLog(context, log.signer.signed);
      await publish();
    },
  };
}

describe('a restored dump', () => {
  test('is refused while it is smaller than what was signed, and when it has grown differently', async () => {
    const { context, log, grow, publish } = await start();
    await grow(10);
    const dump = await store.dump();
    await grow(20);
    await store.restore(dump);
    await expect(publish()).rejects.toMatchObject({ name: 'LogFault', code: 'rolled_back' });
    // Nothing is added to it either.
    await storeRecords(store.database, { ...EAST, epoch: 2n }, 50);
    expect(await advanceLog(context, log.signer.signed)).toMatchObject({ added: 0, isBeaten: true });
    // As if it had been, by somebody who forgot what was signed.
    expect(await advanceLog(context, undefined)).toMatchObject({ added: 50 });
    await expect(publish()).rejects.toMatchObject({ code: 'inconsistent' });
    expect((await findNewestCheckpoint(store.database))?.size).toBe(10);
  });

  test('is refused after a restart, too; the newer data put back, signing goes on', async () => {
    const first = await start();
    await first.grow(10);
    const old = await store.dump();
    await first.grow(20);
    const whole = await store.dump();
    await store.restore(old);
    const { stateDirectory } = first.context.settings;
    const second = await start({ stateDirectory });
    await expect(second.publish()).rejects.toMatchObject({ code: 'rolled_back' });
    await store.restore(whole);
    await second.grow(5);
    expect((await findNewestCheckpoint(store.database))?.size).toBe(35);
  });

  test('of nothing at all is refused under the name that was signed', async () => {
    const first = await start();
    await first.grow(10);
    await store.clear();
    const second = await start({ stateDirectory: first.context.settings.stateDirectory });
    expect(second.log.origin).toBe(first.log.origin);
    await expect(second.publish()).rejects.toMatchObject({ code: 'rolled_back' });
  });

  test('whose newer data are lost: a new log takes all records, the old one stays as evidence', async () => {
    const first = await start();
    await first.grow(10);
    // The words of docs/log.md.
    for (const name of ['log', 'logTiles', 'logRuns', 'checkpoints']) {
      await collection(name)
        .aggregate([{ $out: `${name}Lost` }])
        .toArray();
      await collection(name).deleteMany({});
    }
    const second = await start();
    expect(second.log.origin).not.toBe(first.log.origin);
    await second.grow(5);
    expect((await findNewestCheckpoint(store.database))?.size).toBe(15);
    expect(await collection('checkpointsLost').countDocuments()).toBe(1);
  });

  test('raises an alarm once, degrades health, and both end when the log is whole again', async () => {
    const { context, log, grow } = await start({ checkpointInterval: 100 });
    await grow(10);
    const old = await store.dump();
    await until('an old enough checkpoint', async () => {
      await grow(1);
      return (log.signer.signed?.size ?? 0) > 10;
    });
    const whole = await store.dump();
    await store.restore(old);
    const health: boolean[] = [];
    const running = runPublisher(context, log, {
      setLog: (isSound) => void health.push(isSound),
      setWitnessesAway: () => undefined,
    });
    await until('the alarm', () => health.includes(false));
    const alarms = () => collection('records').countDocuments({ action: 'alarm.log_rolled_back' });
    await until('the record of the alarm', async () => (await alarms()) === 1);
    expect(store.lines.filter((line) => line.includes('ALARM'))).toHaveLength(1);
    await store.restore(whole);
    await until('the end of it', () => health.at(-1) === true);
    stops.get(context)?.abort();
    await running;
  });
});

test('a clock that goes back holds up no checkpoint', async () => {
  const context = store.replica({ checkpointInterval: 60_000 });
  const log = await openLog(context);
  let nowMs = Date.now();
  const publish = () =>
    publishCheckpoint({ ...context, now: () => new Date(nowMs) }, log, createWitnesses(context));
  const grow = async (): Promise<number | undefined> => {
    await storeRecords(store.database, EAST, 10);
    await advanceLog(context, log.signer.signed);
    await publish();
    return (await findNewestCheckpoint(store.database))?.size;
  };
  expect(await grow()).toBe(10);
  // The last one is too young; seen from an hour before, it is of a time to come.
  expect(await grow()).toBe(10);
  nowMs -= 3_600_000;
  expect(await grow()).toBe(30);
});

describe('tampering', () => {
  test.each([
    ['a tile flipped', () => flip('0/0')],
    ['a tile gone', () => collection('logTiles').deleteOne({ _id: '0/0' } as object)],
    ['a tile cut', () => cut('0/0')],
    ['the root changed', () => collection('log').updateOne({}, { $set: { root: Buffer.alloc(32, 7) } })],
    ['the log gone', () => collection('log').deleteMany({})],
    ['a checkpoint changed', () => collection('checkpoints').updateMany({}, { $set: { note: 'x' } })],
  ])('%s: nothing is added or signed', async (_name, tamper) => {
    const { context, log, grow, publish } = await start();
    await grow(100);
    await grow(100);
    await tamper();
    await storeRecords(store.database, EAST, 10);
    await advanceLog(context, log.signer.signed).catch((error) => {
      expect(error).toMatchObject({ name: 'LogFault' });
    });
    await expect(publish()).rejects.toMatchObject({ name: 'LogFault' });
    expect(await collection('checkpoints').countDocuments({ _id: { $gt: 200 } } as object)).toBe(0);
  });

  test('of an inner, full tile is noticed where a proof reads it', async () => {
    const { context, log, grow, publish } = await start();
    await grow(100);
    for (let round = 0; round < 2; round++) {
      await storeRecords(store.database, EAST, 300);
      await advanceLog(context, log.signer.signed);
    }
    await flip('0/0');
    await expect(publish()).rejects.toMatchObject({ code: 'inconsistent' });
  });

  async function flip(id: string): Promise<void> {
    await change(id, (bytes) => {
      bytes[37] = (bytes[37] ?? 0) ^ 1;
      return bytes;
    });
  }
  async function cut(id: string): Promise<void> {
    await change(id, (bytes) => bytes.subarray(0, -32));
  }
  async function change(id: string, edit: (bytes: Buffer) => Uint8Array): Promise<void> {
    const tiles = collection('logTiles');
    const found = await tiles.findOne({ _id: id } as object, { promoteBuffers: true });
    await tiles.updateOne({ _id: id } as object, { $set: { bytes: edit(found?.['bytes']) } });
  }
});

describe('the state directory', () => {
  test('has the key and the last checkpoint, for nobody else to read', async () => {
    const { context, grow } = await start();
    await grow(3);
    const { stateDirectory } = context.settings;
    for (const name of ['log.key', 'log.checkpoint']) {
      expect((await stat(join(stateDirectory, name))).mode & 0o777).toBe(0o600);
    }
    const newest = await findNewestCheckpoint(store.database);
    expect(await readFile(join(stateDirectory, 'log.checkpoint'), 'utf8')).toBe(newest?.note);
  });

  test('of another key is refused, and says what to do', async () => {
    await start();
    await expect(start()).rejects.toThrow(/another key .*copy log\.key/);
  });

  test('of another log is refused', async () => {
    const first = await start({ logOrigin: 'one.example.org/log' });
    await first.grow(3);
    await store.clear();
    const { stateDirectory } = first.context.settings;
    const folder = store.folder();
    await mkdir(folder);
    await cp(join(stateDirectory, 'log.key'), join(folder, 'log.key'));
    await start({ logOrigin: 'two.example.org/log', stateDirectory: folder });
    await expect(start({ stateDirectory })).rejects.toThrow(/signed the log one\.example\.org\/log/);
  });

  test('a log keeps its name', async () => {
    const { context } = await start({ logOrigin: 'one.example.org/log' });
    const { stateDirectory } = context.settings;
    await expect(start({ logOrigin: 'two.example.org/log', stateDirectory })).rejects.toThrow(
      /keeps its name/,
    );
  });

  test('without a memory goes by the newest published checkpoint, and says so', async () => {
    const first = await start();
    await first.grow(10);
    const { stateDirectory } = first.context.settings;
    await rm(join(stateDirectory, 'log.checkpoint'));
    const second = await start({ stateDirectory });
    expect(second.log.signer.signed?.size).toBe(10);
    expect(store.lines.join()).toContain('log_memory_absent');
  });

  test('with a damaged memory ends the start', async () => {
    const first = await start();
    await first.grow(10);
    const { stateDirectory } = first.context.settings;
    await writeFile(join(stateDirectory, 'log.checkpoint'), 'x');
    await expect(start({ stateDirectory })).rejects.toThrow(/log\.checkpoint is not a checkpoint/);
  });
});
