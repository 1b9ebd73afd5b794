import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { ControlPlaneSettings } from '../../../control-plane/config/settings.ts';
import type { Context } from '../../../control-plane/context.ts';
import { type Database, openDatabase } from '../../../control-plane/storage/database.ts';
import { approvalsSchema } from '../../../control-plane/storage/schema/approvals.ts';
import { exchangesSchema } from '../../../control-plane/storage/schema/exchanges.ts';
import { payloadsSchema } from '../../../control-plane/storage/schema/payloads.ts';
import { policiesSchema } from '../../../control-plane/storage/schema/policies.ts';
import { recordsSchema } from '../../../control-plane/storage/schema/records.ts';
import { sessionsSchema } from '../../../control-plane/storage/schema/sessions.ts';
import { writersSchema } from '../../../control-plane/storage/schema/writers.ts';
import { createSeal } from '../../../control-plane/storage/seal.ts';
import { openTestMongo } from '../../env/mongo.ts';

const SCHEMAS = [
  approvalsSchema,
  exchangesSchema,
  payloadsSchema,
  policiesSchema,
  recordsSchema,
  sessionsSchema,
  writersSchema,
];

/** A real mongod with a fresh database, and replicas of the control plane on it. */
export interface Store {
  readonly database: Database;
  /** What was logged, one JSON line each. */
  readonly log: string[];
  /** The time that every replica sees. */
  nowMs: number;
  /** The context of one more replica. */
  replica(): Context;
  close(): Promise<void>;
}

export async function openStore(): Promise<Store> {
  const mongo = await openTestMongo();
  const log: string[] = [];
  const logger = pino({}, { write: (line: string) => void log.push(line) });
  const database = await openDatabase({ uri: mongo.uri, name: mongo.newDatabase(), logger });
  for (const { name, validator, indexes } of SCHEMAS) {
    await database.db.createCollection(name, { validator });
    for (const { key, ...options } of indexes) await database.db.collection(name).createIndex(key, options);
  }
  const seal = createSeal(randomBytes(32));
  const shutdown = new AbortController();
  const store: Store = {
    database,
    log,
    nowMs: Date.UTC(2026, 0, 1),
    replica: () => ({
      // No part under test reads a setting.
      settings: {} as ControlPlaneSettings,
      database,
      seal,
      logger,
      now: () => new Date(store.nowMs),
      shutdown: shutdown.signal,
      replica: uuidv7(),
    }),
    async close() {
      shutdown.abort();
      await database.close();
      await mongo.close();
    },
  };
  return store;
}
