import { randomBytes } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { openDatabase } from '../../../control-plane/storage/database.ts';
import { migrate } from '../../../control-plane/storage/migrations/migrate.ts';
import { createSeal } from '../../../control-plane/storage/sealing/seal.ts';
import { readStoreTime } from '../../../control-plane/storage/store-time.ts';
import { openTestKeys } from '../../env/evidence-keys.ts';
import { openTestMongo, type TestMongo } from '../../env/mongo.ts';

/** A context over a real store, with a clock that tests move. */
export interface Env {
  readonly context: Context;
  /** The state directory that has the evidence keys. */
  readonly keysDirectory: string;
  /** Lines that were logged, as JSON. */
  readonly logs: string[];
  /** Moves the context's clock. */
  advance(ms: number): void;
  /** The same store as another replica sees it: with its own shutdown and connections, the same master key. */
  replica(): Promise<Context>;
  /** Its `stop` and `start` are for tests that asked for an own store. */
  readonly store: TestMongo;
  close(): Promise<void>;
}

/** Whoever does what is not the test's matter. */
export const ROOT = create(CallerSchema, { issuer: 'https://idp.example.com', subject: 'root' });

/** Opens a store and a context over it. */
export async function startEnv(
  settings: Partial<Context['settings']> = {},
  options: { readonly own?: boolean } = {},
): Promise<Env> {
  const store = await openTestMongo(options);
  const { uri } = store;
  const name = store.newDatabase();
  const seal = createSeal(randomBytes(32));
  const keys = await openTestKeys();
  const logs: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });
  const closing: (() => Promise<void>)[] = [];
  let offsetMs = 0;

  const openContext = async (): Promise<Context> => {
    const database = await openDatabase({ uri, name, logger, seal });
    const stop = new AbortController();
    closing.push(async () => {
      stop.abort();
      await database.close();
    });
    return {
      settings: { ...SETTINGS, ...settings },
      database,
      seal,
      evidenceKeys: keys.provider,
      logger,
      now: () => new Date(Date.now() + offsetMs),
      storeTime: () => readStoreTime(database),
      shutdown: stop.signal,
      replica: uuidv7(),
    };
  };

  const context = await openContext();
  await migrate(context.database, context.replica, context.shutdown);
  return {
    context,
    keysDirectory: keys.directory,
    logs,
    advance: (ms) => {
      offsetMs += ms;
    },
    replica: openContext,
    store,
    async close() {
      for (const end of closing) await end();
      await store.close();
      await keys.close();
    },
  };
}

const SETTINGS: Context['settings'] = {
  listen: { host: '127.0.0.1', port: 0 },
  mongodbUri: '',
  mongodbDatabase: 'sworn',
  logOrigin: undefined,
  checkpointInterval: 2_000,
  witnesses: [],
  consoleUrl: undefined,
  smtp: undefined,
  openLogEntries: false,
  fourEyes: false,
  minimumRetention: 86_400_000,
  stateDirectory: '',
  evidenceKmsKey: undefined,
  issuer: undefined,
  gatewayAudience: 'sworn-gateway',
  controlPlaneAudience: 'sworn-control-plane',
  groupsClaim: 'groups',
  adminGroups: ['sworn-admins'],
  reviewerGroups: ['sworn-reviewers'],
  auditorGroups: ['sworn-auditors'],
  tls: undefined,
  allowPlaintext: false,
  drainDeadline: 1_000,
  logLevel: 'info',
};
