import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { SyncState } from '#proto/sworn/plane/v1/plane_pb.ts';
import { createPlaneAuthenticator } from '../../../control-plane/enrollment/authenticate.ts';
import { bootstrapIdentity } from '../../../control-plane/identity/bootstrap.ts';
import { readSnapshotHead } from '../../../control-plane/storage/configuration/heads.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { type Env, startEnv } from '../identity/env.ts';
import { type Clients, type Served, serve } from '../identity/serve.ts';
import { refusal } from '../refusal.ts';
import { makePlane, type TestPlane } from './plane.ts';

let env: Env;
let issuer: TestIssuer;
let served: Served;
let admin: Clients['plane'];
let anyone: Clients['plane'];

beforeAll(async () => {
  issuer = await startIssuer();
  env = await startEnv({ issuer: issuer.url });
  await bootstrapIdentity(env.context);
  served = await serve(env.context);
  admin = served.client(() =>
    issuer.token({ groups: ['sworn-admins'], exp: Math.floor(Date.now() / 1000) + 86_400 }),
  ).plane;
  anyone = served.client().plane;
}, 120_000);
afterAll(async () => {
  await served.close();
  await env.close();
  await issuer.close();
});

const newToken = async (displayName = 'eu-west'): Promise<string> =>
  (await admin.createJoinToken({ displayName })).joinToken;
async function enrolled(): Promise<TestPlane & { readonly name: string; readonly client: Clients['plane'] }> {
  const plane = makePlane();
  const { name } = await anyone.enroll(plane.request(await newToken()));
  return { ...plane, name, client: served.client(() => plane.token(name)).plane };
}

describe('a join token', () => {
  test('lets one plane in, and is stored as a hash only', async () => {
    const joinToken = await newToken('us-east');
    expect(Buffer.from(joinToken, 'base64url')).toHaveLength(32);
    const stored = await env.context.database.db.collection('joinTokens').find().toArray();
    expect(JSON.stringify(stored)).not.toContain(joinToken);
    const plane = makePlane();
    const { name, snapshotKey } = await anyone.enroll(plane.request(joinToken));
    expect(name).toMatch(/^planes\/[0-9a-f-]{36}$/);
    expect(snapshotKey).toHaveLength(32);
    const { planes } = await admin.listPlanes({ pageSize: 1000 });
    expect(planes.find((known) => known.name === name)).toMatchObject({
      displayName: 'us-east',
      syncState: SyncState.NOT_SENT,
    });
    expect(await refusal(anyone.enroll(makePlane().request(joinToken)))).toBe(Reason.JOIN_TOKEN_INVALID);
  });

  test('lets one plane in when many come at the same time', async () => {
    const joinToken = await newToken();
    const before = (await admin.listPlanes({ pageSize: 1000 })).planes.length;
    const results = await Promise.all(
      Array.from({ length: 6 }, () => refusal(anyone.enroll(makePlane().request(joinToken)))),
    );
    expect(results.filter((result) => result === undefined)).toHaveLength(1);
    expect(results.filter((result) => result === Reason.JOIN_TOKEN_INVALID)).toHaveLength(5);
    expect((await admin.listPlanes({ pageSize: 1000 })).planes).toHaveLength(before + 1);
  });

  test('is worth nothing without the private key, when it is unknown, and after an hour', async () => {
    const joinToken = await newToken();
    const [plane, other] = [makePlane(), makePlane()];
    const stolen = { ...plane.request(joinToken), publicKey: other.publicKey };
    expect(await refusal(anyone.enroll(stolen))).toBe(Reason.JOIN_TOKEN_INVALID);
    expect(await refusal(anyone.enroll(plane.request('x'.repeat(43))))).toBe(Reason.JOIN_TOKEN_INVALID);
    env.advance(3_601_000);
    expect(await refusal(anyone.enroll(plane.request(joinToken)))).toBe(Reason.JOIN_TOKEN_INVALID);
    env.advance(-3_601_000);
    expect(await refusal(anyone.enroll(plane.request(joinToken)))).toBeUndefined();
  });

  test('is withdrawn by its name until a plane has joined with it, and that is recorded', async () => {
    const displayName = 'withdrawn';
    const used = makePlane();
    const usedToken = await newToken(displayName);
    const { name } = await anyone.enroll(used.request(usedToken));
    const [first, second, other] = [
      await newToken(displayName),
      await newToken(displayName),
      await newToken(),
    ];
    expect(await admin.withdrawJoinTokens({ displayName })).toMatchObject({ withdrawn: 2 });
    for (const joinToken of [first, second])
      expect(await refusal(anyone.enroll(makePlane().request(joinToken)))).toBe(Reason.JOIN_TOKEN_INVALID);
    expect(await refusal(anyone.enroll(makePlane().request(other)))).toBeUndefined();
    // A plane that has joined is revoked, not withdrawn.
    expect(await anyone.enroll(used.request(usedToken))).toMatchObject({ name });
    expect(await refusal(admin.withdrawJoinTokens({ displayName }))).toBe(Reason.NOT_FOUND);
    const records = env.context.database.db.collection('records');
    const recorded = await records.find({ resource: displayName }).sort({ _id: 1 }).toArray();
    expect(recorded.map(({ action }) => action)).toEqual([
      ...['joinToken.create', 'joinToken.create', 'joinToken.create', 'joinToken.withdraw'],
    ]);
  });

  test('gives the same plane again when the answer was lost, by it or by a new one', async () => {
    const plane = makePlane();
    const joinToken = await newToken();
    const { name } = await anyone.enroll(plane.request(joinToken));
    expect((await anyone.enroll(plane.request(joinToken))).name).toBe(name);
    expect((await anyone.enroll(plane.request(await newToken()))).name).toBe(name);
  });
});

