import { create as createMessage, toJsonString } from '@bufbuild/protobuf';
import type { Binary } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Authentication, UpstreamSpecSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { ListUpstreamsResponseSchema } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import { bootstrapIdentity } from '../../../control-plane/identity/bootstrap.ts';
import { findUpstream } from '../../../control-plane/storage/configuration/upstreams.ts';
import { isCredential } from '../../../control-plane/upstream/check.ts';
import { openSecrets, parseHeaders } from '../../../control-plane/upstream/secrets.ts';
import type { Tls } from '../../../program/transport.ts';
import { rawDocument, storeAsOlder } from '../../env/alter.ts';
import { type Authority, createAuthority } from '../../env/authority.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { type Env, startEnv } from '../identity/env.ts';
import { type Clients, type Served, serve } from '../identity/serve.ts';
import { refusal } from '../refusal.ts';

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
  expect(await refusal(create('openai', BASE_URL))).toBe(Reason.ALREADY_EXISTS);
  expect(await credentialOf('upstreams/openai')).toBe(KEY);

  const name = 'upstreams/openai';
  const moved = { name, etag: made?.etag ?? '', spec: { baseUrl: 'https://api.openai.com/v2' } };
  const { upstream: updated } = await upstream.updateUpstream({ upstream: moved });
  expect(updated?.spec?.baseUrl).toBe('https://api.openai.com/v2');
  expect(updated?.credentialTime).toEqual(made?.credentialTime);
  expect(await credentialOf(name)).toBe(KEY);
  expect(await refusal(upstream.updateUpstream({ upstream: moved }))).toBe(Reason.ETAG_MISMATCH);
  const masked = { upstream: { ...moved, etag: '' }, updateMask: { paths: ['credential_time'] } };
  expect(await refusal(upstream.updateUpstream(masked))).toBe(Reason.INVALID_UPDATE_MASK);

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
  expect(await refusal(upstream.getUpstream({ name }))).toBe(Reason.NOT_FOUND);
  expect(await refusal(upstream.updateUpstream({ upstream: renewed }))).toBe(Reason.NOT_FOUND);
});

test('another host takes the credential again, so that nobody can send it to their own', async () => {
  await create('mine', BASE_URL);
  const elsewhere = { name: 'upstreams/mine', spec: { baseUrl: 'https://evil.example.com/v1' } };
  expect(await refusal(upstream.updateUpstream({ upstream: elsewhere }))).toBe(Reason.INVALID_ARGUMENT);
  expect(await credentialOf('upstreams/mine')).toBe(KEY);
  await upstream.updateUpstream({ upstream: elsewhere, credential: 'sk-of-there' });
  expect(await credentialOf('upstreams/mine')).toBe('sk-of-there');
});

test('a credential opens for its upstream and base URL only', async () => {
  await create('a', 'https://a.example.com');
  await create('b', 'https://b.example.com');
  const { database } = env.context;
  const a = await rawDocument(database, 'upstreams', 'upstreams/a');
  const b = await rawDocument(database, 'upstreams', 'upstreams/b');
  // Whoever makes the MAC as well.
  await storeAsOlder(database, 'upstreams', { ...b, sealedCredential: a['sealedCredential'] });
  await expect(credentialOf('upstreams/b')).rejects.toThrow('sealed');
  await storeAsOlder(database, 'upstreams', { ...a, baseUrl: 'https://evil.example.com' });
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
  expect(await refusal(create('bad', baseUrl))).toBe(Reason.INVALID_ARGUMENT);
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
  expect(await refusal(create('bad', BASE_URL, 'key\r\nx: y'))).toBe(Reason.INVALID_ARGUMENT);
  const error = await create('bad', BASE_URL, `${KEY} `).catch((thrown: Error) => thrown);
  expect(String(error)).not.toContain(KEY);
});

