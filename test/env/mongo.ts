import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { type Database, openDatabase } from '../../control-plane/storage/database.ts';
import { startEmbeddedMongo } from '../../control-plane/storage/embedded/embedded.ts';
import { createSeal } from '../../control-plane/storage/sealing/seal.ts';

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
 * A MongoDB that is not of this test alone (see `givenMongo`), or an embedded one where there is none.
 *
 * @param own an embedded one in any case: for tests that stop it
 */
export async function openTestMongo({ own = false } = {}): Promise<TestMongo> {
  return (own ? undefined : await givenMongo()) ?? startOwn();
}

/** Opens a database with a master key that nobody else has: for what has no MAC, or to do what somebody without the key can. */
export function openToLook(uri: string, name: string, logger?: Logger): Promise<Database> {
  const seal = createSeal(randomBytes(32));
  return openDatabase({ uri, name, logger: logger ?? pino({ level: 'silent' }), seal });
}

/**
 * The MongoDB that `SWORN_MONGODB_URI` names, as for the product; where it is not set, the one that the suite shares (see
 * suite.ts). Undefined where it is empty, or no suite runs.
 */
export async function givenMongo(): Promise<TestMongo | undefined> {
  const uri = process.env['SWORN_MONGODB_URI'] ?? (await sharedUri());
  if (uri === '') return undefined;
  const names: string[] = [];
  const notOurs = async (): Promise<void> => {
    throw new Error('a MongoDB that others use is not for tests to stop: ask for an own one');
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

async function sharedUri(): Promise<string> {
  const place = process.env['SWORN_TEST_MONGO'];
  if (place === undefined) return '';
  const answer = await fetch(place);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the suite's MongoDB did not start: ${text}`);
  return text;
}

/** Starts an embedded one in a directory that goes with it. */
export async function startOwn(): Promise<TestMongo> {
  const directory = await mkdtemp(join(tmpdir(), 'sworn-mongo-'));
  const launch = async () => {
    const started = await startEmbeddedMongo({ directory, progress: () => undefined });
    await keepEnded(started.uri);
    return started;
  };
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

/** Tests have clocks of their own: once a minute it would remove what has ended by the machine's. */
async function keepEnded(uri: string): Promise<void> {
  const { client } = await openToLook(uri, 'admin');
  try {
    await client.db('admin').command({ setParameter: 1, ttlMonitorEnabled: false });
  } finally {
    await client.close();
  }
}

function newName(): string {
  return `sworn-test-${randomBytes(6).toString('hex')}`;
}
