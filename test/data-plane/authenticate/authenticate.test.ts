import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Authenticator, createAuthenticator } from '../../../data-plane/authenticate/authenticate.ts';
import { authenticateToken } from '../../../data-plane/authenticate/token.ts';
import { FORGERIES } from '../../oidc/forged.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';

const logger = pino({ level: 'silent' });
let issuer: TestIssuer;
let authenticator: Authenticator;

beforeAll(async () => {
  issuer = await startIssuer('RS256');
});
afterAll(() => issuer.close());
beforeEach(() => {
  authenticator = createAuthenticator({ logger });
});

const authenticate = async (token: string, trusted = [issuer.trusted()]) =>
  (await authenticateToken(authenticator, token, trusted)).caller;
const refused = (token: string, code: string, trusted?: ReturnType<TestIssuer['trusted']>[]) =>
  expect(authenticate(token, trusted)).rejects.toMatchObject({ name: 'GatewayError', code });

test('a good token says who its bearer is', async () => {
  const claims = { email: 'ana@clinic.example', groups: ['physicians'], azp: 'notes-app', sub: 'ana' };
  expect(await authenticate(await issuer.token(claims))).toMatchObject({
    issuer: issuer.url,
    subject: 'ana',
    email: 'ana@clinic.example',
    groups: ['physicians'],
    client: 'notes-app',
  });
});

test.each(FORGERIES)('refuses tokens $what', async ({ code, make }) => {
  for (const token of make(issuer, 'sworn-gateway')) await refused(await token, code);
  expect((await authenticate(await issuer.token())).subject).toBe('alice');
});

test('an issuer whose keys cannot be had is unavailable', async () => {
  issuer.answer = (_path, response) => response.writeHead(500).end();
  await refused(await issuer.token(), 'issuer_unavailable');
  issuer.answer = undefined;
});

describe('a token that was seen', () => {
  test('needs no keys while the issuers stay as they are', async () => {
    const own = await startIssuer();
    const trusted = [own.trusted()];
    const token = await own.token();
    const caller = await authenticate(token, trusted);
    const same = [own.trusted()];
    await own.close();
    expect(await authenticate(token, trusted)).toBe(caller);
    expect(await authenticate(token, same)).toBe(caller);
  });

  test('counts no more when it was verified under other rules', async () => {
    const token = await issuer.token();
    await authenticate(token);
    await refused(token, 'wrong_audience', [issuer.trusted({ gatewayAudiences: ['other'] })]);
    await refused(token, 'untrusted_issuer', []);
    expect((await authenticate(token)).subject).toBe('alice');
  });

  test('is verified anew after its minute, so that a withdrawn key ends its tokens', async () => {
    let nowMs = Date.now();
    const own = await startIssuer();
    authenticator = createAuthenticator({ logger, now: () => nowMs });
    const token = await own.token({ exp: Math.floor(nowMs / 1000) + 3_600 });
    await authenticate(token, [own.trusted()]);
    await own.rotate('ES256');
    await authenticate(token, [own.trusted()]);
    nowMs += 601_000;
    await refused(token, 'invalid_token', [own.trusted()]);
    await own.close();
  });
});
