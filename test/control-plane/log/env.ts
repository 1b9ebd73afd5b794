import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from 'mongodb';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { resolveSettings } from '#core/settings/settings.ts';
import { type ControlPlaneSettings, SETTINGS } from '../../../control-plane/config/settings.ts';
import type { Context } from '../../../control-plane/context.ts';
import { type Database, openDatabase } from '../../../control-plane/storage/database.ts';
import { migrate } from '../../../control-plane/storage/migrations/migrate.ts';
import { insertRecords, type RecordDocument } from '../../../control-plane/storage/record/records.ts';
import { advanceHead, readHead, type WriterEpoch } from '../../../control-plane/storage/record/writers.ts';
import { createSeal } from '../../../control-plane/storage/sealing/seal.ts';
import { readStoreTime } from '../../../control-plane/storage/store-time.ts';
import { openTestKeys } from '../../env/evidence-keys.ts';
import { openTestMongo, type TestMongo } from '../../env/mongo.ts';

/** A database that is migrated, with replicas of the control plane on it, on a real mongod. */
export interface LogStore {
  readonly database: Database;
  readonly uri: string;
  readonly name: string;
  /** Of all its replicas. */
  readonly masterKey: Buffer;
  /** What was logged, one JSON line each. */
  readonly lines: string[];
  /** A folder of its own. */
  folder(): string;
  /** The context of one more replica. */
  replica(settings?: Partial<ControlPlaneSettings>): Context;
  /** Puts everything back as it was after the migration: to migrate anew takes a second. */
  clear(): Promise<void>;
  /** All documents, as a dump has them. */
  dump(): Promise<Map<string, Document[]>>;
  /** Puts a dump in the place of everything. */
  restore(dump: ReadonlyMap<string, readonly Document[]>): Promise<void>;
  close(): Promise<void>;
}

/** Ends what waits for this context's shutdown. */
export const stops = new WeakMap<Context, AbortController>();

/** @param options `own` for a mongod that nobody else uses: transactions that nobody ends hold up its end for a minute */
export async function openLogStore(options: { readonly own?: boolean } = {}): Promise<LogStore> {
  const mongo: TestMongo = await openTestMongo(options);
  const name = mongo.newDatabase();
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const masterKey = randomBytes(32);
  const seal = createSeal(masterKey);
  const database = await openDatabase({ uri: mongo.uri, name, logger, seal });
  const root = mkdtempSync(join(tmpdir(), 'sworn-log-'));
  const running = new AbortController();
  const keys = await openTestKeys();
  const folder = () => join(root, uuidv7());
  await migrate(database, 'test', running.signal);
  const migrated = await dumpAll(database);
  return {
    database,
    uri: mongo.uri,
    name,
    masterKey,
    lines,
    folder,
    replica(more = {}) {
      const stop = new AbortController();
      const context: Context = {
        settings: { ...defaults(), stateDirectory: folder(), ...more },
        database,
        seal,
        evidenceKeys: keys.provider,
        logger,
        now: () => new Date(),
        storeTime: () => readStoreTime(database),
        shutdown: AbortSignal.any([running.signal, stop.signal]),
        replica: uuidv7(),
      };
      stops.set(context, stop);
      return context;
    },
    async clear() {
      const others = (await database.db.collections()).filter((one) => !migrated.has(one.collectionName));
      await Promise.all([...others.map((one) => one.drop()), putBack(database, migrated)]);
      lines.length = 0;
    },
    dump: () => dumpAll(database),
    restore: (dump) => putBack(database, dump),
    async close() {
      running.abort();
      await database.close();
      await mongo.close();
      await keys.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function dumpAll(database: Database): Promise<Map<string, Document[]>> {
  const dump = new Map<string, Document[]>();
  for (const { collectionName } of await database.db.collections()) {
    const documents = database.db.collection(collectionName, { promoteLongs: false }).find();
    dump.set(collectionName, await documents.toArray());
  }
  return dump;
}

async function putBack(database: Database, dump: ReadonlyMap<string, readonly Document[]>): Promise<void> {
  const put = async (name: string) => {
    const collection = database.db.collection(name);
    // Most have nothing that would have to go.
    if ((await collection.findOne({}, { projection: { _id: 1 } })) !== null) await collection.deleteMany({});
    const documents = dump.get(name) ?? [];
    if (documents.length > 0) await collection.insertMany([...documents]);
  };
  const all = await database.db.collections();
  await Promise.all(all.map(({ collectionName }) => put(collectionName)));
}

export function defaults(): ControlPlaneSettings {
  const flags = { mongodbUri: 'mongodb://replaced', checkpointInterval: '100ms' };
  const values = resolveSettings(SETTINGS, { flags, env: {}, file: undefined });
  return { ...values, mongodbUri: 'mongodb://replaced', tls: undefined, witnesses: [], smtp: undefined };
}

/** Stores the next `count` records of an epoch, in one transaction, as their receiver does. */
export async function storeRecords(database: Database, writer: WriterEpoch, count: number): Promise<void> {
  await database.transaction(async (session) => {
    const time = new Date();
    const head = await readHead(database, writer, session);
    const documents = Array.from({ length: count }, (_, at) =>
      document(writer, head.seq + BigInt(at) + 1n, time),
    );
    const last = documents.at(-1);
    if (last === undefined) return;
    await insertRecords(database, session, documents);
    await advanceHead(database, session, writer, head, { seq: last.seq, digest: last.digest }, time);
  });
}

function document({ plane, epoch }: WriterEpoch, seq: bigint, time: Date): RecordDocument {
  const bytes = Buffer.from(`${plane} ${epoch} ${seq} ${'x'.repeat(Number(seq % 50n))}`);
  const digest = createHash('sha256').update(bytes).digest();
  const fields = { plane, epoch, seq, digest, bytes, kind: 1, exchange: '', session: '' };
  return { _id: uuidv7(), ...fields, time, receiveTime: time };
}
