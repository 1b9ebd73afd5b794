import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { ControlPlaneSettings } from '../../../control-plane/config/settings.ts';
import type { Context } from '../../../control-plane/context.ts';
import { insertEvidenceKey } from '../../../control-plane/storage/configuration/evidence-keys.ts';
import { type Database, openDatabase } from '../../../control-plane/storage/database.ts';
import { SCHEMAS } from '../../../control-plane/storage/schema/index.ts';
import { createSeal } from '../../../control-plane/storage/sealing/seal.ts';
import { openTestKeys } from '../../env/evidence-keys.ts';
import { openTestMongo, type TestMongo } from '../../env/mongo.ts';
import { makeRosters } from '../../env/rosters.ts';
import { createSealer, type Sealer } from '../../env/seal.ts';
import { Writer } from './writer.ts';

type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;

/** A real mongod with a fresh database, and replicas of the control plane on it. */
export interface Store {
  readonly database: Database;
  /** Seals to the store's evidence key. */
  readonly sealer: Sealer;
  /** A plane's epoch, with payloads sealed so. */
  writer(...place: Tail<ConstructorParameters<typeof Writer>>): Writer;
  /** What was logged, one JSON line each. */
  readonly log: string[];
  /** The time that every replica sees, and the store tells. */
  nowMs: number;
  /** The context of one more replica. */
  replica(): Context;
  close(): Promise<void>;
}

/** @param given where the mongod is one that a test has to see into */
export async function openStore(given?: Pick<TestMongo, 'uri' | 'newDatabase' | 'close'>): Promise<Store> {
  const mongo = given ?? (await openTestMongo());
  const log: string[] = [];
  const logger = pino({}, { write: (line: string) => void log.push(line) });
  const seal = createSeal(randomBytes(32));
  const database = await openDatabase({ uri: mongo.uri, name: mongo.newDatabase(), logger, seal });
  for (const { name, validator, indexes } of SCHEMAS) {
    await database.db.createCollection(name, { validator });
    for (const { key, ...options } of indexes) await database.db.collection(name).createIndex(key, options);
  }
  await makeRosters(database);
  const keys = await openTestKeys();
  const key = await keys.provider.create(new Date());
  await database.transaction((session) => insertEvidenceKey(database, { ...key, ordinal: 1 }, session));
  const sealer = await createSealer(key);
  const shutdown = new AbortController();
  const store: Store = {
    database,
    sealer,
    writer: (...place) => new Writer(sealer, ...place),
    log,
    nowMs: Date.UTC(2026, 0, 1),
    replica: () => ({
      // No part under test reads another setting.
      settings: { minimumRetention: 86_400_000 } as ControlPlaneSettings,
      database,
      seal,
      evidenceKeys: keys.provider,
      logger,
      now: () => new Date(store.nowMs),
      storeTime: async () => new Date(store.nowMs),
      shutdown: shutdown.signal,
      replica: uuidv7(),
    }),
    async close() {
      shutdown.abort();
      await database.close();
      await mongo.close();
      await keys.close();
    },
  };
  return store;
}
