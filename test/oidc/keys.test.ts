import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEnv, type Env } from './env.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

let issuer: TestIssuer;
let env: Env;

beforeEach(async () => {
  issuer = await startIssuer();
  env = createEnv();
});
afterEach(() => {
  vi.unstubAllGlobals();
  return issuer.close();
});

const verify = async (token: string | Promise<string>) => env.verify(await token, issuer.trusted());
const refused = (token: string | Promise<string>, code: string) =>
  expect(verify(token)).rejects.toMatchObject({ name: 'AuthenticationError', code });
/** Long enough for tests that move the clock. */
const lasting = (sub = 'alice') => issuer.token({ sub, exp: Math.floor(Date.now() / 1000) + 10_800 });

test('are cached, and fetched again when a token names a new one, but not for every token', async () => {
  await verify(lasting());
  await verify(lasting('bob'));
  expect(issuer.fetches).toBe(1);
  await issuer.rotate('ES256');
  const rotated = await lasting();
  await refused(rotated, 'invalid_token');
  expect(issuer.fetches).toBe(1);
  env.advance(31_000);
  expect((await verify(rotated)).subject).toBe('alice');
  expect(issuer.fetches).toBe(2);
});

test('are fetched once for many tokens at once', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => verify(issuer.token({ sub: `${index}` }))));
  expect(issuer.fetches).toBe(1);
});

test('are fetched anew before they are too old, while the old ones still serve', async () => {
  await verify(lasting());
  env.advance(301_000);
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  issuer.answer = (path, response) => {
    held.then(() =>
      response.end(JSON.stringify(path === '/jwks' ? { keys: [issuer.key.jwk] } : issuer.document)),
    );
  };
  expect((await verify(lasting())).subject).toBe('alice');
  release();
  await expect.poll(() => issuer.fetches).toBe(2);
});

test('that were withdrawn are worth nothing after ten minutes, also when the issuer does not answer', async () => {
  const token = await lasting();
  await verify(token);
  await issuer.rotate('ES256');
  await verify(token);
  env.advance(601_000);
  await refused(token, 'invalid_token');
  issuer.answer = (_path, response) => response.writeHead(503).end();
  env.advance(601_000);
  await refused(token, 'issuer_unavailable');
});

test.each<[string, (path: string, response: ServerResponse) => void]>([
  ['down', (_path, response) => response.writeHead(500).end()],
  [
    'too large',
    (path, response) => answer(path, response, { keys: [issuer.key.jwk], x: 'x'.repeat(600_000) }),
  ],
  ['not JSON', (path, response) => answer(path, response, undefined)],
  ['without keys', (path, response) => answer(path, response, {})],
  [
    'with too many keys',
    (path, response) => answer(path, response, { keys: Array(101).fill(issuer.key.jwk) }),
  ],
  [
    'a redirect',
    (path, response) => {
      if (path !== '/jwks') return answer(path, response, { keys: [issuer.key.jwk] });
      response.writeHead(302, { location: `${issuer.url}/moved` }).end();
    },
  ],
])('that are %s count as unavailable, and are not asked for again at once', async (_what, respond) => {
  issuer.answer = respond;
  const token = await lasting();
  await refused(token, 'issuer_unavailable');
  issuer.answer = undefined;
  await refused(token, 'issuer_unavailable');
  expect(issuer.fetches).toBe(1);
  expect(env.logs).toHaveLength(1);
  env.advance(2_500);
  expect((await verify(token)).subject).toBe('alice');
});

test('that could not be had are asked for again when the clock is set back', async () => {
  const token = await lasting();
  issuer.answer = (_path, response) => response.writeHead(503).end();
  await refused(token, 'issuer_unavailable');
  issuer.answer = undefined;
  env.advance(-600_000);
  expect((await verify(token)).subject).toBe('alice');
});

/** The discovery document, and this as the key set. */
function answer(path: string, response: ServerResponse, keys: unknown): void {
  const isDiscovery = path.startsWith('/.well-known/');
  response.end(isDiscovery ? JSON.stringify(issuer.document) : (JSON.stringify(keys) ?? '<html>'));
}

test.each([
  ['speaks for another issuer', () => ({ issuer: 'https://other.example' })],
  ['differs by a slash', () => ({ issuer: `${issuer.url}/` })],
  ['has no keys', () => ({ jwks_uri: undefined })],
  ['leads off https and loopback', () => ({ jwks_uri: 'http://192.0.2.1/jwks' })],
  // It reaches the same server, but its name is not a loopback host's.
  [
    'leads to another name',
    () => ({ jwks_uri: `${issuer.url.replace('127.0.0.1', '[::ffff:127.0.0.1]')}/jwks` }),
  ],
  ['leads to a file', () => ({ jwks_uri: 'file:///etc/passwd' })],
  ['gives a password away', () => ({ jwks_uri: `${issuer.url.replace('//', '//user:password@')}/jwks` })],
])('a discovery document that %s is not followed', async (_what, discovery) => {
  issuer.discovery = discovery();
  await refused(issuer.token(), 'issuer_unavailable');
});

test('may be under a query', async () => {
  issuer.discovery = { jwks_uri: `${issuer.url}/jwks?p=policy` };
  expect((await verify(issuer.token())).subject).toBe('alice');
});

test('of an issuer over http are read on loopback only', async () => {
  const issuerUrl = 'http://issuer.example';
  const token = await issuer.token({ iss: issuerUrl });
  await expect(env.verify(token, issuer.trusted({ issuerUrl }))).rejects.toMatchObject({
    code: 'issuer_unavailable',
  });
});

test('of an issuer over https are not read over http, not even on loopback', async () => {
  const issuerUrl = 'https://issuer.example';
  const { fetch } = globalThis;
  // In the place of a name and a certificate.
  vi.stubGlobal('fetch', (url: URL, init: RequestInit) =>
    fetch(url.href.replace(issuerUrl, issuer.url), init),
  );
  const token = await issuer.token({ iss: issuerUrl });
  const trusted = issuer.trusted({ issuerUrl });
  issuer.discovery = { issuer: issuerUrl };
  await expect(env.verify(token, trusted)).rejects.toMatchObject({ code: 'issuer_unavailable' });
  issuer.discovery = { issuer: issuerUrl, jwks_uri: `${issuerUrl}/jwks` };
  env.advance(2_500);
  expect((await env.verify(token, trusted)).issuer).toBe(issuerUrl);
});

test('cannot be had from an issuer that never answers', async () => {
  issuer.answer = () => undefined;
  await refused(issuer.token(), 'issuer_unavailable');
});
