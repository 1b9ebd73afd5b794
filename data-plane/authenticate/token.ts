import { GatewayError } from '#core/provider/openai/error.ts';
import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { AuthenticationError, type AuthenticationErrorCode } from '../../oidc/error.ts';
import type { Verified } from '../../oidc/verify.ts';
import type { Authenticator } from './authenticate.ts';
import { revoked, UNTRUSTED_ISSUER } from './revocation.ts';

/** What a caller is told, by code; nothing that would help to forge a token. */
const WORDS: Readonly<Record<AuthenticationErrorCode, string>> = {
  invalid_token: 'The bearer token does not verify.',
  expired_token: 'The bearer token has expired; get a fresh one.',
  wrong_audience: 'The bearer token was not issued for this gateway (its aud claim).',
  untrusted_issuer: UNTRUSTED_ISSUER,
  groups_missing:
    'The bearer token does not list its groups: its issuer left them out, most often because they are too many. An admin has to let it list those that matter here.',
  unbound_token:
    'The token is bound to no key or certificate, as tokens of its issuer have to be: ask for one with a DPoP proof, or over mutual TLS.',
  revoked: revoked().message,
  issuer_unavailable: 'The keys of the token issuer cannot be fetched right now.',
};

const NO_TOKEN =
  "The bearer token is no OIDC token. Give the SDK an OIDC access token as its API key; the provider's own key belongs to Sworn, not here.";

/** What a token says, and what its bearer has to prove. Throws GatewayError with the code of the fault. */
export async function authenticateToken(
  authenticator: Authenticator,
  token: string,
  issuers: readonly Issuer[],
): Promise<Verified> {
  try {
    return await authenticator.authenticate(token, issuers);
  } catch (cause) {
    if (cause instanceof AuthenticationError)
      throw new GatewayError(cause.code, wordsFor(cause.code, token), { cause });
    throw cause;
  }
}

/** An API key that was left in has no dots; a token that may be one has two (RFC 7515, section 3.1). */
function wordsFor(code: AuthenticationErrorCode, token: string): string {
  const isNone = code === 'invalid_token' && token.split('.', 4).length !== 3;
  return isNone ? NO_TOKEN : WORDS[code];
}
