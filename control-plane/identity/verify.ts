import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { IssuerSpec } from '#proto/sworn/identity/v1/issuer_pb.ts';

/** Of the clocks of issuer and server. */
const CLOCK_SKEW_S = 30;
const MAX_TOKEN_BYTES = 16 * 1024;
const MAX_CLAIM_LENGTH = 2048;
/** Asymmetric only: a shared secret would let whoever can check a token make one. */
const DEFAULT_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** ID tokens and plain JWTs, and access tokens (RFC 9068); logout tokens and the like say no one is here. */
const ACCEPTED_TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Why a token is refused. */
export type TokenFault =
  | 'invalid_token'
  | 'expired_token'
  | 'wrong_audience'
  | 'untrusted_issuer'
  | 'issuer_unavailable';

/** A token that is refused. Its message may be shown to the bearer. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: TokenFault;
  constructor(code: TokenFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The `iss` of a token, not verified: good for finding the issuer's keys, and for nothing else.
 * @throws TokenError when the token is too large or is no JWT
 */
export function readIssuerUrl(token: string): string {
  // A JWT is ASCII, so that its length is its size.
  if (token.length > MAX_TOKEN_BYTES)
    throw new TokenError('invalid_token', 'the token is larger than 16 KiB');
  try {
    const { typ } = decodeProtectedHeader(token);
    if (typ !== undefined && !ACCEPTED_TYPES.has(String(typ).toLowerCase())) {
      throw new TokenError('invalid_token', 'the token is of another type than JWT or at+jwt');
    }
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string' && iss !== '' && iss.length <= MAX_CLAIM_LENGTH) return iss;
  } catch (error) {
    if (error instanceof TokenError) throw error;
    throw new TokenError('invalid_token', 'the token is not a JWT', { cause: error });
  }
  throw new TokenError('invalid_token', 'the token does not say who issued it');
}

/**
 * Verifies a token that a person presents to the control plane: signature by a key of the issuer, algorithm on
 * the allow-list, `iss`, `aud`, `exp` (required), `nbf`, `sub` (required).
 * @throws TokenError
 */
export async function verifyToken(
  token: string,
  spec: IssuerSpec,
  keys: JWTVerifyGetKey,
  now: Date,
): Promise<JWTPayload> {
  const audience = spec.controlPlaneAudiences;
  if (audience.length === 0) {
    throw new TokenError('wrong_audience', 'tokens of this issuer are not accepted by the control plane');
  }
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: spec.algorithms.length > 0 ? spec.algorithms : DEFAULT_ALGORITHMS,
      issuer: spec.issuerUrl,
      audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_SKEW_S,
      currentDate: now,
    });
    if (typeof payload.sub !== 'string' || payload.sub === '' || payload.sub.length > MAX_CLAIM_LENGTH) {
      throw new TokenError('invalid_token', 'the token does not say whom it is about');
    }
    return payload;
  } catch (error) {
    throw error instanceof TokenError ? error : explain(error);
  }
}

function explain(cause: unknown): TokenError {
  if (cause instanceof errors.JWTExpired)
    return new TokenError('expired_token', 'the token has expired', { cause });
  if (cause instanceof errors.JWTClaimValidationFailed && cause.claim === 'aud') {
    return new TokenError('wrong_audience', 'the token is not meant for the control plane', { cause });
  }
  if (TOKEN_ERRORS.some((type) => cause instanceof type)) {
    return new TokenError('invalid_token', 'the token does not verify', { cause });
  }
  return new TokenError('issuer_unavailable', "the issuer's keys cannot be had now", { cause });
}

/** What jose throws for a fault of the token; everything else is a fault of the issuer or its keys. */
const TOKEN_ERRORS = [
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];
