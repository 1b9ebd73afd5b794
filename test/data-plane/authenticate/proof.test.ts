import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { base64url, exportJWK } from 'jose';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAuthenticator } from '../../../data-plane/authenticate/authenticate.ts';
import { challengeOf } from '../../../data-plane/authenticate/challenge.ts';
import { DpopCheck, type DpopOptions } from '../../../data-plane/authenticate/dpop/check.ts';
import { isFreshNonce, makeNonce } from '../../../data-plane/authenticate/dpop/nonce.ts';
import { authenticateRequest } from '../../../data-plane/authenticate/request.ts';
import type { CompiledSnapshot } from '../../../data-plane/control/control.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { createHolder, type Holder, PATH, PUBLIC_URL } from './proof-env.ts';

const authenticator = createAuthenticator({ logger: pino({ level: 'silent' }) });
const maskingKey = randomBytes(32);
let issuer: TestIssuer;
let holder: Holder;
let token: string;
let dpop: DpopCheck;
let offsetMs: number;
/** Whose tokens were presented, with proof or without. */
let named: string[];

beforeAll(async () => {
  issuer = await startIssuer();
  holder = await createHolder();
  token = await issuer.token({ cnf: { jkt: holder.thumbprint } });
});
afterAll(() => issuer.close());
beforeEach(() => plane());

/** A plane that has just started, by a clock that tests move. */
function plane(options: Partial<DpopOptions> = {}): void {
  offsetMs = 0;
  named = [];
  dpop = new DpopCheck({
    publicUrls: () => [PUBLIC_URL],
    requireNonce: false,
    now: () => Date.now() + offsetMs,
    ...options,
  });
}

/** Asks as a caller would; resolves with the nonce for the next time. */
async function ask(
  proof: string | undefined,
  { authorization = `DPoP ${token}`, url = PATH, method = 'POST' } = {},
): Promise<string | undefined> {
  let nonce: string | undefined;
  const headers = proof === undefined ? {} : { dpop: proof };
  const request = { method, url, headers, socket: {} } as unknown as IncomingMessage;
  const snapshot = { issuers: [issuer.trusted()], maskingKey } as unknown as CompiledSnapshot;
  const onNonce = (next: string) => {
    nonce = next;
  };
  const { caller } = await authenticateRequest({ authenticator, dpop }, snapshot, request, authorization, {
    onCaller: (known) => named.push(known.subject),
    onNonce,
  });
  expect(caller.subject).toBe('alice');
  return nonce;
}

const refused = (asking: Promise<unknown>, code: string, words = '') =>
  expect(asking).rejects.toMatchObject({
    name: 'GatewayError',
    code,
    message: expect.stringContaining(words),
  });
const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
const nowS = () => Math.floor(Date.now() / 1000);

test('a header without one token has none', async () => {
  const plain = await issuer.token();
  const headers = ['', 'Bearer', 'Bearer ', 'DPoP ', `Basic ${plain}`, plain, `Bearer ${plain} x`];
  for (const authorization of headers) await refused(ask(undefined, { authorization }), 'missing_token');
});

test.each(['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'])('a proof by %s is taken', async (alg) => {
  holder = await createHolder(alg);
  token = await issuer.token({ cnf: { jkt: holder.thumbprint } });
  for (let time = 0; time < 2; time += 1) await ask(await holder.proof(token));
  holder = await createHolder();
  token = await issuer.token({ cnf: { jkt: holder.thumbprint } });
});

test('a token that is bound counts with its proof only, one that is not as a bearer token only', async () => {
  const bearer = { authorization: `Bearer ${token}` };
  await refused(ask(undefined, bearer), 'missing_proof');
  expect(named).toEqual(['alice']);
  await refused(ask(await holder.proof(token), bearer), 'missing_proof');
  await refused(ask(undefined), 'missing_proof');
  const plain = await issuer.token();
  await refused(ask(await holder.proof(plain), { authorization: `DPoP ${plain}` }), 'invalid_token');
  await ask(await holder.proof(plain), { authorization: `Bearer ${plain}` });
  await ask(await holder.proof(token), { authorization: `dpop ${token}` });
});

test('a token that is bound to a certificate as well needs that, too', async () => {
  token = await issuer.token({ cnf: { jkt: holder.thumbprint, 'x5t#S256': holder.thumbprint } });
  await refused(ask(await holder.proof(token)), 'missing_proof', 'certificate');
  token = await issuer.token({ cnf: { jkt: holder.thumbprint } });
});

