import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { base64url } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CallerKind } from '#proto/sworn/identity/v1/caller_pb.ts';
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

  test('groups have the names that the issuer is given for their ids', async () => {
    const groupNames = { '6f1c': 'clinicians', constructor: 'none' };
    const token = await issuer.token({ groups: ['6f1c', '77aa', 'toString'] });
    const { groups } = await verify(token, issuer.trusted({ groupNames }));
    expect(groups).toEqual(['clinicians', '77aa', 'toString']);
  });

  test('groups that the issuer has left out refuse the token, whatever else it says', async () => {
    const source = { src1: { endpoint: 'https://graph.example/users/1/getMemberObjects' } };
    for (const claims of [
      { _claim_names: { groups: 'src1' }, _claim_sources: source },
      { groups: ['a'], hasgroups: true },
      { hasgroups: 'true' },
    ]) {
      await refused(await issuer.token(claims), 'groups_missing');
    }
    const other = await issuer.token({ groups: ['a'], _claim_names: { address: 'src1' } });
    expect((await verify(other, issuer.trusted())).groups).toEqual(['a']);
  });

  test.each([
    ['a person', CallerKind.PERSON, { azp: 'portal' }],
    ['a person of no client', CallerKind.PERSON, {}],
    ['a service: the client is the subject (RFC 9068)', CallerKind.SERVICE, { client_id: 'bot', sub: 'bot' }],
    ['a service: Auth0', CallerKind.SERVICE, { azp: 'bot', sub: 'bot@clients' }],
    ['a service: Auth0 by its grant', CallerKind.SERVICE, { gty: 'client-credentials' }],
    ['a service: Entra', CallerKind.SERVICE, { idtyp: 'app' }],
    ['a service: Keycloak', CallerKind.SERVICE, { preferred_username: 'service-account-bot' }],
    ['a service: Okta', CallerKind.SERVICE, { cid: 'bot', sub: 'bot' }],
    ['a service by the settings of the issuer', CallerKind.SERVICE, { azp: 'nightly' }],
    ['the same of Entra, version 1.0', CallerKind.SERVICE, { appid: 'nightly' }],
    ['the same of Okta', CallerKind.SERVICE, { cid: 'nightly' }],
  ])('tell %s', async (_what, kind, claims) => {
    const token = await issuer.token({ ...claims, jti: 't-1' });
    const caller = await verify(token, issuer.trusted({ serviceClients: ['nightly'] }));
    expect(caller).toMatchObject({ kind, tokenId: 't-1' });
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
