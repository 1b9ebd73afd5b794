import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { Long } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { lookAtConfiguration, tellOfAlterations } from '../../../control-plane/audit/altered.ts';
import { isToTrust, trustDatabase } from '../../../control-plane/audit/trust.ts';
import type { Context } from '../../../control-plane/context.ts';
import { buildSnapshot } from '../../../control-plane/distribution/build.ts';
import { createPublisher } from '../../../control-plane/distribution/publish.ts';
import { loadSigningKey } from '../../../control-plane/distribution/signing-key.ts';
import { removeRevocation } from '../../../control-plane/identity/revocation.ts';
import { applyPolicies } from '../../../control-plane/policy/apply.ts';
import { removePolicy } from '../../../control-plane/policy/policy.ts';
import { startControlPlane } from '../../../control-plane/start.ts';
import { isRevoked } from '../../../control-plane/storage/configuration/revocations.ts';
import { type Database, openDatabase } from '../../../control-plane/storage/database.ts';
import { StoreError } from '../../../control-plane/storage/error.ts';
import { openRosterMemory } from '../../../control-plane/storage/roster/roster-memory.ts';
import { AlteredError } from '../../../control-plane/storage/sealing/altered.ts';
import { ROSTERS, type RosterName } from '../../../control-plane/storage/sealing/sealing.ts';
import { putRaw, rawDocument, rawOf } from '../../env/alter.ts';
import { type Env, startEnv } from '../identity/env.ts';
import { defaults } from '../log/env.ts';
import { admin, KINDS, REMOVALS } from './configuration.ts';

const author = { caller: admin, reason: '' };
let env: Env;
let context: Context;
let told: () => Promise<void>;
let directory: string;
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-rosters-'));
  env = await startEnv();
  ({ context } = env);
  told = tellOfAlterations(context);
  // The default, so that others may go.
  await KINDS.upstreams.make(context, 'first');
}, 120_000);
beforeEach(() => void count++);
afterAll(async () => {
  await env.close();
  await rm(directory, { recursive: true, force: true });
});

const apply = (id: string, group = 'a', by = context) => {
  const rules = [{ name: 'all', action: { case: 'deny' as const, value: {} } }];
  const policy = create(PolicySchema, { name: `policies/${id}`, spec: { groups: [group], rules } });
  return applyPolicies(by, author, [policy], false);
};
const build = async (by = context) => buildSnapshot(by, await loadSigningKey(by, 'snapshot'));
const rosterOf = (name: RosterName) =>
  context.database.db.collection<{ _id: string }>('rosters', { promoteLongs: false }).findOne({ _id: name });
const putRoster = (document: object | null) =>
  context.database.db
    .collection<{ _id: string }>('rosters')
    .replaceOne({ _id: (document as { _id: string })._id }, document as object, { upsert: true });

async function alarmsOf(resource: string): Promise<number> {
  await told();
  const action = 'alarm.configuration_altered';
  return await context.database.db.collection('records').countDocuments({ action, resource });
}

/** Another control plane on the same database, with a memory of its own. */
async function another(stateDirectory: string | undefined): Promise<Context> {
  const { logger, seal, db } = context.database;
  const uri = context.database.client.options.hosts.map(String).join(',');
  const database = await openDatabase({
    uri: `mongodb://${uri}/?directConnection=true`,
    name: db.databaseName,
    logger,
    seal,
    memory: await openRosterMemory(stateDirectory),
  });
  others.push(database);
  return { ...context, database, settings: { ...context.settings, stateDirectory: stateDirectory ?? '' } };
}
const others: Database[] = [];
afterAll(async () => void (await Promise.all(others.map((database) => database.close()))));

/** Has the operator of the control plane trust what the database has. */
async function trust(by = context): Promise<void> {
  const stateDirectory = await mkdtemp(join(directory, 'trust-'));
  await writeFile(join(stateDirectory, 'configuration.trust'), '');
  expect(await isToTrust(stateDirectory)).toBe(true);
  await trustDatabase({ ...by, settings: { ...by.settings, stateDirectory } });
  expect(await isToTrust(stateDirectory)).toBe(false);
}

