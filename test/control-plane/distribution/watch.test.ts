import { createPublicKey, verify } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import type { WatchSnapshotResponse } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { SignedSnapshotSchema, type Snapshot, SnapshotSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { buildSnapshot } from '../../../control-plane/distribution/build.ts';
import { applyChange } from '../../../control-plane/distribution/change.ts';
import { createOutbox } from '../../../control-plane/distribution/outbox.ts';
import type { Publisher } from '../../../control-plane/distribution/publish.ts';
import { loadSigningKey } from '../../../control-plane/distribution/signing-key.ts';
import { watchSnapshot } from '../../../control-plane/distribution/watch.ts';
import { createConnections } from '../../../control-plane/enrollment/connections.ts';
import { bootstrapIdentity } from '../../../control-plane/identity/bootstrap.ts';
import { createPolicy } from '../../../control-plane/policy/policy.ts';
import { readSnapshotHead } from '../../../control-plane/storage/configuration/heads.ts';
import { putRaw, rawDocument, storeAsOlder } from '../../env/alter.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { makePlane } from '../enrollment/plane.ts';
import { type Env, ROOT, startEnv } from '../identity/env.ts';
import { type Clients, type Served, serve } from '../identity/serve.ts';
import { refusal } from '../refusal.ts';

let env: Env;
let issuer: TestIssuer;
let served: Served;
let admin: Clients;
const stops: AbortController[] = [];

beforeAll(async () => {
  issuer = await startIssuer();
  // A test below stops the store.
  env = await startEnv({ issuer: issuer.url }, { own: true });
  await bootstrapIdentity(env.context);
  served = await serve(env.context);
  admin = served.client(() => issuer.token({ groups: ['sworn-admins'] }));
}, 120_000);
afterEach(() => {
  vi.useRealTimers();
  for (const stop of stops.splice(0)) stop.abort();
});
afterAll(async () => {
  await served.close();
  await env.close();
  await issuer.close();
});

async function enrol() {
  const plane = makePlane();
  const { joinToken } = await admin.plane.createJoinToken({ displayName: 'test' });
  const { name, snapshotKey } = await served.client().plane.enroll(plane.request(joinToken));
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(snapshotKey).toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return { name, key, token: () => plane.token(name) };
}
type Enrolled = Awaited<ReturnType<typeof enrol>>;

/** A stream of a plane: each call of `next` gives the next snapshot, verified, over heartbeats. */
function watch(plane: Enrolled, at: Served = served, has: { epoch?: string; appliedRevision?: bigint } = {}) {
  const stop = new AbortController();
  stops.push(stop);
  const stream = at
    .client(plane.token)
    .plane.watchSnapshot(has, { signal: stop.signal })
    [Symbol.asyncIterator]();
  return {
    stop,
    async message(): Promise<WatchSnapshotResponse | undefined> {
      return (await stream.next()).value;
    },
    async next(): Promise<Snapshot> {
      for (;;) {
        const { value, done } = await stream.next();
        if (done === true) throw new Error('the stream ended');
        const signed = (value as WatchSnapshotResponse).snapshot;
        if (signed === undefined) continue;
        expect(verify(null, signed.snapshot, plane.key, signed.signature)).toBe(true);
        return fromBinary(SnapshotSchema, signed.snapshot);
      }
    },
  };
}

let made = 0;
/** Makes a change that planes get; its revision. */
async function change(context: Context = env.context): Promise<bigint> {
  made += 1;
  const spec = {
    groups: [`g${made}`],
    rules: [{ name: 'all', action: { case: 'allow' as const, value: {} } }],
  };
  await createPolicy(context, { caller: ROOT, reason: '' }, `p${made}`, create(PolicySchema, { spec }));
  return (await readSnapshotHead(context.database))?.revision ?? 0n;
}

test('a plane gets everything at once, signed, then each change', async () => {
  const baseUrl = 'https://api.openai.com/v1';
  await admin.upstream.createUpstream({
    upstreamId: 'openai',
    upstream: { spec: { baseUrl } },
    credential: 'sk-1',
  });
  const stream = watch(await enrol());
  const first = await stream.next();
  expect(first.issuers.map(({ name }) => name)).toEqual(['issuers/default']);
  expect(first.upstreams).toMatchObject([
    { name: 'upstreams/openai', spec: { baseUrl, isDefault: true }, credential: 'sk-1' },
  ]);
  const revision = await change();
  const second = await stream.next();
  expect(second).toMatchObject({ epoch: first.epoch, revision });
  expect(revision).toBe(first.revision + 1n);
  expect(second.policies).toHaveLength(first.policies.length + 1);
  expect(env.logs.join()).not.toContain('sk-1');
});

test('roles and join tokens make no new revision', async () => {
  const stream = watch(await enrol());
  const first = await stream.next();
  const roleBinding = { group: 'late', role: Role.AUDITOR };
  await admin.identity.createRoleBinding({ roleBindingId: 'late', roleBinding });
  await admin.plane.createJoinToken({ displayName: 'x' });
  await change();
  expect((await stream.next()).revision).toBe(first.revision + 1n);
});

test('a change on one replica reaches the planes of another, and both sign the same bytes', async () => {
  const context = await env.replica();
  const other = await serve(context);
  try {
    const plane = await enrol();
    const [here, there] = [watch(plane), watch(plane, other)];
    await Promise.all([here.next(), there.next()]);
    const revision = await change(context);
    expect((await here.next()).revision).toBe(revision);
    expect((await there.next()).revision).toBe(revision);
    const built = await Promise.all(
      [env.context, context].map(async (replica) =>
        buildSnapshot(replica, await loadSigningKey(replica, 'snapshot')),
      ),
    );
    expect(built[0]?.revision).toBe(revision);
    expect(built[0]).toEqual(built[1]);
  } finally {
    await other.close();
  }
});

test('a plane that does not read holds up nobody, and gets the newest when it does', async () => {
  const plane = await enrol();
  const [slow, quick] = [watch(plane), watch(plane)];
  await slow.next();
  let { revision } = await quick.next();
  for (let count = 0; count < 3; count += 1) {
    const wanted = await change();
    while (revision < wanted) ({ revision } = await quick.next());
  }
  let late = await slow.next();
  while (late.revision < revision) late = await slow.next();
  expect(late.revision).toBe(revision);
});

test('a plane that is ahead of this replica gets nothing older, but a sign of life at once', async () => {
  const plane = await enrol();
  const { epoch, revision } = await watch(plane).next();
  const ahead = watch(plane, served, { epoch, appliedRevision: revision + 1n });
  expect((await ahead.message())?.snapshot).toBeUndefined();
  const wanted = await change();
  expect((await ahead.next()).revision).toBe(wanted);
  const elsewhere = watch(plane, served, { epoch: 'another store', appliedRevision: 1_000_000n });
  expect((await elsewhere.message())?.snapshot).toBeDefined();
});

test('the first message has every change that was answered before the plane asked', async () => {
  const caller = { issuer: 'i', subject: 's', email: '', groups: [], client: '' };
  const change = {
    caller: create(CallerSchema, caller),
    action: 'policy.apply' as const,
    resource: 'tests/one',
  };
  for (let round = 0; round < 5; round += 1) {
    const plane = await enrol();
    await applyChange(env.context, change, async () => undefined);
    const head = await readSnapshotHead(env.context.database);
    const first = await watch(plane).message();
    const { revision } = fromBinary(SnapshotSchema, first?.snapshot?.snapshot ?? new Uint8Array());
    expect(revision).toBe(head?.revision);
  }
});

test('heartbeats come every five seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const signed = create(SignedSnapshotSchema, {});
  let subscribers = 0;
  const publisher: Publisher = {
    current: () => ({ epoch: 'e', revision: 1n, signed }),
    fault: () => undefined,
    refresh: () => undefined,
    newest: async () => publisher.current(),
    subscribe: () => {
      subscribers += 1;
      return createOutbox();
    },
    unsubscribe: () => {
      subscribers -= 1;
    },
    key: () => Promise.reject(new Error('not asked for')),
  };
  const stop = new AbortController();
  const stream = watchSnapshot(publisher, { epoch: '', appliedRevision: 0n }, stop.signal);
  expect((await stream.next()).value).toBe(signed);
  const beat = stream.next();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await beat).toEqual({ done: false, value: undefined });
  const last = stream.next();
  stop.abort();
  expect((await last).done).toBe(true);
  expect(subscribers).toBe(0);
});

