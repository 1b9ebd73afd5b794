import { ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Binding } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import { bootstrapIdentity } from '../../../control-plane/identity/bootstrap.ts';
import { readSnapshotHead } from '../../../control-plane/storage/configuration/heads.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { refusal } from '../refusal.ts';
import { type Env, startEnv } from './env.ts';
import { type Clients, type Served, serve } from './serve.ts';

let env: Env;
let issuer: TestIssuer;
let served: Served;
let admin: Clients;

beforeAll(async () => {
  issuer = await startIssuer();
  env = await startEnv({ issuer: issuer.url });
  await bootstrapIdentity(env.context);
  served = await serve(env.context);
  admin = served.client(() => issuer.token({ groups: ['sworn-admins', 'sworn-auditors'] }));
}, 120_000);
afterAll(async () => {
  await served.close();
  await env.close();
  await issuer.close();
});

/** The reason, the message, and what it is about. */
async function refusalOf(call: Promise<unknown>) {
  const error = ConnectError.from(await call.catch((thrown: unknown) => thrown));
  return [reasonOf(error), error.rawMessage, error.findDetails(ErrorDetailSchema)[0]?.metadata['name']];
}
/** Without logins: every call of these tests comes with a token of its own. */
const actions = async (): Promise<string[]> => {
  const query = { action: { $ne: 'login' } };
  const records = await env.context.database.db.collection('records').find(query).sort({ seq: 1 }).toArray();
  return records.map((record) => `${record['action']} ${record['resource']}`);
};
const spec = (issuerUrl: string) => ({ issuerUrl, gatewayAudiences: ['sworn-gateway'] });

describe('the bootstrap', () => {
  test('lets the admins of the settings in', async () => {
    const { caller, roles } = await admin.identity.whoAmI({});
    expect(caller).toMatchObject({ issuer: issuer.url, subject: 'alice' });
    expect(roles).toEqual([Role.ADMIN, Role.AUDITOR]);
  });

  test('changes nothing at the next start, whoever starts at the same time', async () => {
    const before = await actions();
    await Promise.all([bootstrapIdentity(env.context), bootstrapIdentity(await env.replica())]);
    expect(await actions()).toEqual(before);
    expect(before.filter((action) => action === 'issuer.create issuers/default')).toHaveLength(1);
  });

  test('makes it once, when two replicas start on an empty store at the same time', async () => {
    const other = await startEnv({ issuer: issuer.url });
    try {
      await Promise.all([bootstrapIdentity(other.context), bootstrapIdentity(await other.replica())]);
      expect(await other.context.database.db.collection('roleBindings').countDocuments()).toBe(3);
      expect(await other.context.database.db.collection('issuers').countDocuments()).toBe(1);
    } finally {
      await other.close();
    }
  });

  test('follows the settings when the provider has moved, and keeps what admins set', async () => {
    const { issuer: current } = await admin.identity.getIssuer({ name: 'issuers/default' });
    const moved = {
      ...env.context,
      settings: { ...env.context.settings, issuer: 'https://new.example.com' },
    };
    await bootstrapIdentity(moved);
    expect(await refusal(admin.identity.whoAmI({}))).toBe(Reason.UNAUTHENTICATED);
    await bootstrapIdentity(env.context);
    const { issuer: back } = await admin.identity.getIssuer({ name: 'issuers/default' });
    expect(back?.spec).toEqual(current?.spec);
  });

  test('refuses a provider that is neither https nor on loopback', async () => {
    const bad = { ...env.context, settings: { ...env.context.settings, issuer: 'http://10.0.0.1' } };
    expect(await refusal(bootstrapIdentity(bad))).toBe(Reason.INVALID_ARGUMENT);
  });
});

