import { setTimeout as sleep } from 'node:timers/promises';
import { type Document, MongoClient, MongoServerError } from 'mongodb';

/** The name of the embedded replica set. */
export const REPLICA_SET = 'sworn';
/** At its start mongod asks the address in its configuration whether that is itself; silence there takes it 30 s. */
const PRIMARY_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 25;
const NOT_YET_INITIALIZED_CODE = 94;

/**
 * Makes the mongod at this address the primary of a replica set of its own: initiates it the first time, and moves
 * the stored configuration to this address where the port changed since. Returns when it takes writes.
 */
export async function ensurePrimary(host: string): Promise<void> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: PRIMARY_TIMEOUT_MS,
  });
  try {
    const deadline = Date.now() + PRIMARY_TIMEOUT_MS;
    const config = await readConfig(client);
    if (config === undefined) {
      const first = { _id: REPLICA_SET, members: [{ _id: 0, host }] };
      await client.db('admin').command({ replSetInitiate: first });
    } else if (config['members'][0].host !== host) {
      await moveTo(client, config, host, deadline);
    }
    await waitForPrimary(client, host, deadline);
  } finally {
    await client.close();
  }
}

async function readConfig(client: MongoClient): Promise<Document | undefined> {
  const configs = client.db('local').collection('system.replset');
  return (await configs.findOne({}, { readPreference: 'secondaryPreferred' })) ?? undefined;
}

/** This member stands in the configuration under another address, so it can be no primary: only `force` works. */
async function moveTo(client: MongoClient, config: Document, host: string, deadline: number): Promise<void> {
  const members = [{ ...config['members'][0], host }];
  const moved = { ...config, version: config['version'] + 1, members };
  for (;;) {
    try {
      await client.db('admin').command({ replSetReconfig: moved, force: true });
      return;
    } catch (error) {
      if (!isNotYetInitialized(error) || Date.now() > deadline) throw error;
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

async function waitForPrimary(client: MongoClient, host: string, deadline: number): Promise<void> {
  for (;;) {
    const hello = await client.db('admin').command({ hello: 1 });
    if (hello['isWritablePrimary'] === true && hello['me'] === host) return;
    if (Date.now() > deadline) throw new Error(`the embedded MongoDB at ${host} did not become primary`);
    await sleep(POLL_INTERVAL_MS);
  }
}

/** mongod takes connections a little before it has read its stored configuration. */
function isNotYetInitialized(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === NOT_YET_INITIALIZED_CODE;
}