test('a revoked plane loses its streams, wherever it was revoked', async () => {
  const other = await serve(await env.replica());
  try {
    for (const at of [served, other]) {
      const plane = await enrol();
      const snapshots = watch(plane, at);
      await snapshots.next();
      const approvals = at.client(plane.token).plane.watchApprovals({})[Symbol.asyncIterator]();
      await approvals.next();
      await admin.plane.revokePlane({ name: plane.name });
      expect(await refusal(snapshots.next())).toBe(Reason.PLANE_REVOKED);
      const drain = async () => {
        while ((await approvals.next()).done !== true);
      };
      expect(await refusal(drain())).toBe(Reason.PLANE_REVOKED);
    }
  } finally {
    await other.close();
  }
});

test('a plane of which the store was altered loses its streams, and is not told that it is revoked', async () => {
  const plane = await enrol();
  const snapshots = watch(plane);
  await snapshots.next();
  const stored = await rawDocument(env.context.database, 'planes', plane.name);
  await putRaw(env.context.database, 'planes', { ...stored, revokeTime: new Date() });
  await change();
  const end = async () => {
    for (;;) await snapshots.next();
  };
  expect(await refusal(end())).toBe(Reason.CONTENT_ALTERED);
  expect(await refusal(watch(plane).next())).toBe(Reason.CONTENT_ALTERED);
  await admin.plane.revokePlane({ name: plane.name });
  expect(await refusal(watch(plane).next())).toBe(Reason.PLANE_REVOKED);
});

