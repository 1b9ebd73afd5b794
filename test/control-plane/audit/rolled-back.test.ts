import { createHash } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Document, Long } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { RevocationTargetSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { decideApproval } from '../../../control-plane/approval/decide.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import { lookAtConfiguration } from '../../../control-plane/audit/altered.ts';
import { findRolledBack } from '../../../control-plane/audit/rolled-back.ts';
import type { Context } from '../../../control-plane/context.ts';
import { buildSnapshot } from '../../../control-plane/distribution/build.ts';
import { loadSigningKey } from '../../../control-plane/distribution/signing-key.ts';
import { endTrust } from '../../../control-plane/enrollment/revoke.ts';
import { createRevocation, removeRevocation } from '../../../control-plane/identity/revocation.ts';
import { createRoleBinding, removeRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { applyPolicies } from '../../../control-plane/policy/apply.ts';
import { removePolicy } from '../../../control-plane/policy/policy.ts';
import { ROLLED_BACK } from '../../../control-plane/storage/configuration/configuration-changes.ts';
import { findTrust } from '../../../control-plane/storage/configuration/planes.ts';
import { findRoles } from '../../../control-plane/storage/configuration/role-bindings.ts';
import { AlteredError } from '../../../control-plane/storage/sealing/altered.ts';
import { putRaw, rawDocument, rawOf } from '../../env/alter.ts';
import { makeRosters } from '../../env/rosters.ts';
import { insertTestPolicy, question, rita } from '../approval/question.ts';
import { admin, KINDS, REMOVALS } from '../storage/configuration.ts';
import { failure } from './failure.ts';
import { openStore, type Store } from './store.ts';

const HOUR_MS = 3_600_000;
// Rosters are made anew after each tampering: as if those of then were put back as well, and this control plane remembered none.
const author = { caller: admin, reason: '' };
let store: Store;
let context: Context;
let count = 0;

beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  await insertTestPolicy(store);
}, 120_000);
beforeEach(() => {
  count++;
  store.nowMs += HOUR_MS;
});
afterAll(() => store.close());

const apply = (id: string, group: string) => {
  const rules = [{ name: 'all', action: { case: 'allow' as const, value: {} } }];
  const policy = create(PolicySchema, { name: `policies/${id}`, spec: { groups: [group], rules } });
  return applyPolicies(context, author, [policy], false);
};
/** What is found of one document, or of all. */
const found = async (name?: string) =>
  (await findRolledBack(context))
    .filter(({ resource }) => name === undefined || resource === name)
    .map(({ detail }) => detail.split(':')[0]);
const alarms = (resource: string) =>
  store.database.db.collection('records').countDocuments({ action: ROLLED_BACK, resource });

test('what is made, changed, revoked, removed and made again as people do is found in order', async () => {
  for (const kind of Object.values(KINDS)) await kind.make(context, `ordinary-${count}`);
  const { id } = await KINDS.planes.make(context, `plane-${count}`);
  store.nowMs += HOUR_MS;
  await endTrust(context, admin, id);
  await apply(`again-${count}`, 'a');
  store.nowMs += HOUR_MS;
  await removePolicy(context, author, `policies/again-${count}`, '');
  store.nowMs += HOUR_MS;
  await apply(`again-${count}`, 'b');
  await apply(`again-${count}`, 'c');
  expect(await found()).toEqual([]);
});

test('a revocation that has ended may be gone', async () => {
  const target = create(RevocationTargetSchema, { subject: 'left' });
  const expireTime = timestampFromDate(new Date(store.nowMs + HOUR_MS));
  const { name } = await createRevocation(context, admin, { target, reason: 'left', expireTime });
  store.nowMs += 2 * HOUR_MS;
  await createRevocation(context, admin, { target, reason: 'left again' });
  expect(await rawOf(store.database, 'revocations').countDocuments({ _id: name })).toBe(0);
  expect(await found(name)).toEqual([]);
});

