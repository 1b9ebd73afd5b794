import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Dispatcher, errors, Pool } from 'undici';
import { readBaseUrl, takesToken, toMs } from '#core/upstream/check.ts';
import { UpstreamState } from '#proto/sworn/plane/v1/plane_pb.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { describeAnswer, type UpstreamAnswer } from './answer.ts';
import { ConnectFailure, type Connector, createConnector } from './connect.ts';
import { explainFailure } from './failure.ts';
import { Gate } from './gate.ts';
import { Health } from './health.ts';
import { TokenSource } from './token.ts';

/** Limits on calls to an upstream that says none itself. */
export interface UpstreamLimits {
  readonly connectTimeoutMs: number;
  /** From the last byte of the request to the first of the answer. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the answer. */
  readonly idleTimeoutMs: number;
  /** Requests to one upstream at once. */
  readonly maxConnections: number;
}

/** A request as it goes out. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query, to be appended to the base URL: `/responses`. */
  readonly path: string;
  /** Null without one. */
  readonly body: Uint8Array | null;
  /** Of the body; `application/json` when absent. */
  readonly contentType?: string;
  /** An event stream is asked for. */
  readonly stream: boolean;
  readonly signal: AbortSignal;
}

const QUEUE_TIMEOUT_MS = 10_000;
/** From plane.proto. */
const MAX_FAULT = 500;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

/** One upstream as planes call it: its connections, its credential, its limits. */
export class Upstream {
  /** `upstreams/{id}`. */
  readonly name: string;
  readonly health = new Health();
  readonly #base: URL;
  readonly #pool: Pool;
  readonly #gate: Gate;
  readonly #fixed: readonly string[];
  readonly #tokens: TokenSource | undefined;
  readonly #dial: Connector;
  /** By form of request, for the secret that they were made with. */
  #headers = new Map<string, string[]>();
  #secret: string | undefined;