test('while a policy is altered planes get nothing newer and no sign of life, and the next one when it is mended', async () => {
  const { database } = env.context;
  const plane = await enrol();
  const running = watch(plane);
  await running.next();
  const denies = { groups: ['*'], rules: [{ name: 'no', action: { case: 'deny' as const, value: {} } }] };
  const policy = create(PolicySchema, { name: 'policies/denies', spec: denies });
  await admin.policy.applyPolicies({ policies: [policy] });
  const stored = await rawDocument(database, 'policies', policy.name);
  await putRaw(database, 'policies', { ...stored, spec: { ...stored['spec'], groups: ['nobody'] } });
  await change();
  const end = async () => {
    for (;;) await running.next();
  };
  // The policy that denies would be gone from a snapshot that is without it.
  expect(await refusal(end())).toBe(Reason.CONTENT_ALTERED);
  expect(await refusal(watch(plane).next())).toBe(Reason.CONTENT_ALTERED);
  expect(await refusal(admin.policy.listPolicies({}))).toBe(Reason.CONTENT_ALTERED);
  await admin.policy.applyPolicies({ policies: [policy] });
  const mended = await watch(plane).next();
  expect(mended.policies.find(({ name }) => name === policy.name)?.spec?.groups).toEqual(['*']);
  await admin.policy.deletePolicy({ name: policy.name });
});

test('a replica that drains sends its planes to another one', async () => {
  const stop = new AbortController();
  const draining = await serve({ ...(await env.replica()), shutdown: stop.signal });
  try {
    const stream = watch(await enrol(), draining);
    await stream.next();
    stop.abort();
    expect(await refusal(stream.next())).toBe(Reason.DRAINING);
  } finally {
    await draining.close();
  }
});

