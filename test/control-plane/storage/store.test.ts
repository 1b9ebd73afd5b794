import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Database, isStoreUnavailable } from '../../../control-plane/storage/database.ts';
import { withLease } from '../../../control-plane/storage/migrations/lease.ts';
import { migrate } from '../../../control-plane/storage/migrations/migrate.ts';
import { MIGRATIONS } from '../../../control-plane/storage/migrations/migrations.ts';
import { SCHEMAS } from '../../../control-plane/storage/schema/index.ts';
import { loadMasterKey } from '../../../control-plane/storage/sealing/master-key.ts';
import { createSeal, SealError } from '../../../control-plane/storage/sealing/seal.ts';
import { watchCollection } from '../../../control-plane/storage/watch.ts';
import { openTestMongo, openToLook, type TestMongo } from '../../env/mongo.ts';

const never = new AbortController().signal;
let directory: string;
let mongo: TestMongo;
let database: Database;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-store-'));
  mongo = await openTestMongo();
});
afterAll(async () => {
  await database.close();
  await mongo.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  await database?.close();
  database = await openToLook(mongo.uri, mongo.newDatabase());
});

describe('migrate', () => {
  test('has versions without gaps: a store knows how far it is by the last one', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, at) => at + 1));
  });

  test('makes every collection with its validator and indexes, once, for replicas that start together', async () => {
    const other = await openToLook(mongo.uri, database.db.databaseName);
    const counts = await Promise.all([migrate(database, 'one', never), migrate(other, 'two', never)]);
    await other.close();
    expect(counts.sort()).toEqual([0, MIGRATIONS.length]);
    expect(await migrate(database, 'three', never)).toBe(0);
    const collections = await database.db.listCollections().toArray();
    for (const schema of SCHEMAS) {
      const made = collections.find(({ name }) => name === schema.name);
      expect(made).toMatchObject({ options: { validator: schema.validator, validationAction: 'error' } });
      const indexes = await database.db.collection(schema.name).indexes();
      expect(indexes.map(({ name }) => name)).toEqual(['_id_', ...schema.indexes.map(({ name }) => name)]);
    }
    await expect(database.db.collection('heads').insertOne({ revision: 'x' })).rejects.toThrow(
      /failed validation/,
    );
  });

  test('takes away the indexes of before, and makes those of now, where there is a database already', async () => {
    await migrate(database, 'one', never);
    const approvals = database.db.collection('approvals');
    await approvals.dropIndex('planes_expire');
    await approvals.createIndex({ planes: 1, state: 1 }, { name: 'planes_state' });
    await database.db.collection<{ _id: number }>('migrations').deleteMany({ _id: { $gte: 18 } });
    await migrate(database, 'one', never);
    const names = (await approvals.indexes()).map(({ name }) => name);
    expect(names).toContain('planes_expire');
    expect(names).not.toContain('planes_state');
  });

  test('goes on after it was interrupted', async () => {
    await migrate(database, 'one', never);
    await database.db.collection('migrations').deleteMany({});
    expect(await migrate(database, 'one', never)).toBe(MIGRATIONS.length);
  });

  test('refuses a store of a newer version', async () => {
    await database.db.collection<{ _id: number }>('migrations').insertOne({ _id: 1_000 });
    await expect(migrate(database, 'one', never)).rejects.toThrow(/written by a newer Sworn/);
  });

  test('waits for the lease, and takes it over from a replica that is gone', async () => {
    const order: string[] = [];
    await Promise.all(
      ['one', 'two', 'three'].map((holder) =>
        withLease(database.db, holder, never, async () => {
          order.push(`${holder} begins`);
          await database.ping();
          order.push(`${holder} ends`);
        }),
      ),
    );
    for (let at = 0; at < order.length; at += 2)
      expect(order[at + 1]).toBe(order[at]?.replace('begins', 'ends'));
    const lease = { _id: 'lease', holder: 'gone', expireTime: new Date(Date.now() - 1) };
    await database.db.collection<{ _id: string }>('migrationLease').insertOne(lease);
    expect(await withLease(database.db, 'next', never, async () => 'done')).toBe('done');
    const held = { _id: 'lease', holder: 'alive', expireTime: new Date(Date.now() + 60_000) };
    await database.db.collection<{ _id: string }>('migrationLease').insertOne(held);
    const waiting = withLease(database.db, 'next', AbortSignal.timeout(300), async () => 'done');
    await expect(waiting).rejects.toThrow(/abort/i);
  });
});