describe('forged proofs', () => {
  const invalid = async (proof: string | Promise<string>, words = '') => {
    await refused(ask(await proof), 'invalid_proof', words);
    await ask(await holder.proof(token));
  };

  test('by another key, in the header or under the right one', async () => {
    const other = await createHolder();
    await invalid(other.proof(token), 'another key');
    await invalid(holder.proof(token, {}, {}, other.key), 'signature');
    const otherToken = await issuer.token({ cnf: { jkt: other.thumbprint } });
    await refused(
      ask(await holder.proof(otherToken), { authorization: `DPoP ${otherToken}` }),
      'invalid_proof',
    );
  });

  test('without a signature, by a shared secret, or by an algorithm that is none', async () => {
    const [, claims = '', signature = ''] = (await holder.proof(token)).split('.');
    const jwk = holder.key.jwk;
    const header = (alg: unknown) => encode({ alg, typ: 'dpop+jwt', jwk });
    await invalid(`${header('none')}.${claims}.`, 'one JWT');
    await invalid(`${header('none')}.${claims}.AA`, 'asymmetric');
    const input = `${header('HS256')}.${claims}`;
    const mac = createHmac('sha256', JSON.stringify(jwk)).update(input).digest('base64url');
    await invalid(`${input}.${mac}`, 'asymmetric');
    for (const alg of ['ES256K', 'RSA1_5', '', 7, undefined]) {
      await invalid(`${header(alg)}.${claims}.${signature}`, 'asymmetric');
    }
    await invalid(`${header('RS256')}.${claims}.${signature}`, 'signature');
  });

  test('with a private or symmetric key, or none', async () => {
    const privateJwk = await exportJWK(holder.key.privateKey);
    await invalid(holder.proof(token, {}, { jwk: privateJwk }), 'private');
    await invalid(holder.proof(token, {}, { jwk: { kty: 'oct', k: 'c2VjcmV0' } }), 'private');
    await invalid(holder.proof(token, {}, { jwk: undefined }), 'no public key');
    await invalid(holder.proof(token, {}, { jwk: 'key' }), 'no public key');
    await invalid(holder.proof(token, {}, { jwk: { kty: 'EC', crv: 'P-256' } }), 'no key');
  });

  test('that are something else: another typ, critical extensions, two of them, more than 4 KiB, rubbish', async () => {
    await invalid(holder.proof(token, {}, { typ: 'JWT' }), 'typ');
    await invalid(holder.proof(token, {}, { typ: undefined }), 'typ');
    const [head = '', claims, signature] = (await holder.proof(token)).split('.');
    const critical = {
      ...JSON.parse(Buffer.from(head, 'base64url').toString()),
      crit: ['urn:x'],
      'urn:x': 1,
    };
    await invalid(`${encode(critical)}.${claims}.${signature}`, 'signature');
    await invalid(`${await holder.proof(token)}, ${await holder.proof(token)}`, 'one JWT');
    await invalid(holder.proof(token, { padding: 'p'.repeat(4_096) }), 'one JWT');
    for (const rubbish of ['', 'x', 'a.b.c', '..', `${encode([])}.a.b`]) await invalid(rubbish);
  });

  test('for another method or URL', async () => {
    for (const htm of ['GET', 'post', '', undefined, 7]) await invalid(holder.proof(token, { htm }), 'htm');
    const targets = [
      'https://other.example/v1/responses',
      'http://gateway.example/v1/responses',
      'https://gateway.example:8443/v1/responses',
      'https://user@gateway.example/v1/responses',
      'https://gateway.example/v1/responses/',
      'https://gateway.example/v1/Responses',
      'https://gateway.example/v1/chat/completions',
      '/v1/responses',
      'wss://gateway.example/v1/responses',
      `https://gateway.example/v1/responses?${'q'.repeat(2_048)}`,
      '',
      undefined,
      7,
    ];
    for (const htu of targets) await invalid(holder.proof(token, { htu }), 'htu');
  });

  test('for another token, or for none', async () => {
    const other = await issuer.token({ cnf: { jkt: holder.thumbprint }, jti: 'other' });
    await invalid(holder.proof(other), 'ath');
    await invalid(holder.proof(token, { ath: undefined }), 'ath');
    await invalid(holder.proof(token, { ath: '' }), 'ath');
  });

  test('without an id or a time', async () => {
    for (const jti of [undefined, '', 7, 'j'.repeat(257)]) {
      await invalid(holder.proof(token, { jti }), 'jti');
    }
    for (const iat of [undefined, '1']) await invalid(holder.proof(token, { iat }));
    await refused(ask(await holder.proof(token, { exp: nowS() - 10 })), 'invalid_proof', 'time');
  });
});

test('URLs are compared as what they mean; queries and fragments do not count', async () => {
  const same = [
    'HTTPS://GATEWAY.EXAMPLE:443/v1/responses',
    'https://gateway.example/v1/./files/../responses',
    'https://gateway.example/v1/%72esponses?a=b#c',
  ];
  for (const htu of same) await ask(await holder.proof(token, { htu }));
  const htu = `${PUBLIC_URL}/v1/files/a%2fb~c`;
  await ask(await holder.proof(token, { htu }), { url: '/v1/files/a%2Fb%7Ec?after=x' });
  await refused(ask(await holder.proof(token, { htu }), { url: '/v1/files/a/b~c' }), 'invalid_proof');
  const beside = { htu: 'https://gateway.example.evil.example/v1/responses' };
  await refused(
    ask(await holder.proof(token, beside), { url: '.evil.example/v1/responses' }),
    'invalid_proof',
  );
  plane({ publicUrls: () => ['https://elsewhere.example', 'https://front.example/sworn'] });
  await ask(await holder.proof(token, { htu: 'https://front.example/sworn/v1/responses' }));
  await refused(ask(await holder.proof(token)), 'invalid_proof', 'htu');
  plane({ publicUrls: () => [] });
  await refused(ask(await holder.proof(token)), 'invalid_proof', '--public-url');
});

