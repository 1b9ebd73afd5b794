/** Why a token is refused. */
export type AuthenticationErrorCode =
  /** There is no token. */
  | 'missing_token'
  /** It is no token, is too large, or does not verify. */
  | 'invalid_token'
  | 'expired_token'
  /** It was issued for somebody else (`aud`). */
  | 'wrong_audience'
  /** Its `iss` is not, character by character, a trusted issuer. */
  | 'untrusted_issuer'
  /** The issuer's keys cannot be had, so that nothing can be said about the token. */
  | 'issuer_unavailable';

/** A token that is refused. The message says why, for logs; it has nothing of the token. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
  readonly code: AuthenticationErrorCode;

  constructor(code: AuthenticationErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