describe('the database', () => {
  test('commits a transaction whole, or not at all', async () => {
    await database.db.createCollection('things');
    const things = database.db.collection('things');
    await database.transaction((session) => things.insertOne({ n: 1 }, { session }));
    const failing = database.transaction(async (session) => {
      await things.insertOne({ n: 2 }, { session });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await things.countDocuments()).toBe(1);
  });

  test('takes turns where transactions conflict', async () => {
    const counters = database.db.collection<{ _id: string; n: number }>('counters');
    await counters.insertOne({ _id: 'a', n: 0 });
    const add = () =>
      database.transaction(async (session) => {
        const { n } = (await counters.findOne({ _id: 'a' }, { session })) ?? { n: -100 };
        await counters.updateOne({ _id: 'a' }, { $set: { n: n + 1 } }, { session });
      });
    await Promise.all([add(), add(), add(), add()]);
    expect((await counters.findOne({ _id: 'a' }))?.n).toBe(4);
  });

  test('fails in time when nothing answers, and says so', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const away = await openToLook(`mongodb://127.0.0.1:${port}/?replicaSet=x`, 'a');
    let runs = 0;
    const insert = away.transaction((session) => {
      runs += 1;
      return away.db.collection('a').insertOne({}, { session });
    });
    const errors = await Promise.all([away.ping(), insert].map((run) => run.catch((error: Error) => error)));
    expect(errors.map(isStoreUnavailable)).toEqual([true, true]);
    // Each has waited once for a server, and no more.
    for (const error of errors) expect(String(error)).toContain('Server selection timed out after 5000 ms');
    expect(runs).toBe(1);
    await away.close();
    silent.close();
    expect(isStoreUnavailable(new Error('other'))).toBe(false);
  });
});

describe('watchCollection', () => {
  test('hints at the opening, at changes, and after the collection was dropped', async () => {
    const things = database.db.collection('things');
    await things.insertOne({});
    const stop = new AbortController();
    const hints = new EventTarget();
    let count = 0;
    const next = () => once(hints, 'hint');
    // The poll never comes by itself: what hints here is the change stream.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const opened = next();
    watchCollection(
      database,
      'things',
      () => {
        count += 1;
        hints.dispatchEvent(new Event('hint'));
      },
      stop.signal,
    );
    await opened;
    const changed = next();
    await things.insertOne({});
    await changed;
    const dropped = next();
    await things.drop();
    await dropped;
    const reopened = next();
    await things.insertOne({});
    await reopened;
    // And every few seconds without any event.
    const polled = next();
    vi.advanceTimersByTime(5_000);
    await polled;
    stop.abort();
    const before = count;
    vi.advanceTimersByTime(60_000);
    await things.insertOne({});
    await database.ping();
    expect(count).toBe(before);
  });
});

describe('the seal', () => {
  const seal = createSeal(randomBytes(32));
  const plain = Buffer.from('sk-secret');

  test('opens what it sealed, and never seals alike', () => {
    const sealed = seal.seal(plain, 'a');
    expect(Buffer.from(seal.open(sealed, 'a'))).toEqual(plain);
    expect(Buffer.from(sealed).includes(plain)).toBe(false);
    expect(seal.seal(plain, 'a')).not.toEqual(sealed);
    expect(seal.open(seal.seal(new Uint8Array(), 'a'), 'a')).toHaveLength(0);
  });

  test('opens nothing that was changed, moved, cut or sealed with another key', () => {
    const sealed = seal.seal(plain, 'upstreams/a');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => seal.open(changed, 'upstreams/a')).toThrow(SealError);
    }
    expect(() => seal.open(sealed, 'upstreams/b')).toThrow(SealError);
    expect(() => seal.open(sealed.subarray(0, sealed.length - 1), 'upstreams/a')).toThrow(SealError);
    expect(() => seal.open(new Uint8Array(), 'upstreams/a')).toThrow(SealError);
    expect(() => createSeal(randomBytes(32)).open(sealed, 'upstreams/a')).toThrow(SealError);
  });
});

describe('the master key', () => {
  test('is made once, for its owner only, also by two processes at once', async () => {
    const state = join(directory, 'state');
    const keys = await Promise.all([loadMasterKey(state), loadMasterKey(state), loadMasterKey(state)]);
    expect(keys[1]).toEqual(keys[0]);
    expect(keys[2]).toEqual(keys[0]);
    expect(await loadMasterKey(state)).toEqual(keys[0]);
    expect(await readdir(state)).toEqual(['master.key']);
    expect((await stat(join(state, 'master.key'))).mode & 0o777).toBe(0o600);
  });

  test('is refused when others may read it, or when it is none', async () => {
    const state = join(directory, 'open');
    await loadMasterKey(state);
    await chmod(join(state, 'master.key'), 0o644);
    await expect(loadMasterKey(state)).rejects.toThrow(/open to others \(mode 644\); run: chmod 600/);
    await chmod(join(state, 'master.key'), 0o600);
    await writeFile(join(state, 'master.key'), 'short');
    await expect(loadMasterKey(state)).rejects.toThrow(/is not a master key/);
  });
});
