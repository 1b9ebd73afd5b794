import { createHmac, createPublicKey, type JsonWebKey, KeyObject, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { base64url, EncryptJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { createAuthenticator } from '../../../data-plane/authenticate/authenticate.ts';
import { TestIssuer } from './issuer.ts';

const issuer = new TestIssuer();
let issuers: Issuer[];
let authenticator = createAuthenticator();

beforeAll(async () => {
  await issuer.start();
  await issuer.addKey();
});
afterAll(() => issuer.stop());
beforeEach(() => {
  issuers = [issuer.trusted()];
  authenticator = createAuthenticator();
});

const refused = (token: string, code: string, trusted = issuers) =>
  expect(authenticator.authenticate(token, trusted)).rejects.toMatchObject({
    name: 'AuthenticationError',
    code,
  });
const unsigned = (header: object, claims: object) =>
  `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claims))}`;
const nowS = () => Math.floor(Date.now() / 1000);
const claims = (more: JWTPayload = {}) => ({
  iss: issuer.url,
  sub: 'ana',
  aud: 'sworn-gateway',
  exp: nowS() + 300,
  ...more,
});

test('a good token says who its bearer is', async () => {
  expect(await authenticator.authenticate(await issuer.token(), issuers)).toMatchObject({
    issuer: issuer.url,
    subject: 'ana',
    email: 'ana@clinic.example',
    groups: ['physicians'],
    client: 'notes-app',
  });
});

test.each(['PS256', 'ES256', 'EdDSA'])('%s is accepted by default', async (alg) => {
  const key = await issuer.addKey(alg);
  expect((await authenticator.authenticate(await issuer.token({}, {}, key), issuers)).subject).toBe('ana');
});

describe('forged tokens', () => {
  test('without a signature', async () => {
    await refused(`${unsigned({ alg: 'none' }, claims())}.`, 'invalid_token');
    await refused(`${unsigned({ alg: 'none', typ: 'JWT' }, claims())}.AA`, 'invalid_token');
  });

  test('signed with the public key as if it were a shared secret, even where HS256 is listed', async () => {
    const jwk = issuer.keys[0]?.jwk as JsonWebKey;
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
    for (const kid of [undefined, 'key-1']) {
      const input = unsigned({ alg: 'HS256', typ: 'JWT', kid }, claims());
      const token = `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
      await refused(token, 'invalid_token');
      await refused(token, 'invalid_token', [issuer.trusted({ algorithms: ['HS256', 'RS256'] })]);
      await refused(token, 'invalid_token', [issuer.trusted({ algorithms: ['HS256'] })]);
    }
  });

  test('signed with a shared secret that the key set publishes', async () => {
    const secret = base64url.encode('a secret of thirty-two characters');
    issuer.answer = (response) =>
      response.end(JSON.stringify({ keys: [{ kty: 'oct', k: secret, kid: 's', alg: 'HS256' }] }));
    const input = unsigned({ alg: 'HS256', kid: 's' }, claims());
    const token = `${input}.${createHmac('sha256', base64url.decode(secret)).update(input).digest('base64url')}`;
    await refused(token, 'invalid_token', [issuer.trusted({ algorithms: ['HS256'] })]);
    issuer.answer = undefined;
  });

  test('with a key of their own, in the header or under a name of the issuer', async () => {
    const other = new TestIssuer();
    const key = await other.addKey('RS256', 'key-1');
    await refused(await issuer.token({}, {}, key), 'invalid_token');
    await refused(
      await issuer.token({}, { jwk: key.jwk, kid: undefined as unknown as string }, key),
      'invalid_token',
    );
    await refused(await issuer.token({}, { kid: 'unknown' }, key), 'invalid_token');
    await refused(await issuer.token({}, { jku: 'http://127.0.0.1:1/jwks' }, key), 'invalid_token');
  });

  test('with claims changed after signing', async () => {
    const [header, , signature] = (await issuer.token()).split('.');
    const changed = base64url.encode(JSON.stringify(claims({ sub: 'root' })));
    await refused(`${header}.${changed}.${signature}`, 'invalid_token');
  });

  test('with an algorithm that the issuer does not use', async () => {
    await refused(await issuer.token(), 'invalid_token', [issuer.trusted({ algorithms: ['ES256'] })]);
  });

  test('with critical extensions that are not understood', async () => {
    const key = issuer.keys[0]?.privateKey;
    if (key === undefined) throw new Error('the issuer has no key');
    for (const [header, code] of [
      [{}, undefined],
      [{ crit: ['urn:x'], 'urn:x': 1 }, 'invalid_token'],
    ] as const) {
      const input = unsigned({ alg: 'RS256', kid: 'key-1', ...header }, claims());
      const token = `${input}.${sign('sha256', Buffer.from(input), KeyObject.from(key)).toString('base64url')}`;
      if (code === undefined) await authenticator.authenticate(token, issuers);
      else await refused(token, code);
    }
  });
});

describe('tokens for other times and places', () => {
  test('of issuers that are not trusted, to the letter', async () => {
    for (const iss of [`${issuer.url}/`, issuer.url.toUpperCase(), 'https://evil.example', '']) {
      await refused(await issuer.token({ iss }), 'untrusted_issuer');
    }
    await refused(await issuer.token({ iss: undefined }), 'untrusted_issuer');
    await refused(await issuer.token(), 'untrusted_issuer', []);
  });

  test('for other audiences', async () => {
    for (const aud of ['sworn-control-plane', ['a', 'b'], 'sworn-gateway ', '']) {
      await refused(await issuer.token({ aud }), 'wrong_audience');
    }
    await refused(await issuer.token({ aud: undefined }), 'wrong_audience');
    expect(
      (await authenticator.authenticate(await issuer.token({ aud: ['x', 'sworn-gateway'] }), issuers))
        .subject,
    ).toBe('ana');
  });

  test('expired, not valid yet, or without an end', async () => {
    await refused(await issuer.token({ exp: nowS() - 10 }), 'expired_token');
    await refused(await issuer.token({ nbf: nowS() + 30 }), 'invalid_token');
    await refused(await issuer.token({ exp: undefined }), 'invalid_token');
    await refused(await issuer.token({ sub: undefined }), 'invalid_token');
    await refused(await issuer.token({ sub: '' }), 'invalid_token');
    const barely = await issuer.token({ exp: nowS() - 3, nbf: nowS() + 3 });
    expect((await authenticator.authenticate(barely, issuers)).subject).toBe('ana');
  });

  test('of other kinds: logout tokens, nested and encrypted tokens', async () => {
    await refused(await issuer.token({}, { typ: 'logout+jwt' }), 'invalid_token');
    const nested = `${unsigned({ alg: 'RS256', cty: 'JWT' }, {}).split('.')[0]}.${base64url.encode(await issuer.token())}.AA`;
    await refused(nested, 'invalid_token');
    const encrypted = await new EncryptJWT(claims())
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(new Uint8Array(32));
    await refused(encrypted, 'invalid_token');
  });

  test('no token, rubbish, and more than 16 KiB', async () => {
    await refused('', 'missing_token');
    for (const token of ['x', '..', 'a.b.c', 'sk-live-123', `${'a'.repeat(100)}.${'.'.repeat(100)}`]) {
      await refused(token, 'invalid_token');
    }
    await refused(await issuer.token({ padding: 'p'.repeat(16 * 1024) }), 'invalid_token');
  });
});

describe('claims', () => {
  const groupsOf = async (payload: Record<string, unknown>, groupsClaim: string) =>
    (await authenticator.authenticate(await issuer.token(payload), [issuer.trusted({ groupsClaim })])).groups;

  test('groups come from the claim of that name, or from where its dots lead', async () => {
    expect(await groupsOf({ 'https://a.example/groups': ['a'] }, 'https://a.example/groups')).toEqual(['a']);
    expect(await groupsOf({ realm_access: { roles: ['b', 'b', ''] } }, 'realm_access.roles')).toEqual(['b']);
    expect(await groupsOf({ role: 'c' }, 'role')).toEqual(['c']);
    expect(await groupsOf({}, 'absent.claim')).toEqual([]);
    expect(await groupsOf({}, 'constructor.name')).toEqual([]);
  });

  test('groups that cannot be read whole refuse the token', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => `${index}`);
    for (const groups of [many, [1], ['g'.repeat(300)], { a: 1 }, 7]) {
      await refused(await issuer.token({ groups }), 'invalid_token');
    }
  });
});

describe('keys', () => {
  test('a new key is fetched when a token names it, but not for every token', async () => {
    let nowMs = Date.now();
    authenticator = createAuthenticator({ now: () => nowMs });
    await authenticator.authenticate(await issuer.token(), issuers);
    const key = await issuer.addKey('ES256', 'rotated');
    const fetches = issuer.fetches;
    await refused(await issuer.token({}, {}, key), 'invalid_token');
    expect(issuer.fetches).toBe(fetches);
    nowMs += 31_000;
    expect((await authenticator.authenticate(await issuer.token({}, {}, key), issuers)).subject).toBe('ana');
    expect(issuer.fetches).toBe(fetches + 1);
  });

  test('many tokens at once fetch the keys once', async () => {
    const fetches = issuer.fetches;
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, index) => issuer.token({ sub: `${index}` })),
    );
    await Promise.all(tokens.map((token) => authenticator.authenticate(token, issuers)));
    expect(issuer.fetches).toBe(fetches + 1);
  });

  test('an issuer that does not answer is unavailable, and is not asked for every token', async () => {
    let nowMs = Date.now();
    authenticator = createAuthenticator({ now: () => nowMs });
    const fetches = issuer.fetches;
    issuer.answer = (response) => response.writeHead(500).end();
    await refused(await issuer.token(), 'issuer_unavailable');
    await refused(await issuer.token({ sub: 'ben' }), 'issuer_unavailable');
    expect(issuer.fetches).toBe(fetches + 1);
    issuer.answer = undefined;
    nowMs += 2_500;
    expect((await authenticator.authenticate(await issuer.token(), issuers)).subject).toBe('ana');
  });

  test.each([
    ['too large', (response: ServerResponse) => response.end(`{"keys":[],"x":"${'x'.repeat(600_000)}"}`)],
    ['not JSON', (response: ServerResponse) => response.end('<html>')],
    [
      'a redirect',
      (response: ServerResponse) => response.writeHead(302, { location: `${issuer.url}/other` }).end(),
    ],
    ['without keys', (response: ServerResponse) => response.end('{}')],
  ])('a key set that is %s counts as unavailable', async (_what, answer) => {
    issuer.answer = answer;
    await refused(await issuer.token(), 'issuer_unavailable');
    issuer.answer = undefined;
  });

  test('a discovery document that speaks for another issuer, or leads off https and loopback, is not followed', async () => {
    for (const discovery of [
      { issuer: 'https://other.example' },
      { jwks_uri: 'http://192.0.2.1/jwks' },
      { jwks_uri: 'file:///etc/passwd' },
    ]) {
      issuer.discovery = discovery;
      authenticator = createAuthenticator();
      await refused(await issuer.token(), 'issuer_unavailable');
    }
    issuer.discovery = {};
  });

  test('an issuer over http is read on loopback only', async () => {
    const url = 'http://issuer.example';
    const trusted = [issuer.trusted({ issuerUrl: url })];
    await refused(await issuer.token({ iss: url }), 'issuer_unavailable', trusted);
  });
});

describe('cache', () => {
  test('a token that was seen needs no keys, until its end', async () => {
    let nowMs = Date.now();
    const own = new TestIssuer();
    await own.start();
    await own.addKey();
    const trusted = [own.trusted()];
    authenticator = createAuthenticator({ now: () => nowMs });
    const token = await own.token({ exp: nowS() + 20 });
    const caller = await authenticator.authenticate(token, trusted);
    await own.stop();
    expect(await authenticator.authenticate(token, trusted)).toBe(caller);
    expect(await authenticator.authenticate(token, [own.trusted()])).toBe(caller);
    nowMs += 26_000;
    await refused(token, 'expired_token', trusted);
  });

  test('what was verified under other rules counts no more', async () => {
    const token = await issuer.token();
    await authenticator.authenticate(token, issuers);
    await refused(token, 'wrong_audience', [issuer.trusted({ gatewayAudiences: ['other'] })]);
    await refused(token, 'untrusted_issuer', []);
    expect((await authenticator.authenticate(token, issuers)).subject).toBe('ana');
  });

  test('a token is verified anew after a minute, so that a withdrawn key ends its tokens', async () => {
    let nowMs = Date.now();
    const own = new TestIssuer();
    await own.start();
    const key = await own.addKey();
    authenticator = createAuthenticator({ now: () => nowMs });
    const token = await own.token({ exp: nowS() + 3 * 3600 });
    await authenticator.authenticate(token, [own.trusted()]);
    own.keys.splice(0, 1);
    await own.addKey();
    expect(own.keys[0]?.kid).toBe(key.kid);
    nowMs += 3_700_000;
    await refused(token, 'invalid_token', [own.trusted()]);
    await own.stop();
  });
});