  /** @throws ConnectFailure when a certificate or key cannot be used */
  constructor(grant: UpstreamGrant, limits: UpstreamLimits, workloadIdentityFile: string | undefined) {
    const { spec } = grant;
    if (spec === undefined) throw new ConnectFailure('it has no address', undefined);
    this.name = grant.name;
    this.#base = new URL(readBaseUrl(spec));
    const time = (own: typeof spec.connectTimeout, fallback: number) =>
      own === undefined ? fallback : toMs(own);
    const timeoutMs = time(spec.connectTimeout, limits.connectTimeoutMs);
    const maxRunning = spec.maxConcurrent || limits.maxConnections;
    try {
      this.#dial = createConnector(grant, { timeoutMs, http2: false });
      this.#pool = new Pool(this.#base.origin, {
        connections: maxRunning,
        connect: spec.http2 ? createConnector(grant, { timeoutMs, http2: true }) : this.#dial,
        allowH2: spec.http2,
        headersTimeout: time(spec.headersTimeout, limits.headersTimeoutMs),
        bodyTimeout: time(spec.idleTimeout, limits.idleTimeoutMs),
      });
      this.#tokens = takesToken(spec)
        ? new TokenSource(grant, this.#dial, { workloadIdentityFile })
        : undefined;
    } catch (cause) {
      throw new ConnectFailure('its certificates cannot be used', cause);
    }
    this.#gate = new Gate({
      maxRunning,
      maxQueued: spec.maxQueued ?? maxRunning,
      waitMs: time(spec.queueTimeout, QUEUE_TIMEOUT_MS),
    });
    this.#fixed = fixedHeaders(grant);
  }

  /** How it got on lately, for admins. */
  report() {
    const { running, queued } = this.#gate;
    const { fault, timeMs } = this.health;
    const now = { upstream: this.name, running, queued };
    if (timeMs === undefined) return now;
    const state = fault === undefined ? UpstreamState.ANSWERS : UpstreamState.FAILS;
    return { ...now, state, fault: fault?.slice(0, MAX_FAULT) ?? '', time: timestampFromMs(timeMs) };
  }

  /**
   * Sends a request with the upstream's own credential; nothing of the caller's headers goes along.
   * Throws GatewayError `upstream_unreachable`, `upstream_busy`, `upstream_timeout`, `upstream_disconnected` or
   * `upstream_unreadable`; what the signal aborts, with anything.
   */
  async call(request: UpstreamRequest): Promise<UpstreamAnswer> {
    try {
      if (!this.#gate.tryEnter()) await this.#gate.enter(request.signal);
    } catch (cause) {
      throw explainFailure(this.name, cause);
    }
    try {
      const raw = await this.#authenticated(request);
      const isRefused = raw.statusCode === UNAUTHORIZED || raw.statusCode === FORBIDDEN;
      this.health.note(isRefused ? `it answers ${raw.statusCode} to this plane's credential` : undefined);
      return describeAnswer(this.name, raw, () => this.#gate.leave());
    } catch (cause) {
      this.#gate.leave();
      const failure = explainFailure(this.name, cause);
      if (!request.signal.aborted) this.health.fail(failure);
      throw failure;
    }
  }

  /**
   * What a WebSocket to this upstream is opened with, by whichever client: the URL below its base, its headers, and what
   * opens the connection with its authorities, client certificate and proxy. Redirects must not be followed.
   * Throws GatewayError `upstream_unreachable`.
   */
  async dial(path: string, signal: AbortSignal) {
    try {
      const secret = await this.#tokens?.get(signal);
      const url = new URL(this.#base.href.replace(/\/$/, '') + path);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      return { url, headers: pairs(this.#prepare(secret)), connect: this.#connectTo(url) };
    } catch (cause) {
      throw explainFailure(this.name, cause);
    }
  }

  /** Ends its connections; running calls are broken off. */
  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#tokens?.close()]);
  }

  /** Ends its connections when the running calls are over. */
  async retire(): Promise<void> {
    await Promise.all([this.#pool.close(), this.#tokens?.close()]);
  }

  /** A token that is not taken is asked for anew once: it may have been withdrawn before its end. */
  async #authenticated(request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
    const { signal } = request;
    const token = await this.#tokens?.get(signal);
    const answer = await this.#send(request, token);
    if (answer.statusCode !== UNAUTHORIZED || this.#tokens === undefined || token === undefined)
      return answer;
    this.#tokens.discard(token);
    await answer.body.dump();
    return this.#send(request, await this.#tokens.get(signal));
  }

  /**
   * A connection that was kept open may be closed by the other side just when a request is written to it. Whether that had
   * read the request nobody can tell, so that only what changes nothing is sent again, once.
   */
  async #send(request: UpstreamRequest, token: string | undefined): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#sendOnce(request, token);
    } catch (error) {
      if (request.method !== 'GET' || !(error instanceof errors.SocketError)) throw error;
      return this.#sendOnce(request, token);
    }
  }

  #sendOnce(
    { method, path, body, contentType, stream, signal }: UpstreamRequest,
    token: string | undefined,
  ): Promise<Dispatcher.ResponseData> {
    const type = body === null ? '' : (contentType ?? 'application/json');
    const headers = this.#form(token, type, stream ? 'text/event-stream' : 'application/json');
    return this.#pool.request({
      method,
      path: this.#base.pathname.replace(/\/$/, '') + path,
      headers,
      body,
      signal,
    });
  }

  /** Headers are made once for each form that requests have. */
  #form(secret: string | undefined, type: string, accept: string): string[] {
    if (secret !== this.#secret) this.#headers.clear();
    this.#secret = secret;
    const key = `${accept} ${type}`;
    const known = this.#headers.get(key);
    if (known !== undefined) return known;
    const body = type === '' ? [] : ['content-type', type];
    const made = [...this.#prepare(secret), 'accept', accept, 'accept-encoding', 'identity', ...body];
    // Types with a boundary of their own never come again.
    if (!type.includes(';')) this.#headers.set(key, made);
    return made;
  }

  #prepare(token: string | undefined): string[] {
    return token === undefined ? [...this.#fixed] : ['authorization', `Bearer ${token}`, ...this.#fixed];
  }

  #connectTo(url: URL) {
    const isSecure = url.protocol === 'wss:';
    const target = {
      host: url.host,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      protocol: isSecure ? 'https:' : 'http:',
      port: url.port || (isSecure ? '443' : '80'),
    };
    return (callback: Parameters<Connector>[1]) => this.#dial(target, callback);
  }
}

/** What is the same in all requests: credential, where it is one, and what the admin fixed. */
function fixedHeaders({ credential, spec }: UpstreamGrant): string[] {
  const { authentication, organization = '', project = '', headers = [] } = spec ?? {};
  const fixed: string[] = [];
  if (authentication === Authentication.API_KEY) fixed.push('api-key', credential);
  if (!authentication || authentication === Authentication.BEARER) {
    fixed.push('authorization', `Bearer ${credential}`);
  }
  if (organization !== '') fixed.push('openai-organization', organization);
  if (project !== '') fixed.push('openai-project', project);
  for (const { name, value } of headers) fixed.push(name.toLowerCase(), value);
  if (!headers.some(({ name }) => name.toLowerCase() === 'user-agent')) fixed.push('user-agent', 'sworn');
  return fixed;
}

function pairs(list: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let i = 0; i + 1 < list.length; i += 2) record[list[i] ?? ''] = list[i + 1] ?? '';
  return record;
}