describe.each(ROSTERS)('what is there of %s', (name) => {
  const works = async (made: { works(): Promise<boolean> }): Promise<boolean | unknown> =>
    made.works().catch((error: unknown) => error);

  test('and is taken out, is missed at once: in the same minute, with an alarm, until an admin mends it', async () => {
    const made = await KINDS[name].make(context, `gone-${count}`);
    expect(await works(made)).toBe(true);
    await rawOf(context.database, name).deleteOne({ _id: made.id });
    for (let look = 0; look < 2; look++) {
      const error = await works(made);
      expect(error).toBeInstanceOf(AlteredError);
      expect(String(error)).toContain(
        `${made.id} was taken out of the database by something other than Sworn`,
      );
      await lookAtConfiguration(context);
      expect(await alarmsOf(made.id)).toBe(1);
    }
    await made.mend();
    expect(await works(made)).toBe(true);
  });

  test('and is taken out, can be removed as if it were there', async () => {
    const made = await KINDS[name].make(context, `removed-${count}`);
    await rawOf(context.database, name).deleteOne({ _id: made.id });
    await REMOVALS[name]?.(context, made.id);
    const rest = await KINDS[name].make(context, `rest-${count}`);
    expect(await works(rest)).toBe(true);
  });

  test('and is put back after it was removed, does not count', async () => {
    const made = await KINDS[name].make(context, `back-${count}`);
    const before = await rawDocument(context.database, name, made.id);
    await REMOVALS[name]?.(context, made.id);
    await putRaw(context.database, name, before);
    const error = await works(made);
    expect(error).toBeInstanceOf(AlteredError);
    expect(String(error)).toContain(`${made.id} is in the database as it once was`);
    expect(await alarmsOf(made.id)).toBe(1);
    await REMOVALS[name]?.(context, made.id);
    const rest = await KINDS[name].make(context, `after-${count}`);
    expect(await works(rest)).toBe(true);
  });
});

test('a revocation that is taken out still stops whom it named on a control plane that has seen it, until an admin ends it', async () => {
  const { id } = await KINDS.revocations.make(context, `left-${count}`);
  const token = { issuer: 'i', subject: `left-${count}`, email: '', client: '', tokenId: '' };
  const now = context.now();
  await build();
  await rawOf(context.database, 'revocations').deleteOne({ _id: id });
  expect(await isRevoked(context.database, token, now)).toBe(true);
  expect(await isRevoked(context.database, { ...token, subject: 'stays' }, now)).toBe(false);
  // A record that somebody made up ends nothing.
  const records = context.database.db.collection<{ _id: string }>('records', { promoteLongs: false });
  const made = await records.findOne({ action: 'revocation.create', resource: id });
  const madeUp = {
    ...made,
    _id: `made-up-${count}`,
    action: 'revocation.delete',
    seq: Long.fromNumber(1_000_000),
  };
  await records.insertOne(madeUp);
  expect(await isRevoked(context.database, token, now)).toBe(true);
  await removeRevocation(context, admin, id);
  expect(await isRevoked(context.database, token, now)).toBe(false);
});

test('a policy as it was a moment ago is found at once, and can be applied over', async () => {
  const id = `older-${count}`;
  await apply(id, 'a');
  const before = await rawDocument(context.database, 'policies', `policies/${id}`);
  await apply(id, 'b');
  await putRaw(context.database, 'policies', before);
  await expect(build()).rejects.toThrow(`policies/${id} is in the database as it once was`);
  await apply(id, 'b');
  await expect(build()).resolves.toBeDefined();
});

test('where a policy is gone, a change of something else does not go out', async () => {
  const publisher = createPublisher(context);
  await apply(`denies-${count}`);
  const published = await publisher.newest();
  expect(publisher.fault()).toBeUndefined();
  await rawOf(context.database, 'policies').deleteOne({ _id: `policies/denies-${count}` });
  await apply(`other-${count}`);
  expect(await publisher.newest()).toBe(published);
  expect(publisher.fault()).toHaveProperty('resources', [`policies/denies-${count}`]);
  await removePolicy(context, author, `policies/denies-${count}`, '');
  expect((await publisher.newest())?.revision).toBeGreaterThan(published?.revision ?? 0n);
  expect(publisher.fault()).toBeUndefined();
});