describe('issuers', () => {
  test('are created, read, changed under a guard and deleted, each change recorded and published', async () => {
    const { identity } = admin;
    const revision = async () => (await readSnapshotHead(env.context.database))?.revision ?? 0n;
    const before = await revision();
    const url = 'https://okta.example.com';
    const { issuer: made } = await identity.createIssuer({ issuerId: 'okta', issuer: { spec: spec(url) } });
    expect(made).toMatchObject({ name: 'issuers/okta', spec: { issuerUrl: url } });
    expect((await identity.getIssuer({ name: 'issuers/okta' })).issuer).toEqual(made);

    const changed = { ...spec(url), gatewayAudiences: ['a', 'b'], groupsClaim: 'teams' };
    const update = { name: 'issuers/okta', spec: changed, etag: made?.etag ?? '' };
    const updateMask = { paths: ['spec.groups_claim'] };
    const { issuer: updated } = await identity.updateIssuer({ issuer: update, updateMask });
    expect(updated?.spec).toMatchObject({ groupsClaim: 'teams', gatewayAudiences: ['sworn-gateway'] });
    expect(updated?.etag).not.toBe(made?.etag);
    expect(await refusal(identity.updateIssuer({ issuer: update }))).toBe(Reason.ETAG_MISMATCH);
    expect(await refusal(identity.updateIssuer({ issuer: update, updateMask: { paths: ['name'] } }))).toBe(
      Reason.ETAG_MISMATCH,
    );
    // The fields to write alone will do; what the issuer is with them has to keep the rules.
    const written = (groupsClaim: string) => ({
      issuer: { name: 'issuers/okta', etag: updated?.etag ?? '', spec: { groupsClaim } },
      updateMask,
    });
    expect(await refusal(identity.updateIssuer(written('x'.repeat(201))))).toBe(Reason.INVALID_ARGUMENT);
    const { issuer: partly } = await identity.updateIssuer(written('roles'));
    expect(partly?.spec).toEqual({ ...updated?.spec, groupsClaim: 'roles' });
    const emptied = { issuer: { name: 'issuers/okta' }, updateMask: { paths: ['spec.gateway_audiences'] } };
    expect(await refusal(identity.updateIssuer(emptied))).toBe(Reason.INVALID_ARGUMENT);
    expect(await refusal(identity.updateIssuer({}))).toBe(Reason.INVALID_ARGUMENT);
    const unguarded = { ...update, etag: '' };
    expect(await refusal(identity.updateIssuer({ issuer: unguarded, updateMask: { paths: ['etag'] } }))).toBe(
      Reason.INVALID_UPDATE_MASK,
    );
    expect(await refusal(identity.deleteIssuer({ name: 'issuers/okta', etag: made?.etag ?? '' }))).toBe(
      Reason.ETAG_MISMATCH,
    );
    await identity.deleteIssuer({ name: 'issuers/okta', etag: partly?.etag ?? '' });
    expect(await refusal(identity.getIssuer({ name: 'issuers/okta' }))).toBe(Reason.NOT_FOUND);
    expect(await refusal(identity.deleteIssuer({ name: 'issuers/okta' }))).toBe(Reason.NOT_FOUND);
    expect(await revision()).toBe(before + 4n);
    expect((await actions()).slice(-4)).toEqual([
      'issuer.create issuers/okta',
      'issuer.update issuers/okta',
      'issuer.update issuers/okta',
      'issuer.delete issuers/okta',
    ]);
  });

  test('say what their tokens must be bound to', async () => {
    const { identity } = admin;
    const issuer = { spec: { ...spec('https://bound.example.com'), binding: Binding.DPOP } };
    await identity.createIssuer({ issuerId: 'bound', issuer });
    const write = (binding: Binding) =>
      identity.updateIssuer({
        issuer: { name: 'issuers/bound', spec: { binding } },
        updateMask: { paths: ['spec.binding'] },
      });
    for (const binding of [Binding.MTLS, Binding.ANY, Binding.UNSPECIFIED, Binding.DPOP]) {
      await write(binding);
      const { issuer: read } = await identity.getIssuer({ name: 'issuers/bound' });
      expect(read?.spec).toMatchObject({ binding, gatewayAudiences: ['sworn-gateway'] });
    }
    expect(await refusal(write(77 as Binding))).toBe(Reason.INVALID_ARGUMENT);
    await identity.deleteIssuer({ name: 'issuers/bound' });
  });

  test('have a name and a URL of their own', async () => {
    const { identity } = admin;
    const url = 'https://one.example.com';
    await identity.createIssuer({ issuerId: 'one', issuer: { spec: spec(url) } });
    const again = identity.createIssuer({ issuerId: 'one', issuer: { spec: spec('https://x.example.com') } });
    expect(await refusalOf(again)).toEqual([Reason.ALREADY_EXISTS, 'issuers/one exists', 'issuers/one']);
    const same = identity.createIssuer({ issuerId: 'two', issuer: { spec: spec(url) } });
    const inTheWay = (taken: string, name: string) => [
      Reason.ALREADY_EXISTS,
      `${taken} is the URL of ${name} already; update that one, or delete it first`,
      name,
    ];
    expect(await refusalOf(same)).toEqual(inTheWay(url, 'issuers/one'));
    const moved = identity.updateIssuer({ issuer: { name: 'issuers/one', spec: spec(issuer.url) } });
    expect(await refusalOf(moved)).toEqual(inTheWay(issuer.url, 'issuers/default'));
    await identity.deleteIssuer({ name: 'issuers/one' });
  });

  test.each([
    'http://idp.example.com',
    'http://10.1.2.3',
    'http://localhost.example.com',
    'https://u:p@idp.example.com',
  ])('are not to be reached at %s', async (url) => {
    const call = admin.identity.createIssuer({ issuerId: 'bad', issuer: { spec: spec(url) } });
    expect(await refusal(call)).toBe(Reason.INVALID_ARGUMENT);
  });

  test('are listed by name, page by page', async () => {
    const { identity } = admin;
    for (const id of ['p1', 'p2', 'p3']) {
      await identity.createIssuer({ issuerId: id, issuer: { spec: spec(`https://${id}.example.com`) } });
    }
    const names: string[] = [];
    let pageToken = '';
    do {
      const page = await identity.listIssuers({ pageSize: 2, pageToken });
      expect(page.issuers.length).toBeLessThanOrEqual(2);
      names.push(...page.issuers.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(names).toEqual(['issuers/default', 'issuers/p1', 'issuers/p2', 'issuers/p3']);
    const { nextPageToken } = await identity.listIssuers({ pageSize: 1 });
    expect(await refusal(identity.listRoleBindings({ pageToken: nextPageToken }))).toBe(
      Reason.INVALID_PAGE_TOKEN,
    );
  });
});

describe('role bindings', () => {
  test('give a role and take it again, without a new revision for planes', async () => {
    const { identity } = admin;
    const reviewer = served.client(() => issuer.token({ sub: 'bob', groups: ['night-shift'] }));
    const before = await readSnapshotHead(env.context.database);
    const wanted = { group: 'night-shift', role: Role.REVIEWER };
    const { roleBinding } = await identity.createRoleBinding({ roleBindingId: 'night', roleBinding: wanted });
    expect(roleBinding).toMatchObject({ ...wanted, name: 'roleBindings/night' });
    expect((await reviewer.identity.whoAmI({})).roles).toEqual([Role.REVIEWER]);
    const again = identity.createRoleBinding({ roleBindingId: 'other', roleBinding: wanted });
    expect(await refusal(again)).toBe(Reason.ALREADY_EXISTS);
    const { roleBindings } = await identity.listRoleBindings({});
    expect(roleBindings).toHaveLength(4);
    const name = 'roleBindings/night';
    expect(await refusal(identity.deleteRoleBinding({ name, etag: 'old' }))).toBe(Reason.ETAG_MISMATCH);
    await identity.deleteRoleBinding({ name, etag: roleBinding?.etag ?? '' });
    expect((await reviewer.identity.whoAmI({})).roles).toEqual([]);
    expect(await refusal(identity.deleteRoleBinding({ name }))).toBe(Reason.NOT_FOUND);
    expect(await readSnapshotHead(env.context.database)).toEqual(before);
    expect((await actions()).slice(-2)).toEqual([
      'roleBinding.create roleBindings/night',
      'roleBinding.delete roleBindings/night',
    ]);
  });

  test('cannot take the last group of admins away, nor an admin their own issuer, each said as such', async () => {
    const { identity } = admin;
    const { roleBindings } = await identity.listRoleBindings({});
    const name = roleBindings.find(({ role }) => role === Role.ADMIN)?.name ?? '';
    const before = await actions();
    expect(await refusal(identity.deleteRoleBinding({ name }))).toBe(Reason.LOCKS_OUT);
    expect(await refusal(identity.deleteIssuer({ name: 'issuers/default' }))).toBe(Reason.LOCKS_OUT);
    expect(await actions()).toEqual(before);
    expect((await identity.whoAmI({})).roles).toEqual([Role.ADMIN, Role.AUDITOR]);

    const second = { group: 'sworn-auditors', role: Role.ADMIN };
    const { roleBinding } = await identity.createRoleBinding({
      roleBindingId: 'second',
      roleBinding: second,
    });
    await identity.deleteRoleBinding({ name });
    expect((await identity.whoAmI({})).roles).toEqual([Role.ADMIN, Role.AUDITOR]);
    expect(await refusal(identity.deleteRoleBinding({ name: roleBinding?.name ?? '' }))).toBe(
      Reason.LOCKS_OUT,
    );
  });

  test('cannot be taken by two admins at once so that none is left', async () => {
    const { identity } = admin;
    const third = { group: 'sworn-admins', role: Role.ADMIN };
    await identity.createRoleBinding({ roleBindingId: 'third', roleBinding: third });
    const names = ['roleBindings/second', 'roleBindings/third'];
    const reasons = await Promise.all(names.map((name) => refusal(identity.deleteRoleBinding({ name }))));
    expect(reasons.sort()).toEqual([Reason.LOCKS_OUT, undefined]);
  });
});
