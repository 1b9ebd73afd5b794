/** Why a token is refused. */
export type AuthenticationErrorCode =
  /** It is no token, is too large, or does not verify. */
  | 'invalid_token'
  | 'expired_token'
  /** It was issued for somebody else (`aud`). */
  | 'wrong_audience'
  /** Its `iss` is not, character by character, a trusted issuer. */
  | 'untrusted_issuer'
  /** It does not list the groups of its bearer, who may be in too many of them for its issuer. */
  | 'groups_missing'
  /** It is not bound to a key or certificate, and its issuer's have to be. */
  | 'unbound_token'
  /** An admin has revoked it, its bearer or its application. */
  | 'revoked'
  /** The issuer's keys cannot be had, so that nothing can be said about the token. */
  | 'issuer_unavailable';

/** A token that is refused. The message may be shown to its bearer: it has nothing of the token, nor of its keys. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
  readonly code: AuthenticationErrorCode;

  constructor(code: AuthenticationErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The refusal of a token that says nothing that could be believed. */
export function invalidToken(message: string): AuthenticationError {
  return new AuthenticationError('invalid_token', message);
}