test('a plane holds a few streams at a time: the oldest gives way', async () => {
  const connections = createConnections(env.context);
  const { name } = await enrol();
  const opened = Array.from({ length: 10 }, () => connections.open(name));
  expect(opened.map(({ signal }) => signal.aborted)).toEqual([true, ...new Array(9).fill(false)]);
  for (const connection of opened) connection.close();
});

test('a credential that does not open is left out, and the rest goes out', async () => {
  const { database } = env.context;
  await admin.upstream.createUpstream({
    upstreamId: 'bad',
    upstream: { spec: { baseUrl: 'https://bad.example.com' } },
    credential: 'sk-2',
  });
  const stored = await rawDocument(database, 'upstreams', 'upstreams/bad');
  await storeAsOlder(database, 'upstreams', { ...stored, baseUrl: 'https://evil.example.com' });
  const built = await buildSnapshot(env.context, await loadSigningKey(env.context, 'snapshot'));
  const snapshot = fromBinary(SnapshotSchema, built?.signed.snapshot ?? new Uint8Array());
  expect(snapshot.upstreams.map(({ name }) => name)).toEqual(['upstreams/openai']);
  expect(env.logs.join()).toContain('credential left out');
  await admin.upstream.deleteUpstream({ name: 'upstreams/bad' });
});

test('a change that fails leaves nothing, and changes at the same time all count', async () => {
  const { database } = env.context;
  const records = () => database.db.collection('records').countDocuments();
  const [head, count] = [await readSnapshotHead(database), await records()];
  const failing = applyChange(
    env.context,
    { caller: ROOT, action: 'policy.apply', resource: 'b' },
    async (session) => {
      await database.db.collection<{ _id: string }>('scratch').insertOne({ _id: 'x' }, { session });
      throw new Error('no');
    },
  );
  await expect(failing).rejects.toThrow('no');
  expect(await readSnapshotHead(database)).toEqual(head);
  expect(await database.db.collection('scratch').countDocuments()).toBe(0);
  await Promise.all(
    Array.from({ length: 8 }, () =>
      applyChange(
        env.context,
        { caller: ROOT, action: 'policy.apply', resource: 'b' },
        async () => undefined,
      ),
    ),
  );
  expect((await readSnapshotHead(database))?.revision).toBe((head?.revision ?? 0n) + 8n);
  expect(await records()).toBe(count + 8);
});

test('for half a minute while the store is down planes get the last snapshot, and the next one when it is back', async () => {
  const plane = await enrol();
  const first = watch(plane);
  const revision = await change();
  while ((await first.next()).revision < revision);
  await env.store.stop();
  const second = watch(plane);
  expect((await second.next()).revision).toBe(revision);
  await env.store.start();
  const wanted = await change();
  expect((await first.next()).revision).toBe(wanted);
  expect((await second.next()).revision).toBe(wanted);
});

test('after that no replica says of a snapshot that it is the newest', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const plane = await enrol();
  const stream = watch(plane);
  await stream.next();
  await env.store.stop();
  vi.advanceTimersByTime(31_000);
  const end = async () => {
    for (;;) await stream.next();
  };
  expect(await refusal(end())).toBe(Reason.STORE_UNAVAILABLE);
  expect(await refusal(watch(plane).message())).toBe(Reason.STORE_UNAVAILABLE);
  await env.store.start();
  const revision = await change();
  expect((await watch(plane).next()).revision).toBe(revision);
});

test('a plane that opens a stream is looked up alone: after a restart they all do', async () => {
  const { db } = env.context.database;
  const connections = createConnections(env.context);
  await db.command({ profile: 2 });
  for (const id of ['a', 'b', 'c']) connections.open(`planes/${id}`);
  await connections.sweep();
  const sizes = async () => {
    const finds = await db.collection('system.profile').find({ 'command.find': 'planes' }).toArray();
    return finds.map(({ command }) => command.filter._id.$in.length).sort();
  };
  await expect.poll(sizes, { timeout: 15_000 }).toEqual([1, 1, 1, 3]);
  await db.command({ profile: 0 });
});