describe('an upstream with more than a key', () => {
  const azure = {
    baseUrl: 'https://contoso.openai.azure.com/openai/v1/',
    authentication: Authentication.CLIENT_SECRET,
    oauth: {
      tokenUrl: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token',
      clientId: '66666666-7777-8888-9999-000000000000',
      scope: 'https://cognitiveservices.azure.com/.default',
    },
    proxyUrl: 'http://proxy.internal:3128',
    headers: [{ name: 'X-Route', value: 'blue' }],
    connectTimeout: { seconds: 3n },
    maxQueued: 0,
    models: ['gpt-*'],
    regions: ['eu-*'],
  };
  let authority: Authority;
  let client: Tls;
  beforeAll(async () => {
    authority = await createAuthority('Test Root');
    client = await authority.issueClient('plane');
  });

  test('is stored whole, and its secrets are nowhere but sealed', async () => {
    const spec = { ...azure, caCertificates: authority.certificate, clientCertificate: client.cert };
    const { upstream: made } = await upstream.createUpstream({
      upstreamId: 'azure',
      upstream: { spec },
      credential: KEY,
      clientKey: client.key,
      proxyCredential: 'proxy-user:proxy-pass',
      secretHeaders: [
        { name: 'X-Gateway-Key', value: 'gateway key 1' },
        { name: 'x-none', value: '' },
      ],
    });
    const { upstream: read } = await upstream.getUpstream({ name: 'upstreams/azure' });
    expect(read).toEqual(made);
    expect(read).toMatchObject({ hasClientKey: true, hasProxyCredential: true });
    expect(read?.secretHeaders).toEqual(['x-gateway-key']);
    expect(read?.spec).toMatchObject({ ...azure, baseUrl: azure.baseUrl.replace(/\/$/, '') });
    const stored = await env.context.database.db.collection('upstreams').find().toArray();
    const bytes = JSON.stringify(stored) + env.logs.join();
    for (const secret of [KEY, 'proxy-pass', 'gateway key', client.key.slice(40, 80)])
      expect(bytes).not.toContain(secret);
    const sealed = await findUpstream(env.context.database, 'upstreams/azure');
    if (sealed === undefined) throw new Error('no upstream');
    expect(openSecrets(env.context.seal, sealed)).toEqual({
      credential: KEY,
      clientKey: client.key,
      proxyCredential: 'proxy-user:proxy-pass',
      secretHeaders: '[["x-gateway-key","gateway key 1"]]',
    });
  });

  test.each([
    ['proxyUrl', 'http://proxy.evil.example:3128'],
    ['caCertificates', ''],
    ['oauth', { ...azure.oauth, tokenUrl: 'https://evil.example.com/token' }],
    ['authentication', Authentication.BEARER],
  ])(
    'takes its credential again when %s changes, and cannot be opened where the store says so',
    async (field, value) => {
      const name = 'upstreams/azure';
      const found = await upstream.getUpstream({ name });
      if (found.upstream?.spec === undefined) throw new Error('no spec');
      const { $typeName: _, ...before } = found.upstream.spec;
      const changed = createMessage(UpstreamSpecSchema, { ...before, [field]: value });
      if (field === 'authentication') delete changed.oauth;
      const update = { upstream: { name, spec: changed }, updateMask: { paths: ['*'] } };
      expect(await refusal(upstream.updateUpstream(update))).toBe(Reason.INVALID_ARGUMENT);
      const { database, seal } = env.context;
      const sealed = await findUpstream(database, name);
      if (sealed === undefined) throw new Error('no upstream');
      const moved = { ...sealed, upstream: { ...sealed.upstream, spec: changed } };
      expect(() => openSecrets(seal, moved)).toThrow('sealed');
    },
  );

  test('has secret headers, which are set and taken away by name, and given again for another host', async () => {
    const name = 'upstreams/gateway';
    const header = (value: string, header = 'x-key') => ({ secretHeaders: [{ name: header, value }] });
    const spec = { baseUrl: 'https://gateway.example/v1', authentication: Authentication.NONE };
    await upstream.createUpstream({ upstreamId: 'gateway', upstream: { spec }, ...header('first') });
    const headersOf = async () => {
      const sealed = await findUpstream(env.context.database, name);
      if (sealed === undefined) throw new Error('no upstream');
      return parseHeaders(openSecrets(env.context.seal, sealed).secretHeaders).map((each) => [
        each.name,
        each.value,
      ]);
    };
    await upstream.updateUpstream({ upstream: { name }, ...header('second', 'X-Other') });
    await upstream.updateUpstream({ upstream: { name }, ...header('third', 'X-KEY') });
    expect(await headersOf()).toEqual([
      ['x-key', 'third'],
      ['x-other', 'second'],
    ]);
    await upstream.updateUpstream({ upstream: { name }, ...header('', 'x-other') });
    expect(await headersOf()).toEqual([['x-key', 'third']]);
    const elsewhere = { name, spec: { baseUrl: 'https://evil.example/v1' } };
    expect(await refusal(upstream.updateUpstream({ upstream: elsewhere }))).toBe(Reason.INVALID_ARGUMENT);
    await upstream.updateUpstream({ upstream: elsewhere, ...header('of-there') });
    expect(await headersOf()).toEqual([['x-key', 'of-there']]);
    await upstream.deleteUpstream({ name });
  });

  test('keeps them when something else changes', async () => {
    const name = 'upstreams/azure';
    const { upstream: updated } = await upstream.updateUpstream({
      upstream: { name, spec: { http2: true, models: ['gpt-5*'] } },
    });
    expect(updated?.spec).toMatchObject({ http2: true, models: ['gpt-5*'], proxyUrl: azure.proxyUrl });
    expect(await credentialOf(name)).toBe(KEY);
    const { upstream: direct } = await upstream.updateUpstream({
      upstream: { name, spec: {} },
      updateMask: { paths: ['spec.proxy_url'] },
      credential: KEY,
      secretHeaders: [{ name: 'x-gateway-key', value: '' }],
    });
    expect(direct).toMatchObject({ hasProxyCredential: false, hasClientKey: true, spec: { proxyUrl: '' } });
  });

  test.each<[string, object, object?]>([
    ['credential', { authentication: Authentication.NONE }],
    ['credential', { authentication: Authentication.WORKLOAD_IDENTITY, oauth: azure.oauth }],
    ['oauth', { authentication: Authentication.CLIENT_SECRET }],
    ['oauth', { oauth: azure.oauth }],
    ['oauth.token_url', { ...azure, oauth: { ...azure.oauth, tokenUrl: 'http://login.example.com/t' } }],
    ['proxy_url', { proxyUrl: 'http://user:pass@proxy.internal:3128' }],
    ['proxy_url', { proxyUrl: 'http://proxy.internal:3128/path' }],
    ['proxy_credential', {}, { proxyCredential: 'user:pass' }],
    ['secret_headers', {}, { secretHeaders: [{ name: 'Authorization', value: 'x' }] }],
    [
      'secret_headers',
      { headers: [{ name: 'X-A', value: 'a' }] },
      { secretHeaders: [{ name: 'x-a', value: 'b' }] },
    ],
    [
      'model_names[1].model',
      {
        modelNames: [
          { model: 'a', sentAs: 'b' },
          { model: 'a', sentAs: 'c' },
        ],
      },
    ],
    ['headers[0].name', { headers: [{ name: 'Authorization', value: 'x' }] }],
    ['headers[0].name', { headers: [{ name: 'Content-Length', value: '1' }] }],
    ['headers[1].name', { headers: ['X-A', 'x-a'].map((name) => ({ name, value: '1' })) }],
    ['value', { headers: [{ name: 'x-a', value: 'a\r\nb: c' }] }],
    ['ca_certificates', { caCertificates: 'no certificate' }],
    ['client_key', {}, { clientKey: 'no key' }],
    ['queue_timeout', { queueTimeout: { seconds: 301n } }],
    ['base_url', { baseUrl: 'http://vllm.internal:8000/v1' }],
  ])('is refused with a fault of %s', async (field, spec, secrets = {}) => {
    const error = await upstream
      .createUpstream({
        upstreamId: 'bad',
        upstream: { spec: { baseUrl: BASE_URL, ...spec } },
        credential: KEY,
        ...secrets,
      })
      .catch((thrown: Error) => thrown);
    expect(reasonOf(error)).toBe(Reason.INVALID_ARGUMENT);
    expect(String(error)).toContain(field);
    expect(String(error)).not.toContain(KEY);
  });

  test('a certificate goes with its key alone; plain HTTP goes where that is allowed', async () => {
    const other = await authority.issueClient('other');
    const spec = { baseUrl: BASE_URL, clientCertificate: client.cert };
    const make = (clientKey: string) =>
      upstream.createUpstream({ upstreamId: 'bad', upstream: { spec }, credential: KEY, clientKey });
    expect(await refusal(make(other.key))).toBe(Reason.INVALID_ARGUMENT);
    expect(await refusal(make(''))).toBe(Reason.INVALID_ARGUMENT);
    const { upstream: plain } = await upstream.createUpstream({
      upstreamId: 'vllm',
      upstream: {
        spec: {
          baseUrl: 'http://vllm.internal:8000/v1',
          allowPlaintext: true,
          authentication: Authentication.NONE,
        },
      },
    });
    expect(plain?.credentialTime).toBeUndefined();
    expect(
      await refusal(
        upstream.updateUpstream({
          upstream: { name: 'upstreams/vllm', spec: {} },
          updateMask: { paths: ['spec.allow_plaintext'] },
        }),
      ),
    ).toBe(Reason.INVALID_ARGUMENT);
  });
});

