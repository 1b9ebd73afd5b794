import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context } from '../../../control-plane/context.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../control-plane/storage/embedded/embedded.ts';
import { findMongod } from '../../../control-plane/storage/embedded/find.ts';
import { launchMongod, type RunningMongod } from '../../../control-plane/storage/embedded/launch.ts';
import { freePort } from '../../../program/free-port.ts';
import { until } from '../../env/until.ts';
import { openStore, type Store } from '../audit/store.ts';
import { append } from '../audit/writer.ts';
import { begin, erase, only, outcomeOf, payloads, secretsOf } from './env.ts';

// The procedure of docs/operations.md, 'What is left elsewhere': new members with empty folders, old ones wiped.

let root: string;
let old: EmbeddedMongo;
let fresh: RunningMongod;
let store: Store;
let context: Context;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sworn-copies-'));
  old = await startEmbeddedMongo({ directory: join(root, 'old'), progress: () => undefined });
  store = await openStore({ uri: old.uri, newDatabase: () => 'sworn', close: () => old.stop() });
  context = store.replica();
});
afterAll(async () => {
  await store.close();
  await fresh?.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const admin = (command: Document) => store.database.client.db('admin').command(command);

/** The files of a member with any of these bytes: data, oplog and journal. */
async function filesWith(folder: string, secrets: readonly Buffer[]): Promise<number> {
  // All that is in memory goes to the files.
  await admin({ fsync: 1 });
  let found = 0;
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    // The journal's oldest file goes while this reads.
    const content = await readFile(join(file.parentPath, file.name)).catch(() => Buffer.alloc(0));
    if (secrets.some((secret) => content.includes(secret))) found += 1;
  }
  return found;
}

async function written(): Promise<{ readonly exchange: string; readonly secrets: readonly Buffer[] }> {
  const begun = await begin(store, context);
  const outcome = outcomeOf(begun);
  await append(context, begun.writer.plane, [outcome]);
  const secrets = [begun.intent, outcome].flatMap(({ payload }) => secretsOf(payload));
  return { exchange: begun.exchange, secrets };
}

async function reconfigure(change: (members: Document[]) => Document[]): Promise<void> {
  await until('the new configuration', async () => {
    const { config } = await admin({ replSetGetConfig: 1 });
    const next = { ...config, version: config.version + 1, members: change(config.members) };
    // One change after the other, and none before a new primary is ready for it.
    return await admin({ replSetReconfig: next }).then(
      () => true,
      () => false,
    );
  });
}

test('an erasure leaves copies in the files of a member; none in one that was synced after it', async () => {
  const [gone, kept] = [await written(), await written()];
  await erase(context, only(gone.exchange));
  expect(await payloads(store, gone.exchange)).toBe(0);
  // Nothing of it is in any collection: this is what lies in freed blocks, oplog and journal.
  expect(await filesWith(join(root, 'old'), gone.secrets)).toBeGreaterThan(0);

  const folder = join(root, 'fresh');
  await mkdir(folder);
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  fresh = await launchMongod(await findMongod({ env: process.env, progress: () => undefined }), folder, port);
  await reconfigure((members) => [...members, { _id: 1, host }]);
  await until('the new member in step', async () => {
    const { members } = await admin({ replSetGetStatus: 1 });
    return members.some(({ name, state }: Document) => name === host && state === 2);
  });
  await admin({ replSetStepDown: 60 });
  await until('the new member to lead', async () => {
    const { me, isWritablePrimary } = await admin({ hello: 1 }).catch(() => ({}) as Document);
    return me === host && isWritablePrimary === true;
  });
  await reconfigure((members) => members.filter((member) => member['host'] === host));
  await old.stop();
  await rm(join(root, 'old'), { recursive: true });

  expect(await filesWith(folder, gone.secrets)).toBe(0);
  // What is not erased came along, and the control plane goes on.
  expect(await filesWith(folder, kept.secrets)).toBeGreaterThan(0);
  expect(await payloads(store, kept.exchange)).toBe(2);
  expect(await payloads(store, (await written()).exchange)).toBe(2);
});
