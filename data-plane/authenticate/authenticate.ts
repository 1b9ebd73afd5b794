import { hash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Issuer, IssuerSpec } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { ExpiringCache } from './cache.ts';
import { readCaller } from './claims.ts';
import { AuthenticationError } from './error.ts';
import { IssuerKeys } from './keys.ts';

export { AuthenticationError } from './error.ts';

const TOKEN_MAX_BYTES = 16 * 1024;
/** Of the clocks of issuer and plane. */
const CLOCK_SKEW_S = 5;
/** Verifying an RS256 signature costs 100 us, looking one up 3 us. */
const CACHED_TOKENS = 10_000;
/** A key that its issuer withdraws is soon worth nothing, even for tokens that were seen. */
const CACHED_FOR_MS = 60_000;
/** Asymmetric ones only, whatever a snapshot says: a shared secret would let whoever checks a token make one. */
const ALGORITHMS = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]);
const DEFAULT_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** Plain JWTs, ID tokens and access tokens (RFC 9068); logout tokens and the like say that no one is here. */
const TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Finds out who presents a token. */
export interface Authenticator {
  /**
   * Verifies an OIDC token: size, type, algorithm on the issuer's allow-list, signature by one of its keys, `iss`,
   * `aud`, `exp`, `nbf`, `sub`. Rejects with an AuthenticationError.
   *
   * @param issuers the trusted issuers of the snapshot in force
   */
  authenticate(token: string, issuers: readonly Issuer[]): Promise<Caller>;
}

export interface AuthenticatorOptions {
  readonly logger?: Logger;
  /** Milliseconds since 1970; the system's clock. */
  readonly now?: () => number;
}

/** An authenticator with caches of its own: keys by issuer, callers by token. */
export function createAuthenticator(options: AuthenticatorOptions = {}): Authenticator {
  const now = options.now ?? (() => Date.now());
  const callers = new ExpiringCache<Caller>(CACHED_TOKENS);
  const keys = new Map<string, IssuerKeys>();
  let trusted: readonly Issuer[] = [];
  let trustedDigest = '';

  /** What was verified under other rules counts no more; a snapshot that left the issuers alone changes nothing. */
  const trust = (issuers: readonly Issuer[]): void => {
    if (issuers === trusted) return;
    const digest = JSON.stringify(issuers.map(({ spec }) => spec));
    trusted = issuers;
    if (digest === trustedDigest) return;
    trustedDigest = digest;
    callers.clear();
    const urls = new Set(issuers.map(({ spec }) => spec?.issuerUrl));
    for (const url of keys.keys()) if (!urls.has(url)) keys.delete(url);
  };

  const keysOf = (issuerUrl: string): IssuerKeys => {
    const known = keys.get(issuerUrl) ?? new IssuerKeys(issuerUrl, now, options.logger);
    keys.set(issuerUrl, known);
    return known;
  };

  return {
    async authenticate(token, issuers) {
      if (token === '') throw new AuthenticationError('missing_token', 'there is no token');
      // A JWT is ASCII, so that its length is its size.
      if (token.length > TOKEN_MAX_BYTES) throw invalid('the token is larger than 16 KiB');
      trust(issuers);
      const digest = hash('sha256', token, 'base64');
      const cached = callers.get(digest, now());
      if (cached !== undefined) return cached;

      const trustedThen = trustedDigest;
      const spec = findIssuer(readUnverified(token), issuers);
      const payload = await verify(token, spec, keysOf(spec.issuerUrl), now());
      const caller = readCaller(payload, spec.groupsClaim);
      const expiresMs = Math.min((payload.exp ?? 0) * 1000, now() + CACHED_FOR_MS);
      // The issuers may have changed while the keys were fetched.
      if (trustedThen === trustedDigest) callers.set(digest, caller, expiresMs);
      return caller;
    },
  };
}

/** Claims before verification: good for finding the issuer, and for nothing else. */
function readUnverified(token: string): JWTPayload {
  try {
    const { typ } = decodeProtectedHeader(token);
    if (typ !== undefined && !TYPES.has(String(typ).toLowerCase())) throw new Error('wrong typ');
    return decodeJwt(token);
  } catch {
    throw invalid('the token is not a JWT of an accepted type');
  }
}

/** Of several entries for one issuer, the one that accepts the token's audience decides how it is read. */
function findIssuer({ iss, aud }: JWTPayload, issuers: readonly Issuer[]): IssuerSpec {
  const specs = issuers.flatMap(({ spec }) => (spec !== undefined && spec.issuerUrl === iss ? [spec] : []));
  const [first] = specs;
  if (first === undefined) throw new AuthenticationError('untrusted_issuer', 'the issuer is not trusted');
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return (
    specs.find(({ gatewayAudiences }) => gatewayAudiences.some((one) => audiences.includes(one))) ?? first
  );
}

async function verify(token: string, spec: IssuerSpec, keys: IssuerKeys, nowMs: number): Promise<JWTPayload> {
  if (spec.gatewayAudiences.length === 0) {
    throw new AuthenticationError('wrong_audience', 'tokens of this issuer are not accepted here');
  }
  const listed = spec.algorithms.length > 0 ? spec.algorithms : DEFAULT_ALGORITHMS;
  try {
    const { payload } = await jwtVerify(token, keys.find, {
      algorithms: listed.filter((algorithm) => ALGORITHMS.has(algorithm)),
      issuer: spec.issuerUrl,
      audience: [...spec.gatewayAudiences],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (error) {
    throw explain(error);
  }
}

/** Without the cause: jose's errors carry the claims, and claims are not for logs. */
function explain(error: unknown): AuthenticationError {
  if (error instanceof AuthenticationError) return error;
  if (error instanceof errors.JWTExpired) {
    return new AuthenticationError('expired_token', 'the token has expired');
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return new AuthenticationError('wrong_audience', 'the token was issued for another audience');
  }
  const reason = error instanceof errors.JOSEError ? error.code : 'unexpected fault';
  return invalid(`the token does not verify (${reason})`);
}

function invalid(message: string): AuthenticationError {
  return new AuthenticationError('invalid_token', message);
}
