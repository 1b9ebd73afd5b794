import { createHmac, generateKeyPairSync } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import type { Person } from '../../../control-plane/api/identity.ts';
import { createPersonAuthenticator } from '../../../control-plane/identity/authenticate.ts';
import { createIssuer, removeIssuer, updateIssuer } from '../../../control-plane/identity/issuer.ts';
import { createRoleBinding, removeRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { type Env, ROOT, startEnv } from './env.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

let env: Env;
let issuer: TestIssuer;
let authenticate: (token: string) => Promise<Person>;

beforeAll(async () => {
  env = await startEnv();
}, 120_000);
afterAll(() => env.close());

beforeEach(async () => {
  issuer = await startIssuer();
  authenticate = createPersonAuthenticator(env.context);
  const spec = {
    issuerUrl: issuer.url,
    gatewayAudiences: ['sworn-gateway'],
    controlPlaneAudiences: ['sworn-control-plane'],
    groupsClaim: 'realm.groups',
  };
  await createIssuer(env.context, ROOT, 'idp', create(IssuerSchema, { spec }));
});
afterEach(async () => {
  vi.useRealTimers();
  await removeIssuer(env.context, ROOT, 'issuers/idp', '');
  await issuer.close();
});

/** The `cause` that a refused token's error names. */
async function causeOf(token: string): Promise<string | undefined> {
  const error = await authenticate(token).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(reasonOf(error)).toBe(Reason.UNAUTHENTICATED);
  return (error as ConnectError).findDetails(ErrorDetailSchema)[0]?.metadata['cause'];
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token that is right', () => {
  test('tells who it is and which roles their groups give now', async () => {
    const claims = { email: 'a@example.com', azp: 'cli', realm: { groups: ['g-admins', 'g-others', 7] } };
    const token = await issuer.token(claims, { typ: 'at+jwt' });
    expect((await authenticate(token)).roles).toEqual(new Set());
    const wanted = { group: 'g-admins', role: Role.ADMIN };
    await createRoleBinding(env.context, ROOT, 'admins', wanted);
    const { caller, roles } = await authenticate(token);
    expect(caller).toMatchObject({
      issuer: issuer.url,
      subject: 'alice',
      email: 'a@example.com',
      groups: ['g-admins', 'g-others'],
      client: 'cli',
    });
    expect(roles).toEqual(new Set([Role.ADMIN]));
    await removeRoleBinding(env.context, ROOT, 'roleBindings/admins', '');
    expect((await authenticate(token)).roles).toEqual(new Set());
  });

  test.each(['RS256', 'EdDSA'] as const)('may be signed with %s', async (alg) => {
    await issuer.rotate(alg);
    expect((await authenticate(await issuer.token())).caller.subject).toBe('alice');
  });

  test('is accepted a little after its end, for clocks differ', async () => {
    const nowS = Math.floor(Date.now() / 1000);
    expect((await authenticate(await issuer.token({ exp: nowS - 10 }))).caller.subject).toBe('alice');
  });
});

