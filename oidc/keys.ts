import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import { readEndpoint } from '#core/endpoint/read.ts';
import { AuthenticationError } from './error.ts';
import { fetchJson } from './fetch-json.ts';

/** For discovery and keys together. */
const FETCH_TIMEOUT_MS = 5_000;
/** Older keys are fetched again in the background, so that no caller waits for it. */
const REFRESH_AFTER_MS = 5 * 60_000;
/** Older keys are not used any more, whether or not the issuer answers: a withdrawn key is soon worth nothing. */
const EXPIRE_AFTER_MS = 10 * 60_000;
/** Tokens with unknown key ids fetch the keys again, at most this often. */
const UNKNOWN_KEY_COOLDOWN_MS = 30_000;
/** An issuer that failed is not asked again before this time. */
const FAILURE_COOLDOWN_MS = 2_000;
const MAX_KEYS = 100;

interface Keys {
  readonly find: JWTVerifyGetKey;
  readonly fetchedMs: number;
}

/**
 * The public keys of one issuer, found by its discovery document (OpenID Connect Discovery 1.0, section 4),
 * which is read with each fetch: it says where the keys are now.
 */
export class IssuerKeys {
  readonly #issuerUrl: string;
  readonly #logger: Logger;
  readonly #now: () => number;
  #keys: Keys | undefined;
  #fetching: Promise<Keys> | undefined;
  #failedMs = Number.NEGATIVE_INFINITY;
  #failure: AuthenticationError | undefined;

  constructor(issuerUrl: string, now: () => number, logger: Logger) {
    this.#issuerUrl = issuerUrl;
    this.#now = now;
    this.#logger = logger;
  }

  /**
   * The key that a token's header asks for. Throws AuthenticationError `issuer_unavailable` when the keys cannot
   * be had, and jose's JWKSNoMatchingKey or JWKSMultipleMatchingKeys when none, or no single one, fits.
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#current();
    try {
      return await keys.find(header, token);
    } catch (error) {
      const rotated = error instanceof errors.JWKSNoMatchingKey;
      if (!rotated || this.#now() - keys.fetchedMs < UNKNOWN_KEY_COOLDOWN_MS) throw error;
      return (await this.#fetch()).find(header, token);
    }
  };

  async #current(): Promise<Keys> {
    const keys = this.#keys;
    const ageMs = keys === undefined ? Number.POSITIVE_INFINITY : this.#now() - keys.fetchedMs;
    if (keys === undefined || ageMs > EXPIRE_AFTER_MS || ageMs < 0) return this.#fetch();
    if (ageMs > REFRESH_AFTER_MS) this.#fetch().catch(() => undefined); // logged where it fails
    return keys;
  }

  #fetch(): Promise<Keys> {
    const sinceMs = this.#now() - this.#failedMs;
    // Less than nothing where the clock was set back: it would stay so for as long as that was.
    if (this.#failure !== undefined && sinceMs >= 0 && sinceMs < FAILURE_COOLDOWN_MS) {
      return Promise.reject(this.#failure);
    }
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchOnce(): Promise<Keys> {
    try {
      const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
      const base = this.#issuerUrl.replace(/\/$/, '');
      const discoveryUrl = readKeysUrl(`${base}/.well-known/openid-configuration`);
      const discovery = await fetchJson(discoveryUrl, signal);
      const document = await fetchJson(readJwksUri(discovery, this.#issuerUrl), signal);
      const keys = { find: createLocalJWKSet(readKeySet(document)), fetchedMs: this.#now() };
      this.#keys = keys;
      this.#failure = undefined;
      return keys;
    } catch (error) {
      this.#failedMs = this.#now();
      const code = 'issuer_unavailable';
      this.#failure = new AuthenticationError(code, "the issuer's keys cannot be had", error);
      this.#logger.error({ err: error, code, issuer: this.#issuerUrl }, 'keys of the issuer cannot be had');
      throw this.#failure;
    }
  }
}

function readJwksUri(document: unknown, issuerUrl: string): URL {
  if (typeof document !== 'object' || document === null)
    throw new Error('the discovery document is no object');
  const { issuer, jwks_uri: jwksUri } = document as Record<string, unknown>;
  // Section 4.3: the two must be identical, or one issuer could speak for another.
  if (issuer !== issuerUrl) throw new Error('the discovery document names another issuer');
  if (typeof jwksUri !== 'string') throw new Error('the discovery document has no jwks_uri');
  const url = readKeysUrl(jwksUri);
  if (url.protocol !== 'https:' && issuerUrl.startsWith('https:'))
    throw new Error('its jwks_uri is not https');
  return url;
}

/** The rule for endpoints, but that keys may be under a query. */
function readKeysUrl(text: string): URL {
  const endpoint = readEndpoint(text.split('?', 1)[0] ?? '');
  if ('fault' in endpoint) throw new Error(`the URL of discovery or keys ${endpoint.fault}`);
  return new URL(text);
}

/** Which of the keys fits a token, and that no symmetric one ever does, is jose's part. */
function readKeySet(document: unknown): JSONWebKeySet {
  const keys: unknown =
    typeof document === 'object' && document !== null && 'keys' in document && document.keys;
  if (!Array.isArray(keys)) throw new Error('the key set has no keys');
  if (keys.length > MAX_KEYS) throw new Error(`the key set has more than ${MAX_KEYS} keys`);
  return { keys };
}
