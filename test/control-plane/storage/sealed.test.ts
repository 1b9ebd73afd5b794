import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import { expireApprovals } from '../../../control-plane/approval/expire.ts';
import { lookAtConfiguration, tellOfAlterations } from '../../../control-plane/audit/altered.ts';
import type { Context } from '../../../control-plane/context.ts';
import { eraseQuestions, findApproval } from '../../../control-plane/storage/approval/approvals.ts';
import { findPolicy, listPolicies } from '../../../control-plane/storage/configuration/policies.ts';
import { isRevoked } from '../../../control-plane/storage/configuration/revocations.ts';
import { findRoles } from '../../../control-plane/storage/configuration/role-bindings.ts';
import { AlteredError } from '../../../control-plane/storage/sealing/altered.ts';
import { hasRoster, SEALED, type SealedName } from '../../../control-plane/storage/sealing/sealing.ts';
import { createUpstream } from '../../../control-plane/upstream/upstream.ts';
import { putRaw, putTwice, rawDocument, rawOf } from '../../env/alter.ts';
import { insertTestPolicy } from '../approval/question.ts';
import { openStore, type Store } from '../audit/store.ts';
import { admin, type Configured, KINDS, REMOVALS } from './configuration.ts';

let store: Store;
let context: Context;
let told: () => Promise<void>;
let count = 0;
let one: Configured;
let other: Configured;

beforeAll(async () => {
  store = await openStore();
  store.nowMs = Date.now();
  context = store.replica();
  told = tellOfAlterations(context);
  await insertTestPolicy(store);
  // The default, so that others may go.
  const upstream = create(UpstreamSchema, {
    spec: { baseUrl: 'https://first.example.com', isDefault: true },
  });
  const secrets = { credential: 'sk', clientKey: '', proxyCredential: '', secretHeaders: [] };
  await createUpstream(context, admin, 'first', upstream, secrets);
}, 120_000);
afterAll(() => store.close());

/** Whether it works; a refusal that says why is no. */
async function works(configured: Configured): Promise<boolean> {
  try {
    return await configured.works();
  } catch (error) {
    if (error instanceof AlteredError || reasonOf(error) !== undefined) return false;
    throw error;
  }
}

async function alarmsOf(name: SealedName, { id }: Configured): Promise<number> {
  await told();
  const resource = id.includes('/') ? id : `${name}/${id}`;
  const action = 'alarm.configuration_altered';
  return await store.database.db.collection('records').countDocuments({ action, resource });
}

type Tamper = (name: SealedName) => Promise<readonly Configured[]>;

/** What somebody may do who can write to the database, and has no key. @returns those that do not count by it */
const TAMPERS: Readonly<Record<string, Tamper>> = {
  'one field is changed': async (name) => {
    const document = await rawDocument(store.database, name, one.id);
    await putRaw(store.database, name, { ...document, ...KINDS[name].field });
    return [one];
  },
  'a field is added': async (name) => {
    const document = await rawDocument(store.database, name, one.id);
    await putRaw(store.database, name, { ...document, more: true });
    return [one];
  },
  'the MAC is gone': async (name) => {
    const { mac: _, ...document } = await rawDocument(store.database, name, one.id);
    await putRaw(store.database, name, document);
    return [one];
  },
  'the MAC is of another': async (name) => {
    const document = await rawDocument(store.database, name, one.id);
    const { mac } = await rawDocument(store.database, name, other.id);
    await putRaw(store.database, name, { ...document, mac });
    return [one];
  },
  'two are swapped': async (name) => {
    const first = await rawDocument(store.database, name, one.id);
    const second = await rawDocument(store.database, name, other.id);
    await rawOf(store.database, name).deleteMany({ _id: { $in: [first._id, second._id] } });
    await putRaw(store.database, name, { ...first, _id: second._id });
    await putRaw(store.database, name, { ...second, _id: first._id });
    return [one, other];
  },
};

describe.each(Object.keys(SEALED) as SealedName[])('%s', (name) => {
  beforeEach(async () => {
    one = await KINDS[name].make(context, `one-${++count}`);
    other = await KINDS[name].make(context, `other-${count}`);
  });

  test.each(Object.keys(TAMPERS))(
    'where %s, nothing is opened, an alarm says so, and an admin mends it',
    async (what) => {
      const altered = (await TAMPERS[what]?.(name)) ?? [];
      for (let look = 0; look < 2; look++) {
        for (const configured of altered) expect(await works(configured)).toBe(false);
        // Each once, however often somebody looks.
        for (const configured of altered) expect(await alarmsOf(name, configured)).toBe(1);
      }
      for (const configured of altered) await configured.mend();
      // What a policy said once is past mending.
      const whole =
        name === 'policyRevisions' ? [one, other].filter((each) => !altered.includes(each)) : [one, other];
      for (const configured of whole) expect(await works(configured)).toBe(true);
    },
  );

  test('a copy under another id opens nothing, and can be removed', async () => {
    const document = await rawDocument(store.database, name, one.id);
    const copy = `${document._id}-copy`;
    // Where something of it is unique, the copy takes its place.
    await rawOf(store.database, name).deleteOne({ _id: one.id });
    await putRaw(store.database, name, { ...document, _id: copy });
    expect(await works(one)).toBe(false);
    await lookAtConfiguration(context);
    await REMOVALS[name]?.(context, copy);
    if (REMOVALS[name] !== undefined) {
      expect(await alarmsOf(name, { ...one, id: copy })).toBe(1);
      expect(await rawOf(store.database, name).countDocuments({ _id: copy })).toBe(0);
    } else await rawOf(store.database, name).deleteOne({ _id: copy });
    // The first is gone.
    if (hasRoster(name)) await one.mend();
    expect(await works(other)).toBe(true);
  });
});