describe('a token that is refused', () => {
  test('for its claims', async () => {
    const nowS = Math.floor(Date.now() / 1000);
    expect(await causeOf(await issuer.token({ exp: nowS - 60 }))).toBe('expired_token');
    expect(await causeOf(await issuer.token({ nbf: nowS + 120 }))).toBe('invalid_token');
    expect(await causeOf(await issuer.token({ aud: 'sworn-gateway' }))).toBe('wrong_audience');
    expect(await causeOf(await issuer.token({ aud: ['x', 'sworn-control-plane-2'] }))).toBe('wrong_audience');
    expect(await causeOf(await issuer.token({ iss: `${issuer.url}/` }))).toBe('untrusted_issuer');
    expect(await causeOf(await issuer.token({ sub: '' }))).toBe('invalid_token');
    const unending = new SignJWT({ iss: issuer.url, sub: 'alice', aud: 'sworn-control-plane' });
    const { kid, alg, privateKey } = issuer.key;
    expect(await causeOf(await unending.setProtectedHeader({ alg, kid }).sign(privateKey))).toBe(
      'invalid_token',
    );
  });

  test('for being of another type or too large', async () => {
    expect(await causeOf(await issuer.token({}, { typ: 'logout+jwt' }))).toBe('invalid_token');
    expect(await causeOf(await issuer.token({ padding: 'x'.repeat(16_384) }))).toBe('invalid_token');
    for (const text of ['', 'a', 'a.b.c', '..', 'sk-123', encode({ alg: 'ES256' })]) {
      expect(await causeOf(text)).toBe('invalid_token');
    }
  });

  test('for its algorithm: none, a shared secret, one that the issuer does not use', async () => {
    await issuer.rotate('RS256');
    const right = await issuer.token();
    const [, payload = ''] = right.split('.');
    await authenticate(right);
    expect(await causeOf(`${encode({ alg: 'none' })}.${payload}.`)).toBe('invalid_token');
    const pem = issuer.key.publicKey.export({ format: 'pem', type: 'spki' });
    const signed = `${encode({ alg: 'HS256', kid: issuer.key.kid })}.${payload}`;
    const forged = `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
    expect(await causeOf(forged)).toBe('invalid_token');
    const spec = {
      issuerUrl: issuer.url,
      gatewayAudiences: ['sworn-gateway'],
      controlPlaneAudiences: ['sworn-control-plane'],
      algorithms: ['ES256'],
    };
    const only = create(IssuerSchema, { name: 'issuers/idp', spec });
    await updateIssuer(env.context, ROOT, only, undefined);
    expect(await causeOf(right)).toBe('invalid_token');
  });

  test('for its key: of another, or one that the issuer does not publish', async () => {
    const { kid } = issuer.key;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const nowS = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer.url, sub: 'alice', aud: 'sworn-control-plane', exp: nowS + 60 };
    const sign = (id: string) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: id }).sign(privateKey);
    expect(await causeOf(await sign(kid))).toBe('invalid_token');
    expect(await causeOf(await sign('nobody'))).toBe('invalid_token');
    const [header, payload, signature] = (await issuer.token()).split('.');
    const changed = encode({
      ...JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()),
      sub: 'mallory',
    });
    expect(await causeOf(`${header}.${changed}.${signature}`)).toBe('invalid_token');
  });

  test('when its issuer is no longer trusted, at once', async () => {
    const token = await issuer.token();
    await authenticate(token);
    await removeIssuer(env.context, ROOT, 'issuers/idp', '');
    expect(await causeOf(token)).toBe('untrusted_issuer');
    const spec = { issuerUrl: issuer.url, gatewayAudiences: ['sworn-gateway'], controlPlaneAudiences: [] };
    await createIssuer(env.context, ROOT, 'idp', create(IssuerSchema, { spec }));
    expect(await causeOf(token)).toBe('wrong_audience');
  });
});

describe("the issuer's keys", () => {
  test('are cached, and fetched again for a new key', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await authenticate(await issuer.token());
    await authenticate(await issuer.token({ sub: 'bob' }));
    expect(issuer.discoveries).toBe(1);
    await issuer.rotate('ES256', false);
    const rotated = await issuer.token();
    expect(await causeOf(rotated)).toBe('invalid_token');
    expect(issuer.discoveries).toBe(1);
    vi.setSystemTime(Date.now() + 31_000);
    expect((await authenticate(rotated)).caller.subject).toBe('alice');
    expect(issuer.discoveries).toBe(2);
  });

  test('that were withdrawn are worth nothing after ten minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const token = await issuer.token({ exp: Math.floor(Date.now() / 1000) + 3_600 });
    await authenticate(token);
    await issuer.rotate('ES256', false);
    await authenticate(token);
    vi.setSystemTime(Date.now() + 601_000);
    expect(await causeOf(token)).toBe('invalid_token');
  });

  test.each(['down', 'huge', 'redirect', 'wrong issuer', 'plain http keys'] as const)(
    'cannot be had when the issuer is "%s", and can again some seconds after it is mended',
    async (behaviour) => {
      vi.useFakeTimers({ toFake: ['Date'] });
      issuer.behaviour = behaviour;
      const token = await issuer.token();
      expect(await causeOf(token)).toBe('issuer_unavailable');
      const asked = issuer.discoveries;
      issuer.behaviour = 'right';
      expect(await causeOf(token)).toBe('issuer_unavailable');
      expect(issuer.discoveries).toBe(asked);
      vi.setSystemTime(Date.now() + 3_100);
      expect((await authenticate(token)).caller.subject).toBe('alice');
    },
  );

  test('cannot be had from an issuer that never answers', async () => {
    issuer.behaviour = 'silent';
    expect(await causeOf(await issuer.token())).toBe('issuer_unavailable');
  }, 8_000);
});

test('no token stands in the log', async () => {
  const token = await issuer.token({ email: 'secret@example.com' });
  issuer.behaviour = 'down';
  await causeOf(token);
  expect(env.logs.join()).toContain('issuer_unavailable');
  expect(env.logs.join()).not.toContain('secret@example.com');
  expect(env.logs.join()).not.toContain(token.split('.')[2]);
});