test('the first is the default until another one is made it; neither that nor what policies name can be deleted', async () => {
  const all = async () => (await upstream.listUpstreams({})).upstreams;
  for (const { name } of (await all()).filter(({ spec }) => !spec?.isDefault))
    await upstream.deleteUpstream({ name });
  for (const { name } of await all()) await upstream.deleteUpstream({ name });
  await create('first', BASE_URL);
  await create('second', BASE_URL);
  const defaults = async () => (await all()).filter(({ spec }) => spec?.isDefault).map(({ name }) => name);
  expect(await defaults()).toEqual(['upstreams/first']);
  expect(await refusal(upstream.deleteUpstream({ name: 'upstreams/first' }))).toBe(Reason.IN_USE);
  await upstream.updateUpstream({
    upstream: { name: 'upstreams/first', spec: {} },
    updateMask: { paths: ['spec.is_default'] },
  });
  expect(await defaults()).toEqual(['upstreams/first']);
  await upstream.updateUpstream({ upstream: { name: 'upstreams/second', spec: { isDefault: true } } });
  expect(await defaults()).toEqual(['upstreams/second']);
  expect(await credentialOf('upstreams/first')).toBe(KEY);
  await storeAsOlder(env.context.database, 'policies', {
    _id: 'policies/sends',
    spec: { groups: ['*'], upstreams: ['first'], rules: [{ name: 'a', allow: {} }] },
    etag: 'e',
    createTime: new Date(),
    updateTime: new Date(),
  });
  expect(await refusal(upstream.deleteUpstream({ name: 'upstreams/first' }))).toBe(Reason.IN_USE);
  await env.context.database.db.collection<{ _id: string }>('policies').deleteOne({ _id: 'policies/sends' });
  await upstream.deleteUpstream({ name: 'upstreams/first' });
});