test('a revocation that was altered is in force for whom it names, whatever end it was given', async () => {
  const { id, works: isWhole, mend } = await KINDS.revocations.make(context, 'left');
  const token = { issuer: 'https://idp.example.org', subject: 'left', email: '', client: '', tokenId: '' };
  const document = await rawDocument(store.database, 'revocations', id);
  await putRaw(store.database, 'revocations', { ...document, expireTime: new Date(1) });
  expect(await isRevoked(store.database, token, context.now())).toBe(true);
  // Another one that is made does not take it away as one that has ended.
  await KINDS.revocations.make(context, 'left-too');
  expect(await isRevoked(store.database, token, context.now())).toBe(true);
  await mend();
  expect(await isWhole()).toBe(true);
});

test('an approval that was altered does not stay, and its questions can be erased', async () => {
  const { id, mend } = await KINDS.approvals.make(context, 'altered');
  const document = await rawDocument(store.database, 'approvals', id);
  await putRaw(store.database, 'approvals', { ...document, state: 'PENDING', expireTime: new Date(1) });
  await expireApprovals(context);
  expect(await rawDocument(store.database, 'approvals', id)).toMatchObject({ state: 'EXPIRED' });
  await store.database.transaction((session) =>
    eraseQuestions(store.database, session, [document['exchange']], context.now()),
  );
  const erased = await rawDocument(store.database, 'approvals', id);
  expect(erased).not.toHaveProperty('question');
  await expect(findApproval(store.database, id)).rejects.toThrow(AlteredError);
  await mend();
});

test('what an admin reads says what is wrong and what to do', async () => {
  const { id, mend } = await KINDS.policies.make(context, 'read');
  const document = await rawDocument(store.database, 'policies', id);
  await putRaw(store.database, 'policies', { ...document, etag: 'mine' });
  await expect(listPolicies(store.database, { limit: 100, after: undefined })).rejects.toThrow(
    `${id} was changed in the database by something other than Sworn, and does not count: apply it again, or delete it`,
  );
  await expect(findPolicy(store.database, id)).rejects.toThrow('apply it again, or delete it');
  await mend();
  expect(await findPolicy(store.database, id)).toBeDefined();
});

test('ids that somebody made up are shown without what could do harm elsewhere', async () => {
  const document = { _id: 'policies/x\r\nBcc: eve@example.org', spec: {}, etag: 'e' };
  await putRaw(store.database, 'policies', document);
  await lookAtConfiguration(context);
  await told();
  const alarm = await store.database.db.collection('records').findOne({ resource: /Bcc/ });
  expect(alarm?.['resource']).toBe('policies/x??Bcc??eve?example.org');
  await rawOf(store.database, 'policies').deleteOne({ _id: document._id });
});

test('a role binding that names another group to MongoDB than to us gives nobody anything', async () => {
  const { id, mend } = await KINDS.roleBindings.make(context, 'twice');
  const document = await rawDocument(store.database, 'roleBindings', id);
  await rawOf(store.database, 'roleBindings').deleteOne({ _id: id });
  await putTwice(store.database, 'roleBindings', { group: 'everybody' }, document);
  expect(await rawOf(store.database, 'roleBindings').countDocuments({ group: 'everybody' })).toBe(1);
  expect((await rawDocument(store.database, 'roleBindings', id))['group']).toBe('twice-group');
  expect(await findRoles(store.database, ['everybody', 'twice-group'])).toEqual(new Set());
  await mend();
  expect(await findRoles(store.database, ['everybody'])).toEqual(new Set());
  expect((await findRoles(store.database, ['twice-group'])).size).toBe(1);
});

test('an approval that ends later to MongoDB than to us ends when it was to end', async () => {
  const { id, works: isUsed } = await KINDS.approvals.make(context, 'later');
  const document = await rawDocument(store.database, 'approvals', id);
  await rawOf(store.database, 'approvals').deleteOne({ _id: id });
  await putTwice(store.database, 'approvals', { expireTime: new Date(8.64e14) }, document);
  await expect(isUsed()).rejects.toThrow(AlteredError);
});