describe('a roster', () => {
  const resource = 'rosters/policies';

  test.each([
    ['is gone', () => context.database.db.collection('rosters').deleteOne({ _id: 'policies' as never })],
    ['leaves one out', async () => putRoster({ ...(await rosterOf('policies')), members: [] })],
    [
      'has the MAC of another',
      async () =>
        putRoster({ ...(await rosterOf('policies')), mac: ((await rosterOf('issuers')) as never)['mac'] }),
    ],
    ['is that of another', async () => putRoster({ ...(await rosterOf('issuers')), _id: 'policies' })],
    ['has more fields', async () => putRoster({ ...(await rosterOf('policies')), more: 1 })],
  ])(
    'that %s opens nothing: nothing is built or changed, one alarm says so, and its operator may trust what is there',
    async (_what, tamper) => {
      const id = `left-${count}`;
      await apply(id);
      const before = await alarmsOf(resource);
      await tamper();
      for (let look = 0; look < 2; look++) {
        await expect(build()).rejects.toThrow(`${resource} was changed in the database`);
        await expect(apply(id, 'b')).rejects.toThrow(AlteredError);
        await expect(removePolicy(context, author, `policies/${id}`, '')).rejects.toThrow(AlteredError);
        await lookAtConfiguration(context);
      }
      expect(await alarmsOf(resource)).toBe(before + 1);
      await trust();
      await expect(build()).resolves.toBeDefined();
      await apply(id, 'b');
    },
  );

  test('that is put back with its documents is seen by a control plane that has seen more, also when it starts anew', async () => {
    const state = await mkdtemp(join(directory, 'state-'));
    const first = await another(state);
    await build(first);
    const [roster, documents] = [
      await rosterOf('policies'),
      await rawOf(context.database, 'policies').find().toArray(),
    ];
    await apply(`newer-${count}`, 'a', first);
    expect(JSON.parse(await readFile(join(state, 'configuration.rosters'), 'utf8'))).toMatchObject({
      policies: Number(((await rosterOf('policies')) as never)['number']),
    });
    await putRoster(roster);
    await rawOf(context.database, 'policies').deleteMany({});
    for (const document of documents) await putRaw(context.database, 'policies', document);
    for (const one of [first, await another(state)]) {
      const tellOne = tellOfAlterations(one);
      await expect(build(one)).rejects.toThrow(`${resource} was changed in the database`);
      await expect(apply('more', 'a', one)).rejects.toThrow(AlteredError);
      const before = await alarmsOf(resource);
      await lookAtConfiguration(one);
      await lookAtConfiguration(one);
      await tellOne();
      expect(await alarmsOf(resource)).toBe(before + 1);
    }
    // Its operator trusts it; so do the others, by its number.
    await trust(first);
    for (const one of [first, context]) await expect(build(one)).resolves.toBeDefined();
  });
});

test('a head that is set back keeps nothing from planes unseen, and goes on above it once that is trusted', async () => {
  await build();
  const heads = context.database.db.collection<{ _id: string }>('heads', { promoteLongs: false });
  const before = await heads.findOne({ _id: 'head' });
  await apply(`ahead-${count}`);
  const built = await build();
  for (const tamper of [
    () => heads.replaceOne({ _id: 'head' }, before ?? {}),
    () => heads.deleteOne({ _id: 'head' }),
    () => heads.replaceOne({ _id: 'head' }, { ...before, revision: Long.MAX_VALUE }, { upsert: true }),
  ]) {
    await tamper();
    await expect(build()).rejects.toThrow('heads/head was changed in the database');
    await lookAtConfiguration(context);
    expect(await alarmsOf('heads/head')).toBe(1);
  }
  await trust();
  expect((await build())?.revision).toBeGreaterThan(built?.revision ?? 0n);
});

test('a control plane that has seen rosters does not start on an emptied database, until its operator wants that', async () => {
  const stateDirectory = await mkdtemp(join(directory, 'emptied-'));
  const mongodbDatabase = `${context.database.db.databaseName}-emptied`;
  const db = context.database.client.db(mongodbDatabase);
  const settings = { ...defaults(), listen: { host: '127.0.0.1', port: 0 }, adminGroups: ['admins'] };
  const start = () =>
    startControlPlane(
      {
        ...settings,
        issuer: 'https://id.example.org',
        mongodbUri: env.store.uri,
        mongodbDatabase,
        stateDirectory,
      },
      { logger: context.logger, isDevelopment: true },
    );
  await (await start()).close();
  for (const { collectionName } of await db.collections()) {
    if (collectionName !== 'migrations') await db.collection(collectionName).deleteMany({});
  }
  // It cannot make what its settings say.
  await expect(start()).rejects.toThrow('rosters/issuers was changed in the database');
  await db.dropDatabase();
  const emptied = start();
  await expect(emptied).rejects.toThrow(StoreError);
  await expect(emptied).rejects.toThrow('put an empty file configuration.trust into the state directory');
  await writeFile(join(stateDirectory, 'configuration.trust'), '');
  await (await start()).close();
  expect(await isToTrust(stateDirectory)).toBe(false);
  expect(await db.collection('records').countDocuments({ action: 'configuration.trust' })).toBe(1);
  await db.dropDatabase();
});

test('a memory that is damaged is not taken for none', async () => {
  const state = await mkdtemp(join(directory, 'damaged-'));
  for (const text of ['', '{"policies":', '{"policies":"many"}', '[0.5]']) {
    await writeFile(join(state, 'configuration.rosters'), text);
    await expect(openRosterMemory(state)).rejects.toThrow('configuration.rosters is damaged');
  }
});
