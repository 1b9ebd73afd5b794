import { toJsonString } from '@bufbuild/protobuf';
import { Binary } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { ListUpstreamsResponseSchema } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import { bootstrapIdentity } from '../../../control-plane/identity/bootstrap.ts';
import { findUpstream } from '../../../control-plane/storage/upstreams.ts';
import { isCredential } from '../../../control-plane/upstream/check.ts';
import { openSecrets } from '../../../control-plane/upstream/secrets.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { type Env, startEnv } from '../identity/env.ts';
import { type Clients, type Served, serve } from '../identity/serve.ts';

const KEY = 'sk-proj-very-secret-0123456789';
const BASE_URL = 'https://api.openai.com/v1';

let env: Env;
let issuer: TestIssuer;
let served: Served;
let upstream: Clients['upstream'];

beforeAll(async () => {
  issuer = await startIssuer();
  env = await startEnv({ issuer: issuer.url });
  await bootstrapIdentity(env.context);
  served = await serve(env.context);
  upstream = served.client(() => issuer.token({ groups: ['sworn-admins'] })).upstream;
}, 120_000);
afterAll(async () => {
  await served.close();
  await env.close();
  await issuer.close();
});

const reason = (call: Promise<unknown>): Promise<Reason | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  );
const create = (upstreamId: string, baseUrl: string, credential = KEY) =>
  upstream.createUpstream({ upstreamId, upstream: { spec: { baseUrl } }, credential });

/** The credential as planes get it. */
async function credentialOf(name: string): Promise<string> {
  const stored = await findUpstream(env.context.database, name);
  if (stored === undefined) throw new Error(`no ${name}`);
  return openSecrets(env.context.seal, stored).credential;
}

test('an upstream is created, changed and deleted, and no API returns its credential', async () => {
  const { upstream: made } = await create('openai', `${BASE_URL}/`);
  expect(made).toMatchObject({ name: 'upstreams/openai', spec: { baseUrl: BASE_URL } });
  expect(made?.credentialTime).toEqual(made?.createTime);
  expect(await reason(create('openai', BASE_URL))).toBe(Reason.ALREADY_EXISTS);
  expect(await credentialOf('upstreams/openai')).toBe(KEY);

  const name = 'upstreams/openai';
  const moved = { name, etag: made?.etag ?? '', spec: { baseUrl: 'https://api.openai.com/v2' } };
  const { upstream: updated } = await upstream.updateUpstream({ upstream: moved });
  expect(updated?.spec?.baseUrl).toBe('https://api.openai.com/v2');
  expect(updated?.credentialTime).toEqual(made?.credentialTime);
  expect(await credentialOf(name)).toBe(KEY);
  expect(await reason(upstream.updateUpstream({ upstream: moved }))).toBe(Reason.ETAG_MISMATCH);
  const masked = { upstream: { ...moved, etag: '' }, updateMask: { paths: ['credential_time'] } };
  expect(await reason(upstream.updateUpstream(masked))).toBe(Reason.INVALID_UPDATE_MASK);

  const { upstream: renewed } = await upstream.updateUpstream({ upstream: { name }, credential: 'sk-new' });
  expect(renewed?.spec?.baseUrl).toBe('https://api.openai.com/v2');
  expect(await credentialOf(name)).toBe('sk-new');

  const listed = toJsonString(ListUpstreamsResponseSchema, await upstream.listUpstreams({}));
  expect(listed).toContain('upstreams/openai');
  const stored = await env.context.database.db.collection('upstreams').find().toArray();
  const bytes = Buffer.concat(stored.map((document) => (document['sealedCredential'] as Binary).value()));
  const records = await env.context.database.db.collection('records').find().toArray();
  const recorded = Buffer.concat(records.map((record) => Buffer.from((record['bytes'] as Binary).value())));
  for (const secret of [KEY, 'sk-new']) {
    expect(listed + JSON.stringify(stored) + env.logs.join()).not.toContain(secret);
    expect(bytes.includes(secret) || recorded.includes(secret)).toBe(false);
  }
  expect(
    records.map((record) => record['action']).filter((action) => action.startsWith('upstream.')),
  ).toEqual(['upstream.create', 'upstream.update', 'upstream.update']);

  await upstream.deleteUpstream({ name });
  expect(await reason(upstream.getUpstream({ name }))).toBe(Reason.NOT_FOUND);
  expect(await reason(upstream.updateUpstream({ upstream: renewed }))).toBe(Reason.NOT_FOUND);
});

test('another host takes the credential again, so that nobody can send it to their own', async () => {
  await create('mine', BASE_URL);
  const elsewhere = { name: 'upstreams/mine', spec: { baseUrl: 'https://evil.example.com/v1' } };
  expect(await reason(upstream.updateUpstream({ upstream: elsewhere }))).toBe(Reason.INVALID_ARGUMENT);
  expect(await credentialOf('upstreams/mine')).toBe(KEY);
  await upstream.updateUpstream({ upstream: elsewhere, credential: 'sk-of-there' });
  expect(await credentialOf('upstreams/mine')).toBe('sk-of-there');
});

test('a credential opens for its upstream and base URL only', async () => {
  await create('a', 'https://a.example.com');
  await create('b', 'https://b.example.com');
  const upstreams = env.context.database.db.collection<{ _id: string; sealedCredential: Binary }>(
    'upstreams',
  );
  const a = await upstreams.findOne({ _id: 'upstreams/a' });
  await upstreams.updateOne(
    { _id: 'upstreams/b' },
    { $set: { sealedCredential: a?.sealedCredential ?? new Binary() } },
  );
  await expect(credentialOf('upstreams/b')).rejects.toThrow('sealed');
  await upstreams.updateOne({ _id: 'upstreams/a' }, { $set: { baseUrl: 'https://evil.example.com' } });
  await expect(credentialOf('upstreams/a')).rejects.toThrow('sealed');
  await upstream.deleteUpstream({ name: 'upstreams/a' });
  await upstream.deleteUpstream({ name: 'upstreams/b' });
});

test.each([
  'http://api.openai.com/v1',
  'http://192.168.1.4:8000',
  'https://key@api.openai.com',
  'http://localhost.evil.com',
])('a base URL is https, or http on loopback, without credentials: not %s', async (baseUrl) => {
  expect(await reason(create('bad', baseUrl))).toBe(Reason.INVALID_ARGUMENT);
});

test.each(['http://127.0.0.1:9000/v1', 'http://localhost:9000', 'http://[::1]:9000/v1'])(
  'a base URL may be %s',
  async (baseUrl) => {
    const { upstream: made } = await create('local', baseUrl);
    expect(made?.spec?.baseUrl).toBe(baseUrl);
    await upstream.deleteUpstream({ name: 'upstreams/local' });
  },
);

test('a credential is one that a header can carry', async () => {
  for (const text of ['a b', 'a\nb', 'a\r\nx-evil: 1', 'key\n', '\u00e4', 'a\u0000', ''])
    expect(isCredential(text)).toBe(false);
  expect(isCredential(KEY)).toBe(true);
  expect(await reason(create('bad', BASE_URL, 'key\r\nx: y'))).toBe(Reason.INVALID_ARGUMENT);
  const error = await create('bad', BASE_URL, `${KEY} `).catch((thrown: Error) => thrown);
  expect(String(error)).not.toContain(KEY);
});
