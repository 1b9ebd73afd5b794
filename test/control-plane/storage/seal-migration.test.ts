import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { HoldScopeSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { createRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { applyPolicies } from '../../../control-plane/policy/apply.ts';
import { placeHold } from '../../../control-plane/retention/hold.ts';
import {
  findPolicy,
  listAllPolicies,
  listPolicies,
} from '../../../control-plane/storage/configuration/policies.ts';
import { findRoles } from '../../../control-plane/storage/configuration/role-bindings.ts';
import { StoreError } from '../../../control-plane/storage/error.ts';
import { migrate } from '../../../control-plane/storage/migrations/migrate.ts';
import { MIGRATIONS } from '../../../control-plane/storage/migrations/migrations.ts';
import { listHoldsInForce } from '../../../control-plane/storage/record/holds.ts';
import { hasSeenSealed, rememberSealed } from '../../../control-plane/storage/sealing/sealed-memory.ts';
import { SEALED, type SealedName } from '../../../control-plane/storage/sealing/sealing.ts';
import { rawOf } from '../../env/alter.ts';
import { type Env, startEnv } from '../identity/env.ts';
import { admin } from './configuration.ts';

const never = new AbortController().signal;
let env: Env;
let context: Context;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-sealed-'));
  env = await startEnv();
  ({ context } = env);
  await createRoleBinding(context, admin, 'readers', { group: 'readers', role: Role.AUDITOR });
}, 120_000);
beforeEach(async () => {
  env.logs.splice(0);
  const spec = { groups: ['*'], rules: [{ name: 'all', action: { case: 'allow' as const, value: {} } }] };
  const policies = ['a', 'b'].map((id) => create(PolicySchema, { name: `policies/${id}`, spec }));
  await applyPolicies(context, { caller: admin, reason: '' }, policies, false);
});
afterAll(async () => {
  await env.close();
  await rm(directory, { recursive: true, force: true });
});

/** As a version before this one left the database. @param names where no MACs are yet */
async function setBack(names: readonly SealedName[]): Promise<void> {
  const { db } = context.database;
  await db.collection<{ _id: number }>('migrations').deleteMany({ _id: { $gte: 15 } });
  for (const name of names) await rawOf(context.database, name).updateMany({}, { $unset: { mac: '' } });
}

const NAMES = Object.keys(SEALED) as SealedName[];
const page = { limit: 100, after: undefined };

test('what a database of before has is taken as it stands, once, and the log says so', async () => {
  await setBack(NAMES);
  await expect(findPolicy(context.database, 'policies/a')).rejects.toThrow('changed in the database');
  expect(await migrate(context.database, 'one', never)).toBe(MIGRATIONS.length - 14);
  expect(await listPolicies(context.database, page)).toHaveLength(2);
  expect(await findRoles(context.database, ['readers'])).toEqual(new Set([Role.AUDITOR]));
  const logged = env.logs.filter((line) => line.includes('configuration_sealed'));
  expect(logged.map((line) => JSON.parse(line)).map(({ collection, count }) => [collection, count])).toEqual([
    ['policies', 2],
    ['policyRevisions', 2],
    ['roleBindings', 1],
  ]);
});

test('goes on where it was interrupted, and what was altered meanwhile stays so', async () => {
  await setBack(['roleBindings']);
  const altered = { $set: { 'spec.groups': ['others'] } };
  await rawOf(context.database, 'policies').updateOne({ _id: 'policies/a' }, altered);
  await migrate(context.database, 'one', never);
  expect(await findRoles(context.database, ['readers'])).toEqual(new Set([Role.AUDITOR]));
  await expect(findPolicy(context.database, 'policies/a')).rejects.toThrow('changed in the database');
  expect(await findPolicy(context.database, 'policies/b')).toBeDefined();
});

test('is not done again by setting the version back, where the state directory remembers that it was done', async () => {
  expect(await hasSeenSealed(directory)).toBe(false);
  await rememberSealed(directory);
  await rememberSealed(directory);
  expect(await hasSeenSealed(directory)).toBe(true);
  await setBack([]);
  await migrate(context.database, 'one', never, { hasSeenSealed: true });
  await setBack(['policies']);
  const again = migrate(context.database, 'one', never, { hasSeenSealed: true });
  await expect(again).rejects.toThrow(StoreError);
  await expect(again).rejects.toThrow('remove configuration.sealed from the state directory');
  await expect(findPolicy(context.database, 'policies/a')).rejects.toThrow('changed in the database');
});

test('a database without rosters gets them of what it has, once, and its holds are sealed; not by who has seen it with them', async () => {
  const { db } = context.database;
  await migrate(context.database, 'one', never);
  const { name } = await placeHold(context, admin, create(HoldScopeSchema, { caller: 'ana' }), 'matter 1');
  await db.collection<{ _id: number }>('migrations').deleteMany({ _id: { $gte: 17 } });
  await db.collection('rosters').deleteMany({});
  await rawOf(context.database, 'holds').updateMany({}, { $unset: { mac: '' } });
  await expect(migrate(context.database, 'one', never, { hasSeenSealed: true })).rejects.toThrow(StoreError);
  const { database } = await env.replica();
  await migrate(database, 'one', never, { hasSeenSealed: true });
  const logged = env.logs.filter((line) => line.includes('roster_made')).map((line) => JSON.parse(line));
  const counts = Object.fromEntries(logged.map(({ collection, count }) => [collection, count]));
  expect(counts).toMatchObject({ holds: 1, policies: 2 });
  const holds = await database.transaction((session) => listHoldsInForce(database, session));
  expect(holds.map(({ _id }) => _id)).toEqual([name]);
  const policies = await database.transaction((session) => listAllPolicies(database, session, 'refuse'));
  expect(policies).toHaveLength(2);
});
