import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { errors, Provider } from 'oidc-provider';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { createMemoryAdapter } from '../../../cli/commands/dev/memory-adapter.ts';
import { createConnector } from '../../../data-plane/upstream/connect.ts';
import { TokenSource } from '../../../data-plane/upstream/token.ts';
import { failureOf, grantOf, type Listening, listen, serveHttp, TestUpstreams } from './env.ts';

const SECRET = 'client-secret-of-the-test-0123456789';
const SCOPE = 'https://cognitiveservices.example/.default';
const LIFETIME_S = 600;

let issuer: Listening;
let api: Listening;
let directory: string;
let identityFile: string;
let issued = 0;
let withdrawn = new Set<string>();
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
const using: TestUpstreams[] = [];
const never = new AbortController().signal;
const issuerUrl = () => `http://127.0.0.1:${issuer.port}`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-token-'));
  identityFile = join(directory, 'token');
  keys = await generateKeyPair('ES256', { extractable: true });
  const signing = await generateKeyPair('RS256', { extractable: true });
  const server = createServer();
  issuer = await listen(server);
  const provider = new Provider(issuerUrl(), {
    jwks: { keys: [{ ...(await exportJWK(signing.privateKey)), alg: 'RS256', use: 'sig' }] },
    adapter: createMemoryAdapter(),
    cookies: { keys: ['test'] },
    ttl: { ClientCredentials: LIFETIME_S },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:azure',
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== 'urn:azure') throw new errors.InvalidTarget();
          return {
            scope: SCOPE,
            audience: resource,
            accessTokenFormat: 'opaque',
            accessTokenTTL: LIFETIME_S,
          };
        },
      },
    },
    clients: [
      {
        client_id: 'plane',
        client_secret: SECRET,
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: 'workload',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [await exportJWK(keys.publicKey)] as never },
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
  });
  provider.on('grant.success', () => {
    issued += 1;
  });
  server.on('request', provider.callback());
  api = await serveHttp(async (request, response) => {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const known = await provider.ClientCredentials.find(token);
    const isGood = known !== undefined && !withdrawn.has(token) && known.scope === SCOPE;
    response.writeHead(isGood ? 200 : 401).end('{}');
    if (isGood) last = token;
  });
});
let last = '';
afterEach(async () => {
  withdrawn = new Set();
  issued = 0;
  await Promise.all(using.splice(0).map((made) => made.close()));
});
afterAll(async () => {
  await Promise.all([issuer.close(), api.close(), rm(directory, { recursive: true })]);
});

function grantWith(authentication: Authentication, clientId: string, credential: string) {
  const oauth = { tokenUrl: `${issuerUrl()}/token`, clientId, scope: SCOPE };
  return grantOf(
    'azure',
    `http://127.0.0.1:${api.port}/openai/v1`,
    { authentication, oauth },
    { credential },
  );
}

function upstreamWith(...args: Parameters<typeof grantWith>): TestUpstreams {
  const made = new TestUpstreams([grantWith(...args)], { workloadIdentityFile: identityFile });
  using.push(made);
  return made;
}

async function writeAssertion(claims: { sub?: string; expired?: boolean } = {}): Promise<void> {
  const sub = claims.sub ?? 'workload';
  const assertion = await new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(sub)
    .setSubject(sub)
    .setAudience(issuerUrl())
    .setIssuedAt()
    .setExpirationTime(claims.expired ? '-10m' : '5m')
    .sign(keys.privateKey);
  await writeFile(identityFile, `${assertion}\n`);
}

test('a token is asked for once, for however many requests at once, and sent to the upstream alone', async () => {
  const made = upstreamWith(Authentication.CLIENT_SECRET, 'plane', SECRET);
  const answers = await Promise.all(Array.from({ length: 5 }, () => made.call()));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(issued).toBe(1);
});

test('a token that the upstream does not take any more is replaced, and the request sent again, once', async () => {
  const made = upstreamWith(Authentication.CLIENT_SECRET, 'plane', SECRET);
  await made.call();
  withdrawn.add(last);
  expect((await made.call()).status).toBe(200);
  expect(issued).toBe(2);
});

test('an upstream that takes none of them answers 401, and is asked twice', async () => {
  const made = upstreamWith(Authentication.CLIENT_SECRET, 'plane', SECRET);
  withdrawn = { has: () => true } as never;
  expect((await made.call()).status).toBe(401);
  expect((await made.call()).status).toBe(401);
  // One that is taken no better than the one before shows that it is not the token.
  expect(issued).toBe(2);
  expect(made.upstreams.report(made.grants)[0]?.fault).toContain('401');
});

test('a token is renewed before its end in the background, and never used after it', async () => {
  let nowMs = 0;
  const grant = grantWith(Authentication.CLIENT_SECRET, 'plane', SECRET);
  const connector = createConnector(grant, { timeoutMs: 60_000, http2: false });
  const source = new TokenSource(grant, connector, { now: () => nowMs });
  const first = await source.get(never);
  nowMs = LIFETIME_S * 0.5 * 1_000;
  expect(await source.get(never)).toBe(first);
  expect(issued).toBe(1);
  nowMs = LIFETIME_S * 0.9 * 1_000;
  expect(await source.get(never)).toBe(first);
  await expect.poll(() => issued).toBe(2);
  await expect.poll(() => source.get(never)).not.toBe(first);
  const second = await source.get(never);
  nowMs += LIFETIME_S * 1_000;
  const third = await source.get(never);
  expect([first, second]).not.toContain(third);
  await source.close();
});

test('a secret that is wrong, and a token endpoint that is away, are told apart; neither quotes the secret', async () => {
  const wrong = await failureOf(upstreamWith(Authentication.CLIENT_SECRET, 'plane', `${SECRET}x`).call());
  expect(wrong).toMatchObject({ code: 'upstream_unreachable', untouched: true });
  expect(wrong.message).toContain('its token endpoint refuses this plane: invalid_client');
  expect(wrong.message).not.toContain(SECRET);

  const away = grantWith(Authentication.CLIENT_SECRET, 'plane', SECRET);
  if (away.spec?.oauth !== undefined) away.spec.oauth.tokenUrl = 'http://127.0.0.1:1/token';
  const made = new TestUpstreams([away]);
  using.push(made);
  expect((await failureOf(made.call())).message).toContain('its token endpoint gave no token');
});

test('a workload proves itself with the token of a file, which is read anew for each', async () => {
  await writeAssertion();
  const made = upstreamWith(Authentication.WORKLOAD_IDENTITY, 'workload', '');
  expect((await made.call()).status).toBe(200);
  withdrawn.add(last);
  await writeAssertion();
  expect((await made.call()).status).toBe(200);
});

test.each([
  ['that has expired', () => writeAssertion({ expired: true }), 'refuses this plane: invalid_client'],
  ['of somebody else', () => writeAssertion({ sub: 'other' }), 'refuses this plane: invalid_request'],
  ['that is none', () => writeFile(identityFile, 'root:x:0:0::/root:/bin/sh'), 'holds no token'],
  ['whose file is gone', () => rm(identityFile, { force: true }), 'cannot be read'],
])('an assertion %s gives no token', async (_what, prepare, words) => {
  await prepare();
  const failure = await failureOf(upstreamWith(Authentication.WORKLOAD_IDENTITY, 'workload', '').call());
  expect(failure).toMatchObject({ code: 'upstream_unreachable', untouched: true });
  expect(failure.message).toContain(words);
});
