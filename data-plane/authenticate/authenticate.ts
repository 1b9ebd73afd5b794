import type { Logger } from 'pino';
import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { requireBinding } from '../../oidc/confirmation.ts';
import { createVerifier, type Verified } from '../../oidc/verify.ts';

/** Verifying an RS256 signature costs 100 us, looking one up 3 us. */
const CACHED_TOKENS = 10_000;

/** Finds out which application presents a token. */
export interface Authenticator {
  /**
   * Who an OIDC token is about, and what its bearer has to prove. Rejects with an AuthenticationError.
   *
   * @param issuers the trusted issuers of the snapshot in force
   */
  authenticate(token: string, issuers: readonly Issuer[]): Promise<Verified>;
}

export interface AuthenticatorOptions {
  readonly logger: Logger;
  /** Milliseconds since 1970; the system's clock. */
  readonly now?: () => number;
}

/** An authenticator with caches of its own: keys by issuer, what was verified by token. */
export function createAuthenticator({ logger, now = () => Date.now() }: AuthenticatorOptions): Authenticator {
  const verifier = createVerifier({
    audiences: 'gatewayAudiences',
    requireBinding,
    cachedTokens: CACHED_TOKENS,
    now,
    logger,
  });
  let trusted: readonly Issuer[] = [];
  let trustedDigest = '';

  /** What was verified under other rules counts no more; a snapshot that left the issuers alone changes nothing. */
  const trust = (issuers: readonly Issuer[]): void => {
    if (issuers === trusted) return;
    const digest = JSON.stringify(issuers.map(({ spec }) => spec));
    trusted = issuers;
    if (digest === trustedDigest) return;
    trustedDigest = digest;
    verifier.forget();
  };

  return {
    authenticate(token, issuers) {
      trust(issuers);
      return verifier.verify(
        token,
        (issuerUrl) => issuers.find(({ spec }) => spec?.issuerUrl === issuerUrl)?.spec,
      );
    },
  };
}