describe('a proof is good once', () => {
  test('and not long after it was made, nor before', async () => {
    const proof = await holder.proof(token);
    const both = await Promise.allSettled([ask(proof), ask(proof)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await refused(ask(proof), 'expired_proof');
    offsetMs = 59_000;
    await refused(ask(proof), 'expired_proof');
    await ask(await holder.proof(token));
    offsetMs = 62_000;
    await refused(ask(await holder.proof(token)), 'expired_proof');
    offsetMs = -10_000;
    await refused(ask(await holder.proof(token)), 'expired_proof');
    offsetMs = 0;
    for (const iat of [1e300, -1, 0]) await refused(ask(await holder.proof(token, { iat })), 'expired_proof');
  });

  test('also when a clock went ahead and came back, and after a restart', async () => {
    const [proof, unused] = [await holder.proof(token), await holder.proof(token)];
    await ask(proof);
    offsetMs = 3_600_000;
    await ask(await holder.proof(token, { iat: nowS() + 3_600 }));
    offsetMs = 0;
    await refused(ask(proof), 'expired_proof');
    offsetMs = 0;
    plane({ now: () => Date.now() + 3_000 });
    await refused(ask(unused), 'expired_proof');
  });

  test('for each key on its own', async () => {
    const other = await createHolder();
    const otherToken = await issuer.token({ cnf: { jkt: other.thumbprint } });
    await ask(await holder.proof(token, { jti: 'the same' }));
    await ask(await other.proof(otherToken, { jti: 'the same' }), { authorization: `DPoP ${otherToken}` });
  });
});

describe('nonces', () => {
  test('are asked for, come with every answer, and end', async () => {
    plane({ requireNonce: true });
    const first = await holder.proof(token);
    await refused(ask(first), 'use_dpop_nonce');
    const nonces: string[] = [];
    const nonce = await nonceOf(first);
    nonces.push(nonce, String(await ask(await holder.proof(token, { nonce }))));
    await ask(await holder.proof(token, { nonce: nonces[1] }));
    const future = Buffer.from(nonce, 'base64url');
    future.writeUInt32BE(future.readUInt32BE() + 10);
    const other = Buffer.from(nonce, 'base64url');
    other.writeUInt8(other.readUInt8(other.length - 1) ^ 1, other.length - 1);
    const altered = [...[other, future].map((one) => one.toString('base64url')), nonce.slice(1), '', 7];
    for (const forged of altered) {
      await refused(ask(await holder.proof(token, { nonce: forged })), 'use_dpop_nonce');
    }
    offsetMs = 301_000;
    const iat = nowS() + 301;
    await refused(ask(await holder.proof(token, { nonce, iat })), 'use_dpop_nonce');
    await ask(await holder.proof(token, { nonce: await nonceOf(first), iat }));
  });

  test('of one plane are those of all', async () => {
    plane({ requireNonce: true });
    const nonce = await nonceOf(await holder.proof(token));
    plane({ requireNonce: true });
    await ask(await holder.proof(token, { nonce }));
  });

  test('are not taken where planes share no secret', () => {
    const nonce = makeNonce(maskingKey, Date.now());
    expect(isFreshNonce(maskingKey, nonce, Date.now())).toBe(true);
    const none = new Uint8Array();
    expect(isFreshNonce(none, makeNonce(none, Date.now()), Date.now())).toBe(false);
  });

  /** The nonce that comes with a refusal. */
  async function nonceOf(proof: string): Promise<string> {
    let nonce = '';
    const request = { method: 'POST', url: PATH, headers: { dpop: proof } };
    const onNonce = (next: string) => {
      nonce = next;
    };
    await refused(
      dpop.check({
        request,
        token,
        caller: { issuer: 'https://id.example', subject: 'ada' },
        key: holder.thumbprint,
        maskingKey,
        onNonce,
      }),
      'use_dpop_nonce',
    );
    return nonce;
  }
});

test('a refusal says which scheme would do', () => {
  expect(challengeOf('use_dpop_nonce')).toMatch(/^DPoP error="use_dpop_nonce", algs="[^"]*ES256/);
  expect(challengeOf('expired_proof')).toContain('error="invalid_dpop_proof"');
  expect(challengeOf('missing_proof')).toMatch(/^DPoP error="invalid_token"/);
  expect(challengeOf('invalid_token')).toMatch(/^Bearer error="invalid_token", DPoP algs=/);
});