test('a policy as it was before its last change is found, and told once', async () => {
  const id = `changed-${count}`;
  const name = `policies/${id}`;
  await apply(id, 'nobody');
  const before = await rawDocument(store.database, 'policies', name);
  store.nowMs += HOUR_MS;
  await apply(id, 'others');
  await putRaw(store.database, 'policies', before);
  await makeRosters(store.database);
  expect(await found(name)).toEqual([`${name} is as it was before it was last changed`]);
  const build = async () => buildSnapshot(context, await loadSigningKey(context, 'snapshot'));
  await expect(build()).rejects.toThrow(`${name} was changed in the database`);
  await lookAtConfiguration(context);
  await lookAtConfiguration(context);
  expect(await alarms(name)).toBe(1);
  expect(store.log.join()).toContain('configuration_rolled_back');
  store.nowMs += HOUR_MS;
  await apply(id, 'others');
  expect(await found(name)).toEqual([]);
  await expect(build()).resolves.toBeDefined();
  await putRaw(store.database, 'policies', before);
  await makeRosters(store.database);
  await lookAtConfiguration(context);
  expect(await alarms(name)).toBe(2);
  store.nowMs += HOUR_MS;
  await apply(id, 'all');
});

test('a role that was taken away, and is put back, is found', async () => {
  const name = `roleBindings/back-${count}`;
  await createRoleBinding(context, admin, `back-${count}`, { group: `g-${count}`, role: Role.AUDITOR });
  const before = await rawDocument(store.database, 'roleBindings', name);
  store.nowMs += HOUR_MS;
  await removeRoleBinding(context, admin, name, '');
  await putRaw(store.database, 'roleBindings', before);
  expect(await found(name)).toEqual([`${name} was removed, and is back`]);
  expect(await findRoles(store.database, [`g-${count}`])).toEqual(new Set());
  await removeRoleBinding(context, admin, name, '');
  expect(await found(name)).toEqual([]);
});

test('a record that somebody made up, or files as another, has no removed role count', async () => {
  const name = `roleBindings/made-up-${count}`;
  await createRoleBinding(context, admin, `made-up-${count}`, { group: `m-${count}`, role: Role.AUDITOR });
  const before = await rawDocument(store.database, 'roleBindings', name);
  store.nowMs += HOUR_MS;
  await removeRoleBinding(context, admin, name, '');
  await putRaw(store.database, 'roleBindings', before);
  const records = store.database.db.collection<Document & { _id: string }>('records', {
    promoteLongs: false,
  });
  const record = await records.findOne({ action: 'roleBinding.create', resource: name });
  const later = new Date(store.nowMs + HOUR_MS);
  const set = { action: 'roleBinding.create', resource: name, time: later };
  const said = fromBinary(RecordSchema, Uint8Array.from(record?.['bytes'].buffer));
  const next = { ...said, seq: 1_000_000n, time: timestampFromDate(later) };
  const bytes = Buffer.from(toBinary(RecordSchema, next));
  const place = {
    seq: Long.fromNumber(1_000_000),
    bytes,
    digest: createHash('sha256').update(bytes).digest(),
  };
  // One that is new, and one of ours that says something else.
  await records.insertOne({ ...record, _id: `made-up-${count}`, ...place, ...set });
  const other = await records.findOne({ action: 'policy.create' });
  await records.updateOne({ _id: other?._id ?? '' }, { $set: set });
  expect(await found(name)).toEqual([`${name} was removed, and is back`]);
  expect(await findRoles(store.database, [`m-${count}`])).toEqual(new Set());
  await records.deleteOne({ _id: `made-up-${count}` });
  await records.replaceOne({ _id: other?._id ?? '' }, other ?? {});
  await removeRoleBinding(context, admin, name, '');
});

test('a plane that was revoked, and is put back, is found', async () => {
  const { id, works } = await KINDS.planes.make(context, `back-${count}`);
  const before = await rawDocument(store.database, 'planes', id);
  await endTrust(context, admin, id);
  await putRaw(store.database, 'planes', before);
  expect(await found(id)).toEqual([`${id} was revoked, and is back`]);
  expect(await findTrust(store.database, [id])).toEqual(new Map([[id, 'revoked']]));
  expect((await failure(works())).reason).toBe(Reason.PLANE_REVOKED);
  await endTrust(context, admin, id);
  expect(await found(id)).toEqual([]);
});

