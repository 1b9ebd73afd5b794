import { readFile } from 'node:fs/promises';
import * as oidc from 'openid-client';
import { Agent, type RequestInit, fetch as undiciFetch } from 'undici';
import { isSafeUrl } from '#core/endpoint/read.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { Connector } from './connect.ts';

/** A token that could not be had; the message reads after "it cannot be reached:". */
export class TokenFailure extends Error {
  override readonly name = 'TokenFailure';
}

const REQUEST_TIMEOUT_S = 10;
const MAX_ANSWER_BYTES = 256 * 1024;
/** Of a token whose lifetime its issuer does not tell. */
const LIFETIME_DEFAULT_S = 300;
/** Before its end a token is renewed in the background, so that no request waits for that; at most this part of its life. */
const RENEW_AHEAD_MS = 5 * 60_000;
const RENEW_AHEAD_PART = 0.2;
/** This close to its end a token may be over when it arrives. */
const SPARE_MS = 5_000;
const SPARE_PART = 0.05;
/** After a failure nobody is asked for so long, and no second token is given up. */
const PAUSE_MS = 2_000;
/** RFC 7523 section 2.2. */
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const TOKEN = /^[\x21-\x7e]{1,32768}$/;

interface Token {
  readonly text: string;
  readonly renewMs: number;
  readonly endMs: number;
}

/** Gets tokens for one upstream by the OAuth client credentials grant (RFC 6749 section 4.4), and keeps the newest. */
export class TokenSource {
  readonly #configuration: oidc.Configuration;
  readonly #scope: string;
  readonly #agent: Agent;
  readonly #now: () => number;
  readonly #readAssertion: (() => Promise<string>) | undefined;
  #token: Token | undefined;
  #discardedMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<Token> | undefined;
  #failure: { readonly error: TokenFailure; readonly untilMs: number } | undefined;

  /** @param options.workloadIdentityFile holds the assertion, for WORKLOAD_IDENTITY; read anew for every token */
  constructor(
    grant: UpstreamGrant,
    connect: Connector,
    options: { readonly workloadIdentityFile?: string | undefined; readonly now?: () => number } = {},
  ) {
    const { tokenUrl = '', clientId = '', scope = '' } = grant.spec?.oauth ?? {};
    const url = new URL(tokenUrl);
    const byAssertion = grant.spec?.authentication === Authentication.WORKLOAD_IDENTITY;
    this.#readAssertion = byAssertion ? () => readAssertion(options.workloadIdentityFile) : undefined;
    const server = { issuer: url.origin, token_endpoint: url.href };
    const authenticate = byAssertion ? assertIdentity : oidc.ClientSecretPost(grant.credential);
    this.#configuration = new oidc.Configuration(server, clientId, undefined, authenticate);
    this.#configuration.timeout = REQUEST_TIMEOUT_S;
    if (url.protocol === 'http:' && isSafeUrl(url)) oidc.allowInsecureRequests(this.#configuration);
    this.#agent = new Agent({ connect, allowH2: false, maxResponseSize: MAX_ANSWER_BYTES });
    this.#configuration[oidc.customFetch] = (address, init) =>
      undiciFetch(address, { ...init, dispatcher: this.#agent } as unknown as RequestInit) as never;
    this.#scope = scope;
    this.#now = options.now ?? (() => performance.now());
  }

  /** A token that is good for a while. Throws TokenFailure, or the signal's reason. */
  async get(signal: AbortSignal): Promise<string> {
    const nowMs = this.#now();
    const token = this.#token;
    if (token !== undefined && nowMs < token.endMs) {
      // A failure shows when the token is over; until then it is tried again.
      if (nowMs >= token.renewMs) this.#ask().catch(() => {});
      return token.text;
    }
    return (await untilAborted(this.#ask(), signal)).text;
  }

  /**
   * Forgets a token that the upstream did not take. False where that is no use: another one was given up a moment ago, so that
   * it is not the token that is wrong.
   */
  discard(text: string): boolean {
    if (this.#token?.text !== text) return true;
    if (this.#now() - this.#discardedMs < PAUSE_MS) return false;
    this.#discardedMs = this.#now();
    this.#token = undefined;
    return true;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /** One request at a time, whoever waits for it. */
  #ask(): Promise<Token> {
    const failure = this.#failure;
    if (failure !== undefined && this.#now() < failure.untilMs) return Promise.reject(failure.error);
    this.#asking ??= this.#request().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #request(): Promise<Token> {
    try {
      const assertion = await this.#readAssertion?.();
      const answer = await oidc.clientCredentialsGrant(this.#configuration, {
        ...(this.#scope === '' ? {} : { scope: this.#scope }),
        ...(assertion === undefined ? {} : { client_assertion: assertion }),
      });
      this.#failure = undefined;
      this.#token = this.#toToken(answer);
      return this.#token;
    } catch (cause) {
      const error = cause instanceof TokenFailure ? cause : new TokenFailure(reasonOf(cause), { cause });
      this.#failure = { error, untilMs: this.#now() + PAUSE_MS };
      throw error;
    }
  }

  #toToken({ access_token: text, expires_in: lifetimeS = LIFETIME_DEFAULT_S }: oidc.TokenEndpointResponse) {
    if (!TOKEN.test(text)) throw new TokenFailure('its token endpoint gave a token that no header can carry');
    const nowMs = this.#now();
    const lifeMs = lifetimeS * 1_000;
    return {
      text,
      renewMs: nowMs + lifeMs - Math.min(RENEW_AHEAD_MS, lifeMs * RENEW_AHEAD_PART),
      endMs: nowMs + lifeMs - Math.min(SPARE_MS, lifeMs * SPARE_PART),
    };
  }
}

/** The assertion itself is among the parameters of the grant. */
const assertIdentity: oidc.ClientAuth = (_server, { client_id: clientId }, body) => {
  body.set('client_id', clientId);
  body.set('client_assertion_type', ASSERTION_TYPE);
};

async function readAssertion(file: string | undefined): Promise<string> {
  if (file === undefined) throw new TokenFailure('this plane has no --workload-identity-file');
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new TokenFailure("this plane's workload identity file cannot be read", { cause });
  }
  // Whatever else stands in that file goes nowhere.
  if (!JWT.test(text)) throw new TokenFailure("this plane's workload identity file holds no token");
  return text;
}

/** A word of OAuth's (RFC 6749 section 5.2), or that there was no answer; never the description, which may quote anything. */
function reasonOf(cause: unknown): string {
  if (cause instanceof oidc.ResponseBodyError && /^[a-z_]{1,60}$/.test(cause.error)) {
    return `its token endpoint refuses this plane: ${cause.error}`;
  }
  return 'its token endpoint gave no token';
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
