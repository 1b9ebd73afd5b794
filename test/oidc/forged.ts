import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { base64url, EncryptJWT, type JWTPayload, SignJWT } from 'jose';
import type { AuthenticationErrorCode } from '../../oidc/error.ts';
import { makeKey, type TestIssuer } from './issuer.ts';

/** Tokens that no plane takes. */
export interface Forgery {
  readonly what: string;
  readonly code: AuthenticationErrorCode;
  /**
   * @param issuer trusted, with `groups` as its groups claim; its tokens are right but for what is forged
   * @param audience the one that the plane accepts
   */
  make(issuer: TestIssuer, audience: string): readonly (string | Promise<string>)[];
}

const nowS = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => base64url.encode(JSON.stringify(value));

/** The claims of a token that is right. */
function claims(issuer: TestIssuer, aud: string): JWTPayload {
  return { iss: issuer.url, sub: 'mallory', aud, exp: nowS() + 300 };
}

/** Everyone has the issuer's public key; as an HMAC secret it is worth nothing. */
function hmacWithPublicKey(issuer: TestIssuer, audience: string, kid: string | undefined): string {
  const key = createPublicKey({ key: issuer.key.jwk as JsonWebKey, format: 'jwk' });
  const input = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${encode(claims(issuer, audience))}`;
  const secret = key.export({ format: 'pem', type: 'spki' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

async function signedByAnother(issuer: TestIssuer, header: Record<string, unknown>): Promise<string> {
  const key = await makeKey(issuer.key.alg, issuer.key.kid);
  return issuer.token({}, { jwk: key.jwk, ...header }, key);
}

async function changedAfterSigning(issuer: TestIssuer, audience: string): Promise<string> {
  const [header, , signature] = (await issuer.token()).split('.');
  return `${header}.${encode(claims(issuer, audience))}.${signature}`;
}

/** Every forged, foreign or stale token that both planes must refuse, with the code of the refusal. */
export const FORGERIES: readonly Forgery[] = [
  {
    what: 'without a signature',
    code: 'invalid_token',
    make: (issuer, audience) => [
      `${encode({ alg: 'none' })}.${encode(claims(issuer, audience))}.`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims(issuer, audience))}.AA`,
    ],
  },
  {
    what: 'signed with the public key as if it were a shared secret',
    code: 'invalid_token',
    make: (issuer, audience) => [
      hmacWithPublicKey(issuer, audience, undefined),
      hmacWithPublicKey(issuer, audience, issuer.key.kid),
    ],
  },
  {
    what: 'with a key of their own, in the header or under a name of the issuer',
    code: 'invalid_token',
    make: (issuer) => [
      signedByAnother(issuer, { jwk: undefined }),
      signedByAnother(issuer, { kid: undefined }),
      signedByAnother(issuer, { kid: 'unknown' }),
      signedByAnother(issuer, { jwk: undefined, jku: 'http://127.0.0.1:1/jwks' }),
    ],
  },
  {
    what: 'with claims changed after signing',
    code: 'invalid_token',
    make: (issuer, audience) => [changedAfterSigning(issuer, audience)],
  },
  {
    what: 'with critical extensions that are not understood',
    code: 'invalid_token',
    make: (issuer, audience) => [
      new SignJWT(claims(issuer, audience))
        .setProtectedHeader({ alg: issuer.key.alg, kid: issuer.key.kid, crit: ['urn:x'], 'urn:x': 1 })
        .sign(issuer.key.privateKey, { crit: { 'urn:x': true } }),
    ],
  },
  {
    what: 'of issuers that are not trusted, to the letter',
    code: 'untrusted_issuer',
    make: (issuer) =>
      [`${issuer.url}/`, issuer.url.toUpperCase(), 'https://evil.example', '', undefined].map((iss) =>
        issuer.token({ iss }),
      ),
  },
  {
    what: 'for other audiences',
    code: 'wrong_audience',
    make: (issuer, audience) => {
      const other = audience === 'sworn-gateway' ? 'sworn-control-plane' : 'sworn-gateway';
      return [other, ['a', 'b'], `${audience} `, `${audience}-2`, '', undefined].map((aud) =>
        issuer.token({ aud }),
      );
    },
  },
  {
    what: 'that have expired',
    code: 'expired_token',
    make: (issuer) => [issuer.token({ exp: nowS() - 10 })],
  },
  {
    what: 'not valid yet, without an end, or about nobody',
    code: 'invalid_token',
    make: (issuer) =>
      [{ nbf: nowS() + 30 }, { exp: undefined }, { sub: undefined }, { sub: '' }].map((changed) =>
        issuer.token(changed),
      ),
  },
  {
    what: 'of other kinds: logout tokens, nested and encrypted tokens',
    code: 'invalid_token',
    make: (issuer, audience) => [
      issuer.token({}, { typ: 'logout+jwt' }),
      issuer
        .token()
        .then((token) => `${encode({ alg: issuer.key.alg, cty: 'JWT' })}.${base64url.encode(token)}.AA`),
      new EncryptJWT(claims(issuer, audience))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(new Uint8Array(32)),
    ],
  },
  {
    what: 'that are rubbish, or more than 16 KiB',
    code: 'invalid_token',
    make: (issuer) => [
      'x',
      '..',
      'a.b.c',
      'sk-live-123',
      encode({ alg: 'ES256' }),
      `${'a'.repeat(100)}.${'.'.repeat(100)}`,
      issuer.token({ padding: 'p'.repeat(16 * 1024) }),
    ],
  },
  {
    what: 'with groups that cannot be read whole',
    code: 'invalid_token',
    make: (issuer) => {
      const many = Array.from({ length: 1_001 }, (_, index) => `${index}`);
      return [many, ['a', 7], ['g'.repeat(300)], { a: 1 }, 7].map((groups) => issuer.token({ groups }));
    },
  },
];
