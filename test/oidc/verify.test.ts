import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { base64url } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { createEnv, type Env } from './env.ts';
import { FORGERIES } from './forged.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

let issuer: TestIssuer;
let env: Env;

beforeAll(async () => {
  issuer = await startIssuer('RS256');
});
afterAll(() => issuer.close());
beforeEach(() => {
  env = createEnv();
});

const verify = (token: string, trusted = issuer.trusted()) => env.verify(token, trusted);
const refused = (token: string, code: string, trusted?: Issuer) =>
  expect(verify(token, trusted)).rejects.toMatchObject({ name: 'AuthenticationError', code });
const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
const nowS = () => Math.floor(Date.now() / 1000);

test('a good token says who its bearer is', async () => {
  const claims = { sub: 'ana', email: 'ana@clinic.example', groups: ['physicians'], azp: 'notes-app' };
  expect(await verify(await issuer.token(claims))).toMatchObject({
    issuer: issuer.url,
    subject: 'ana',
    email: 'ana@clinic.example',
    groups: ['physicians'],
    client: 'notes-app',
  });
});

test('a token is for the audiences of who verifies it, one of them at least', async () => {
  const person = await issuer.token({ aud: ['x', 'sworn-control-plane'] });
  await refused(person, 'wrong_audience');
  env = createEnv({ audiences: 'controlPlaneAudiences' });
  expect((await verify(person)).subject).toBe('alice');
  await refused(person, 'wrong_audience', issuer.trusted({ controlPlaneAudiences: [] }));
});

test('clocks may differ by some seconds', async () => {
  const barely = await issuer.token({ exp: nowS() - 3, nbf: nowS() + 3 });
  expect((await verify(barely)).subject).toBe('alice');
  await refused(await issuer.token({ exp: nowS() - 6 }), 'expired_token');
});

test('what the search for the issuer throws comes through', async () => {
  const away = new Error('the store is away');
  const verified = env.verifier.verify(await issuer.token(), () => Promise.reject(away));
  await expect(verified).rejects.toBe(away);
});

test('a token of another issuer than the one that was found is refused, even with a key of both', async () => {
  const other = await startIssuer();
  other.keys.unshift(issuer.key);
  const verified = env.verifier.verify(await issuer.token(), () => other.trusted().spec);
  await expect(verified).rejects.toMatchObject({ code: 'invalid_token' });
  await other.close();
});

test.each(FORGERIES)('refuses tokens $what', async ({ code, make }) => {
  for (const token of make(issuer, 'sworn-gateway')) await refused(await token, code);
  expect((await verify(await issuer.token())).subject).toBe('alice');
});

describe('algorithms', () => {
  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('%s is accepted by default', async (alg) => {
    const key = await issuer.addKey(alg);
    expect((await verify(await issuer.token({}, {}, key))).subject).toBe('alice');
  });

  test('that the issuer does not use are refused', async () => {
    await refused(await issuer.token(), 'invalid_token', issuer.trusted({ algorithms: ['ES256'] }));
  });

  test('with shared secrets are refused, even where they are listed', async () => {
    const [forgeries] = FORGERIES.filter(({ what }) => what.includes('shared secret'));
    for (const token of forgeries?.make(issuer, 'sworn-gateway') ?? ['none']) {
      await refused(await token, 'invalid_token', issuer.trusted({ algorithms: ['HS256', 'RS256'] }));
      await refused(await token, 'invalid_token', issuer.trusted({ algorithms: ['HS256'] }));
    }
  });

  test('with a shared secret that the key set publishes are refused', async () => {
    const secret = base64url.encode('a secret of thirty-two characters');
    const own = await startIssuer();
    own.answer = (path, response) =>
      response.end(
        JSON.stringify(
          path === '/jwks' ? { keys: [{ kty: 'oct', k: secret, kid: 's', alg: 'HS256' }] } : own.document,
        ),
      );
    const claims = { iss: own.url, sub: 'mallory', aud: 'sworn-gateway', exp: nowS() + 300 };
    const input = `${encode({ alg: 'HS256', kid: 's' })}.${encode(claims)}`;
    const token = `${input}.${createHmac('sha256', base64url.decode(secret)).update(input).digest('base64url')}`;
    await refused(token, 'invalid_token', own.trusted({ algorithms: ['HS256'] }));
    await refused(token, 'invalid_token', own.trusted({ algorithms: ['HS256', 'ES256'] }));
    await own.close();
  });

  test('with a published key that is too short are refused as the fault of the issuer that it is', async () => {
    const own = await startIssuer();
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'short', alg: 'RS256' };
    own.answer = (path, response) =>
      response.end(JSON.stringify(path === '/jwks' ? { keys: [jwk] } : own.document));
    const claims = { iss: own.url, sub: 'alice', aud: 'sworn-gateway', exp: nowS() + 300 };
    const input = `${encode({ alg: 'RS256', kid: 'short' })}.${encode(claims)}`;
    const token = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
    await refused(token, 'issuer_unavailable', own.trusted());
    expect(env.logs.join()).toContain('a key of the issuer cannot be used');
    await own.close();
  });
});

describe('claims', () => {
  const groupsOf = async (payload: Record<string, unknown>, groupsClaim: string) =>
    (await verify(await issuer.token(payload), issuer.trusted({ groupsClaim }))).groups;

  test('groups come from the claim of that name, or from where its dots lead', async () => {
    expect(await groupsOf({ 'https://a.example/groups': ['a'] }, 'https://a.example/groups')).toEqual(['a']);
    expect(await groupsOf({ realm_access: { roles: ['b', 'b', ''] } }, 'realm_access.roles')).toEqual(['b']);
    expect(await groupsOf({ role: 'c' }, 'role')).toEqual(['c']);
    expect(await groupsOf({}, 'absent.claim')).toEqual([]);
    expect(await groupsOf({}, 'constructor.name')).toEqual([]);
  });

  test('texts that are none, or have no end, refuse the token', async () => {
    for (const claims of [
      { email: 7 },
      { email: 'e'.repeat(2_049) },
      { sub: 's'.repeat(2_049) },
      { azp: {} },
    ]) {
      await refused(await issuer.token(claims), 'invalid_token');
    }
  });
});