test.each(['policies', 'issuers', 'upstreams', 'grants'] as const)(
  'what was removed of %s, and is put back, is in no snapshot',
  async (name) => {
    // The default upstream stays, so that another may go.
    if (name === 'upstreams') await KINDS.upstreams.make(context, `default-${count}`);
    const { id, works } = await KINDS[name].make(context, `back-${count}`);
    const before = await rawDocument(store.database, name, id);
    expect(await works()).toBe(true);
    store.nowMs += HOUR_MS / 2;
    await REMOVALS[name]?.(context, id);
    store.nowMs -= HOUR_MS / 2 - 120_000;
    await putRaw(store.database, name, { ...before });
    await makeRosters(store.database);
    // Without a policy that denies another might allow: no snapshot goes out at all.
    if (name === 'policies') await expect(works()).rejects.toThrow(AlteredError);
    else expect(await works()).toBe(false);
    expect(await found(id)).toEqual([`${id} was removed, and is back`]);
    await REMOVALS[name]?.(context, id);
  },
);

test('an approval that was used, and is put back, is not used again', async () => {
  const { id, works } = await KINDS.approvals.make(context, `used-${count}`);
  const before = await rawDocument(store.database, 'approvals', id);
  expect(await works()).toBe(true);
  await putRaw(store.database, 'approvals', before);
  expect((await failure(works())).reason).toBe(Reason.CONTENT_ALTERED);
  expect(await alarms(id)).toBe(1);
});

test('an approval that was decided, and is put back as it waited, is not decided again', async () => {
  const { name } = await requestApproval(
    context,
    'planes/one',
    question(`decided-${count}`, { rule: 'ask' }),
  );
  const before = await rawDocument(store.database, 'approvals', name);
  await decideApproval(context, rita, name, { state: 'DENIED', reason: 'no' });
  await putRaw(store.database, 'approvals', before);
  const again = decideApproval(context, rita, name, { state: 'APPROVED', reason: 'fine' });
  expect((await failure(again)).reason).toBe(Reason.CONTENT_ALTERED);
  expect(await alarms(name)).toBe(1);
});

test.each([
  'policies',
  'revocations',
  'roleBindings',
  'issuers',
  'upstreams',
  'notifiers',
  'planes',
] as const)('what is gone of %s is found', async (name) => {
  const { id } = await KINDS[name].make(context, `gone-${count}`);
  await rawOf(store.database, name).deleteOne({ _id: id });
  await makeRosters(store.database);
  expect(await found(id)).toEqual([`${id} is gone, and nobody removed it`]);
  await lookAtConfiguration(context);
  expect(await alarms(id)).toBe(1);
  expect(await found(id)).toEqual([]);
});

test('a revocation that was deleted may be made and deleted again', async () => {
  const { id } = await KINDS.revocations.make(context, `twice-${count}`);
  store.nowMs += HOUR_MS;
  await removeRevocation(context, admin, id);
  expect(await found(id)).toEqual([]);
});

test('a look reads of the record only what came since the one before', async () => {
  const { db } = store.database;
  /** Records that a look has MongoDB read. */
  const examined = async (): Promise<number> => {
    await db.command({ profile: 2 });
    expect(await found()).toEqual([]);
    await db.command({ profile: 0 });
    const operations = await db
      .collection('system.profile')
      .find({ ns: `${db.databaseName}.records` })
      .toArray();
    await db.collection('system.profile').drop();
    return operations.reduce((sum, { docsExamined = 0 }) => sum + docsExamined, 0);
  };
  expect(await found()).toEqual([]);
  expect(await examined()).toBe(0);
  await KINDS.policies.make(context, `since-${count}`);
  await KINDS.roleBindings.make(store.replica(), `since-${count}`);
  const came = await examined();
  expect(came).toBeGreaterThanOrEqual(2);
  expect(came).toBeLessThan(10);
});

test('what was read once is known, though its record is taken out before it is put back', async () => {
  const name = `roleBindings/hidden-${count}`;
  await createRoleBinding(context, admin, `hidden-${count}`, { group: `h-${count}`, role: Role.AUDITOR });
  const before = await rawDocument(store.database, 'roleBindings', name);
  store.nowMs += HOUR_MS;
  await removeRoleBinding(context, admin, name, '');
  expect(await found(name)).toEqual([]);
  await store.database.db.collection('records').deleteMany({ resource: name });
  await putRaw(store.database, 'roleBindings', before);
  expect(await found(name)).toEqual([`${name} was removed, and is back`]);
  await rawOf(store.database, 'roleBindings').deleteOne({ _id: name as never });
});
