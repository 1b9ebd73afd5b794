import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { type Database, openDatabase } from '../../control-plane/storage/database.ts';
import { startEmbeddedMongo } from '../../control-plane/storage/embedded/embedded.ts';
import { createSeal } from '../../control-plane/storage/seal.ts';

/** A MongoDB for a test. */
export interface TestMongo {
  /** Its connection string. */
  readonly uri: string;
  /** The name of a database that nobody else uses. */
  newDatabase(): string;
  /** Ends and starts it; only one of the test's own. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Drops the databases that were named; ends and removes it where it is the test's own. */
  close(): Promise<void>;
}

/**
 * The MongoDB that `SWORN_MONGODB_URI` names, where it is set, as for the product; otherwise an embedded one.
 *
 * @param own an embedded one in any case: for tests that stop it
 */
export async function openTestMongo({ own = false } = {}): Promise<TestMongo> {
  return (own ? undefined : givenMongo()) ?? startOwn();
}

/** Opens a database with a master key that nobody else has: for what has no MAC, or to do what somebody without the key can. */
export function openToLook(uri: string, name: string, logger?: Logger): Promise<Database> {
  const seal = createSeal(randomBytes(32));
  return openDatabase({ uri, name, logger: logger ?? pino({ level: 'silent' }), seal });
}

/** The MongoDB that `SWORN_MONGODB_URI` names; undefined when it is not set. */
export function givenMongo(): TestMongo | undefined {
  const uri = process.env['SWORN_MONGODB_URI'] ?? '';
  if (uri === '') return undefined;
  const names: string[] = [];
  const notOurs = async (): Promise<void> => {
    throw new Error('the MongoDB of SWORN_MONGODB_URI is not for tests to stop: ask for an own one');
  };
  return {
    uri,
    newDatabase() {
      const name = newName();
      names.push(name);
      return name;
    },
    stop: notOurs,
    start: notOurs,
    async close() {
      for (const name of names.splice(0)) {
        const database = await openToLook(uri, name);
        await database.db.dropDatabase().finally(() => database.close());
      }
    },
  };
}

async function startOwn(): Promise<TestMongo> {
  const directory = await mkdtemp(join(tmpdir(), 'sworn-mongo-'));
  const launch = () => startEmbeddedMongo({ directory, progress: () => undefined });
  let mongo = await launch();
  return {
    uri: mongo.uri,
    newDatabase: newName,
    stop: () => mongo.stop(),
    async start() {
      mongo = await launch();
    },
    async close() {
      await mongo.stop();
      await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

function newName(): string {
  return `sworn-test-${randomBytes(6).toString('hex')}`;
}
