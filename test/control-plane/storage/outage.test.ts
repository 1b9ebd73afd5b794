import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, test } from 'vitest';
import { describeOutage } from '../../../control-plane/storage/outage.ts';
import { openTestMongo, type TestMongo } from '../../env/mongo.ts';

let mongo: TestMongo;
beforeAll(async () => {
  mongo = await openTestMongo();
});
afterAll(() => mongo.close());

async function outage(uri: string): Promise<string[]> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
  const said = await client.connect().then(
    () => [],
    (error: unknown) => describeOutage(error, client),
  );
  await client.close();
  return said;
}

test.concurrent('each server that does not answer is named with the reason, the password never', async ({
  expect,
}) => {
  expect(await outage('mongodb://user:hunter2@127.0.0.1:1,nowhere.invalid/?replicaSet=none')).toEqual([
    '127.0.0.1:1: ECONNREFUSED',
    expect.stringMatching(/^nowhere\.invalid:27017: (ENOTFOUND|EAI_AGAIN|no answer)$/),
  ]);
});

test.concurrent('so is one that is of another replica set', async ({ expect }) => {
  const { host } = new URL(mongo.uri);
  expect(await outage(`mongodb://${host}/?replicaSet=other`)).toEqual([
    `${host}: not of the replica set other`,
  ]);
});