describe("a plane's token", () => {
  test('is refused unless the plane made it for us, lately and for a short time', async () => {
    const plane = await enrolled();
    const other = await enrolled();
    const authenticate = createPlaneAuthenticator(env.context);
    const nowS = Math.floor(Date.now() / 1000);
    expect(await authenticate(await plane.token(plane.name))).toMatchObject({ name: plane.name });
    const right = { iss: plane.name, sub: plane.name, aud: 'sworn-control-plane', iat: nowS, exp: nowS + 60 };
    const sign = (claims: object) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA' }).sign(plane.privateKey);
    const { exp: _, ...unending } = right;
    const [head, body] = (await sign(right)).split('.');
    const hs = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${body}`;
    const forged = {
      'signed by another plane': await other.token(plane.name),
      'another subject': await plane.token(plane.name, { sub: other.name }),
      'another audience': await plane.token(plane.name, { aud: 'sworn-gateway' }),
      expired: await plane.token(plane.name, { iat: nowS - 200, exp: nowS - 110 }),
      old: await plane.token(plane.name, { iat: nowS - 200, exp: nowS + 60 }),
      'from the future': await plane.token(plane.name, { iat: nowS + 300, exp: nowS + 330 }),
      'too long': await plane.token(plane.name, { iat: nowS, exp: nowS + 3_600 }),
      unending: await sign(unending),
      'no algorithm': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`,
      'shared secret': `${hs}.${createHmac('sha256', plane.publicKey).update(hs).digest('base64url')}`,
      unsigned: `${head}.${body}.`,
      'too large': await plane.token(plane.name, { padding: 'x'.repeat(5_000) }),
      'no plane': await plane.token('sworn'),
      garbage: 'a.b.c',
    };
    for (const [what, token] of Object.entries(forged)) {
      expect([what, await refusal(authenticate(token))]).toEqual([what, Reason.UNAUTHENTICATED]);
    }
    expect(await refusal(authenticate(await plane.token('planes/unknown')))).toBe(Reason.PLANE_REVOKED);
  });

  test('of a plane is no token of a person', async () => {
    const { client } = await enrolled();
    expect(await refusal(client.createJoinToken({ displayName: 'mine' }))).toBe(Reason.UNAUTHENTICATED);
    expect(await refusal(admin.reportStatus({}))).toBe(Reason.UNAUTHENTICATED);
  });
});

describe('a revoked plane', () => {
  test('is refused at its next call, on every replica, and its key does not come back', async () => {
    const plane = await enrolled();
    const elsewhere = createPlaneAuthenticator(await env.replica());
    await plane.client.reportStatus({ version: '1' });
    await elsewhere(await plane.token(plane.name));
    const { plane: revoked } = await admin.revokePlane({ name: plane.name });
    expect(revoked?.revokeTime).toBeDefined();
    expect(await refusal(plane.client.reportStatus({ version: '1' }))).toBe(Reason.PLANE_REVOKED);
    expect(await refusal(elsewhere(await plane.token(plane.name)))).toBe(Reason.PLANE_REVOKED);
    expect(await refusal(anyone.enroll(plane.request(await newToken())))).toBe(Reason.PLANE_REVOKED);
    expect((await admin.revokePlane({ name: plane.name })).plane?.revokeTime).toEqual(revoked?.revokeTime);
    expect(await refusal(admin.revokePlane({ name: 'planes/none' }))).toBe(Reason.NOT_FOUND);
  });

  test('stands in the records, as do token and enrolment', async () => {
    const records = await env.context.database.db.collection('records').find().sort({ seq: 1 }).toArray();
    const actions = new Set(records.map((record) => record['action']));
    for (const action of ['joinToken.create', 'plane.enroll', 'plane.revoke'])
      expect(actions).toContain(action);
  });
});

test('an admin sees what a plane runs, against what it should run', async () => {
  const { name, client } = await enrolled();
  const seen = async () =>
    (await admin.listPlanes({ pageSize: 1000 })).planes.find((plane) => plane.name === name);
  const { epoch = '', revision = 0n } = (await readSnapshotHead(env.context.database)) ?? {};
  const report = { epoch, appliedRevision: revision, applyError: '', spoolDepth: 12n, version: '1.2.3' };
  await client.reportStatus(report);
  expect(await seen()).toMatchObject({
    syncState: SyncState.SYNCED,
    headRevision: revision,
    appliedRevision: revision,
    spoolDepth: 12n,
    version: '1.2.3',
  });
  await client.reportStatus({ ...report, appliedRevision: revision - 1n });
  expect((await seen())?.syncState).toBe(SyncState.STALE);
  await client.reportStatus({ ...report, appliedRevision: revision - 1n, applyError: 'does not compile' });
  expect(await seen()).toMatchObject({ syncState: SyncState.ERROR, applyError: 'does not compile' });
  await client.reportStatus({ ...report, epoch: 'another' });
  expect((await seen())?.syncState).toBe(SyncState.STALE);
  await client.reportStatus(report);
  env.advance(91_000);
  expect((await seen())?.syncState).toBe(SyncState.STALE);
  env.advance(-91_000);
});
