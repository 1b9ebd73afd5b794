import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { readEndpoint } from './endpoint.ts';
import { fetchJson } from './fetch.ts';

/** For discovery and keys together. */
const FETCH_TIMEOUT_MS = 5_000;
/** Keys are fetched again after this time, so that a withdrawn key is soon worth nothing. */
const KEYS_MAX_AGE_MS = 600_000;
/** A token with an unknown key id fetches the keys again, at most this often. */
const UNKNOWN_KEY_COOLDOWN_MS = 30_000;
/** An issuer that failed is not asked again before this time. */
const FAILURE_COOLDOWN_MS = 3_000;

/** The issuer's keys could not be had. Its message says why; it is for the log. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}

/**
 * The public keys of an issuer, found by its discovery document, cached, and fetched again when they age or a
 * token names an unknown one (rotation). The discovery document is read with each fetch: it says where the keys
 * are now. OpenID Connect Discovery 1.0, section 4.
 * @param issuerUrl the `iss` value, exactly
 * @returns for jose; throws IssuerUnavailableError when the keys cannot be had
 */
export function createIssuerKeys(issuerUrl: string): JWTVerifyGetKey {
  const discoveryUrl = new URL(`${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`);
  let failure: { readonly error: IssuerUnavailableError; readonly untilMs: number } | undefined;
  return createRemoteJWKSet(discoveryUrl, {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
    cooldownDuration: UNKNOWN_KEY_COOLDOWN_MS,
    [customFetch]: async (url, { signal }) => {
      if (failure !== undefined && Date.now() < failure.untilMs) throw failure.error;
      try {
        const jwksUri = readJwksUri(await fetchJson(url, signal), issuerUrl);
        const keys = Response.json(await fetchJson(jwksUri, signal));
        failure = undefined;
        return keys;
      } catch (cause) {
        const error = new IssuerUnavailableError(cause instanceof Error ? cause.message : 'fetch failed', {
          cause,
        });
        failure = { error, untilMs: Date.now() + FAILURE_COOLDOWN_MS };
        throw error;
      }
    },
  });
}

function readJwksUri(document: unknown, issuerUrl: string): string {
  if (typeof document !== 'object' || document === null)
    throw new Error('the discovery document is no object');
  const { issuer, jwks_uri: jwksUri } = document as Record<string, unknown>;
  // Section 4.3: the two must be identical, or one issuer could speak for another.
  if (issuer !== issuerUrl) throw new Error('the discovery document names another issuer');
  if (typeof jwksUri !== 'string') throw new Error('the discovery document has no jwks_uri');
  if (!jwksUri.startsWith('https:') && issuerUrl.startsWith('https:'))
    throw new Error('its jwks_uri is not https');
  // Keys may be under a query; the rest of the rule for endpoints holds.
  const endpoint = readEndpoint(jwksUri.split('?', 1)[0] ?? '');
  if ('fault' in endpoint) throw new Error(`its jwks_uri ${endpoint.fault}`);
  return jwksUri;
}
