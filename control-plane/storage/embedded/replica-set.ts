import { setTimeout as sleep } from 'node:timers/promises';
import { type Document, MongoClient, MongoServerError } from 'mongodb';

/** The name of the embedded replica set. */
export const REPLICA_SET = 'sworn';
const PRIMARY_TIMEOUT_MS = 30_000;
const PRIMARY_POLL_MS = 25;
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
    const admin = client.db('admin');
    const config = await readConfig(client);
    if (config === undefined) {
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
    } else if (config['members'][0].host !== host) {
      // This member is in no configuration with another address, so it can be no primary: only force works.
      const members = [{ ...config['members'][0], host }];
      const moved = { ...config, version: config['version'] + 1, members };
      await admin.command({ replSetReconfig: moved, force: true });
    }
    await waitForPrimary(client, host);
  } finally {
    await client.close();
  }
}

async function readConfig(client: MongoClient): Promise<Document | undefined> {
  const stored = await client
    .db('local')
    .collection('system.replset')
    .findOne({}, { readPreference: 'secondaryPreferred' });
  return stored ?? undefined;
}

async function waitForPrimary(client: MongoClient, host: string): Promise<void> {
  const deadline = Date.now() + PRIMARY_TIMEOUT_MS;
  for (;;) {
    const hello = await client
      .db('admin')
      .command({ hello: 1 })
      .catch((error: unknown): Document => {
        if (error instanceof MongoServerError && error.code === NOT_YET_INITIALIZED_CODE) return {};
        throw error;
      });
    if (hello['isWritablePrimary'] === true && hello['me'] === host) return;
    if (Date.now() > deadline) throw new Error(`the embedded MongoDB at ${host} did not become primary`);
    await sleep(PRIMARY_POLL_MS);
  }
}
