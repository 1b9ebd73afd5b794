import { hash } from 'node:crypto';
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { Logger } from 'pino';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { IssuerSpec } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { ALGORITHMS } from './algorithms.ts';
import { ExpiringCache } from './cache.ts';
import { readCaller } from './claims.ts';
import { type Confirmation, readConfirmation } from './confirmation.ts';
import { AuthenticationError, invalidToken } from './error.ts';
import { IssuerKeys } from './keys.ts';

const TOKEN_MAX_BYTES = 16 * 1024;
/** Of the clocks of issuer and verifier. */
const CLOCK_SKEW_S = 5;
/** A key that its issuer withdraws is soon worth nothing, even for tokens that were seen. */
const CACHED_FOR_MS = 60_000;
const DEFAULT_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** Plain JWTs, ID tokens and access tokens (RFC 9068); logout tokens and the like say that no one is here. */
const TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

export interface VerifierOptions {
  /** To whom a token must be issued: the audiences that an issuer lists for data planes, or for the control plane. */
  readonly audiences: 'gatewayAudiences' | 'controlPlaneAudiences';
  /** Throws AuthenticationError for a token that is bound, or not, as it may not be here. Not asked for a remembered one. */
  readonly requireBinding: (confirmation: Confirmation, spec: IssuerSpec) => void;
  /** How many verified tokens are remembered, each a minute at most and never past its end. */
  readonly cachedTokens: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** A token that holds. */
export interface Verified {
  readonly caller: Caller;
  /** What its bearer has to prove, with each request, before it counts for anything. */
  readonly confirmation: Confirmation;
}

/** The settings of the issuer whose `iss` is exactly this; undefined when it is not trusted. */
export type FindIssuer = (issuerUrl: string) => IssuerSpec | undefined | Promise<IssuerSpec | undefined>;

/** Finds out who presents a token. */
export interface Verifier {
  /**
   * Verifies an OIDC token: size, type, algorithm on the issuer's allow-list, signature by one of its keys, `iss`,
   * `aud`, `exp`, `nbf`, `sub`. Rejects with an AuthenticationError, or with what `findIssuer` throws; a remembered
   * token does not ask it.
   */
  verify(token: string, findIssuer: FindIssuer): Promise<Verified>;
  /** Forgets which tokens were verified, those that are being verified too: the issuers have changed. */
  forget(): void;
}

/** A verifier with caches of its own: keys by issuer, what was verified by token. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { audiences, now, logger } = options;
  const tokens = new ExpiringCache<{ readonly verified: Verified; readonly atMs: number }>(
    options.cachedTokens,
  );
  const keysByIssuer = new Map<string, IssuerKeys>();
  let forgotten = 0;

  const keysOf = (issuerUrl: string): IssuerKeys => {
    const keys = keysByIssuer.get(issuerUrl) ?? new IssuerKeys(issuerUrl, now, logger);
    keysByIssuer.set(issuerUrl, keys);
    return keys;
  };

  return {
    async verify(token, findIssuer) {
      // A JWT is ASCII, so that its length is its size.
      if (token.length > TOKEN_MAX_BYTES) throw invalidToken('the token is larger than 16 KiB');
      const digest = hash('sha256', token, 'base64');
      const atMs = now();
      const known = tokens.get(digest, atMs);
      // Of a clock that was set back meanwhile nobody knows how long a minute is.
      if (known !== undefined && atMs >= known.atMs) return known.verified;

      const forgottenBefore = forgotten;
      const issuerUrl = readIssuerUrl(token);
      const spec = await findIssuer(issuerUrl);
      if (spec === undefined) {
        keysByIssuer.delete(issuerUrl);
        throw new AuthenticationError('untrusted_issuer', 'the issuer of the token is not trusted here');
      }
      const payload = await verifyClaims(token, spec, spec[audiences], keysOf(issuerUrl).find, now(), logger);
      const confirmation = readConfirmation(payload);
      options.requireBinding(confirmation, spec);
      const verified = { caller: readCaller(payload, spec, confirmation), confirmation };
      const expiresMs = Math.min((payload.exp ?? 0) * 1000, atMs + CACHED_FOR_MS);
      if (forgottenBefore === forgotten) tokens.set(digest, { verified, atMs }, expiresMs);
      return verified;
    },
    forget() {
      forgotten += 1;
      tokens.clear();
    },
  };
}

/** The `iss` before verification: good for finding the issuer, and for nothing else. */
function readIssuerUrl(token: string): string {
  try {
    const { typ } = decodeProtectedHeader(token);
    if (typ !== undefined && !TYPES.has(String(typ).toLowerCase())) throw new Error('wrong typ');
    const { iss } = decodeJwt(token);
    return typeof iss === 'string' ? iss : '';
  } catch {
    throw invalidToken('the token is not a JWT of an accepted type');
  }
}

async function verifyClaims(
  token: string,
  spec: IssuerSpec,
  audiences: readonly string[],
  keys: JWTVerifyGetKey,
  nowMs: number,
  logger: Logger,
): Promise<JWTPayload> {
  if (audiences.length === 0) {
    throw new AuthenticationError('wrong_audience', 'tokens of this issuer are not accepted here');
  }
  const listed = spec.algorithms.length > 0 ? spec.algorithms : DEFAULT_ALGORITHMS;
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: listed.filter((algorithm) => ALGORITHMS.has(algorithm)),
      issuer: spec.issuerUrl,
      audience: [...audiences],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (error) {
    throw explain(error, spec.issuerUrl, logger);
  }
}

/** Without the cause, where it is the token's: jose's errors carry the claims, and claims are not for logs. */
function explain(error: unknown, issuer: string, logger: Logger): AuthenticationError {
  if (error instanceof AuthenticationError) return error;
  if (error instanceof errors.JWTExpired) {
    return new AuthenticationError('expired_token', 'the token has expired');
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return new AuthenticationError('wrong_audience', 'the token was issued for another audience');
  }
  if (error instanceof errors.JOSEError) return invalidToken('the token does not verify');
  // Whatever else is thrown is about a published key: too short, or not one at all.
  const code = 'issuer_unavailable';
  logger.error({ err: error, code, issuer }, 'a key of the issuer cannot be used');
  return new AuthenticationError(code, "the issuer's keys cannot be used", error);
}
