import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Dispatcher, errors, Pool } from 'undici';
import { readBaseUrl, takesToken, toMs } from '#core/upstream/check.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { describeAnswer, dump, type UpstreamAnswer } from './answer.ts';
import { ConnectFailure, type Connector, createConnector } from './connect.ts';
import { credentialsOf } from './credentials.ts';
import { type DialOptions, type DialRefusal, dial, isRefusal, type UpstreamSocket } from './dial.ts';
import { explainFailure } from './failure.ts';
import { Gate } from './gate.ts';
import { RequestHeaders } from './headers.ts';
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
  /** The media type that is asked for. */
  readonly accept: string;
  /** Others that the route wants, by their names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

const QUEUE_TIMEOUT_MS = 10_000;
/** From plane.proto. */
const MAX_FAULT = 500;
const SWITCHING_PROTOCOLS = 101;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

/** One upstream as planes call it: its connections, its credential, its limits. */
export class Upstream {
  /** `upstreams/{id}`. */
  readonly name: string;
  readonly health = new Health();
  readonly #grant: UpstreamGrant;
  readonly #base: URL;
  readonly #pool: Pool;
  readonly #gate: Gate;
  readonly #headers: RequestHeaders;
  readonly #tokens: TokenSource | undefined;
  readonly #dial: Connector;
  readonly #times: Pick<DialOptions, 'connectTimeoutMs' | 'idleTimeoutMs'>;
  #probing = false;

  /** @throws ConnectFailure when a certificate or key cannot be used */
  constructor(grant: UpstreamGrant, limits: UpstreamLimits, workloadIdentityFile: string | undefined) {
    const { spec } = grant;
    if (spec === undefined) throw new ConnectFailure('it has no address', undefined);
    this.name = grant.name;
    this.#grant = grant;
    this.#base = new URL(readBaseUrl(spec));
    const time = (own: typeof spec.connectTimeout, fallback: number) =>
      own === undefined ? fallback : toMs(own);
    const timeoutMs = time(spec.connectTimeout, limits.connectTimeoutMs);
    const idleTimeoutMs = time(spec.idleTimeout, limits.idleTimeoutMs);
    this.#times = { connectTimeoutMs: timeoutMs, idleTimeoutMs };
    const maxRunning = spec.maxConcurrent || limits.maxConnections;
    try {
      this.#dial = createConnector(grant, { timeoutMs, http2: false });
      this.#pool = new Pool(this.#base.origin, {
        connections: maxRunning,
        connect: spec.http2 ? createConnector(grant, { timeoutMs, http2: true }) : this.#dial,
        allowH2: spec.http2,
        headersTimeout: time(spec.headersTimeout, limits.headersTimeoutMs),
        bodyTimeout: idleTimeoutMs,
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
    this.#headers = new RequestHeaders(grant);
  }

  /** How it got on lately, for admins. */
  report() {
    const { running, queued } = this.#gate;
    const { state, fault, timeMs } = this.health;
    const now = { upstream: this.name, state, fault: fault.slice(0, MAX_FAULT), running, queued };
    return timeMs === undefined ? now : { ...now, time: timestampFromMs(timeMs) };
  }

  /**
   * Takes a place of those that it has; whoever has one has to give it back, once, by what this resolves with.
   * Throws GatewayError `upstream_busy`; what the signal aborts, its reason.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    try {
      if (!this.#gate.tryEnter()) await this.#gate.enter(signal);
      return () => this.#gate.leave();
    } catch (cause) {
      throw signal.aborted ? cause : explainFailure(this.name, cause);
    }
  }

  /**
   * Sends a request with the upstream's own credential; nothing of the caller's headers goes along.
   * Throws GatewayError `upstream_unreachable`, `upstream_busy`, `upstream_timeout`, `upstream_disconnected` or
   * `upstream_unreadable`; what the signal aborts, with anything.
   */
  async call(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const leave = await this.enter(request.signal);
    try {
      const { raw, token } = await this.#authenticated(request);
      this.#noteStatus(raw.statusCode);
      const called = { name: this.name, credentials: credentialsOf(this.#grant, token) };
      return describeAnswer(called, raw, leave);
    } catch (cause) {
      leave();
      const failure = explainFailure(this.name, cause);
      if (!request.signal.aborted) this.health.fail(failure);
      throw failure;
    }
  }

  /**
   * Opens a WebSocket to a path of this upstream. It takes no place: what is asked on it does.
   * Throws GatewayError `upstream_unreachable` or `upstream_timeout`; what the signal aborts, its reason.
   *
   * @param maxMessageBytes in one message
   */
  async dial(
    path: string,
    maxMessageBytes: number,
    signal: AbortSignal,
  ): Promise<UpstreamSocket | DialRefusal> {
    try {
      const options = await this.#dialOptions(path, maxMessageBytes, signal);
      const dialled = await dial(options, signal);
      this.#noteStatus(isRefusal(dialled) ? dialled.status : SWITCHING_PROTOCOLS);
      return dialled;
    } catch (cause) {
      if (signal.aborted) throw cause;
      const failure = explainFailure(this.name, cause);
      this.health.fail(failure);
      throw failure;
    }
  }

  /**
   * Finds out whether it can be reached, where nothing has shown that for a while: gets a token, where it takes one, and opens a
   * connection. No request is sent.
   */
  async probe(): Promise<void> {
    if (!this.health.stale || this.#probing) return;
    this.#probing = true;
    try {
      await this.#tokens?.get(new AbortController().signal);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#connectTo(this.#base)((error, socket) => {
        socket?.on('error', () => {}).destroy();
        if (error === null) resolve();
        else reject(error);
      });
      await promise;
      if (this.health.stale) this.health.reach();
    } catch (cause) {
      this.health.fail(explainFailure(this.name, cause));
    } finally {
      this.#probing = false;
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

  #noteStatus(status: number): void {
    const isRefused = status === UNAUTHORIZED || status === FORBIDDEN;
    this.health.note(isRefused ? `it answers ${status} to this plane's credential` : '');
  }

  /** Redirects must not be followed. */
  async #dialOptions(path: string, maxMessageBytes: number, signal: AbortSignal): Promise<DialOptions> {
    const token = await this.#tokens?.get(signal);
    const url = new URL(this.#base.href.replace(/\/$/, '') + path);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const connect = this.#connectTo(url);
    const createConnection: DialOptions['createConnection'] = (_options, onCreate) => {
      connect((error, socket) => onCreate(error, socket ?? undefined));
      return undefined;
    };
    const headers = this.#headers.record(token);
    const credentials = credentialsOf(this.#grant, token);
    return { url, headers, credentials, ...this.#times, createConnection, maxMessageBytes };
  }

  /** A token that is not taken is asked for anew once: it may have been withdrawn before its end. */
  async #authenticated(request: UpstreamRequest) {
    const { signal } = request;
    const token = await this.#tokens?.get(signal);
    const raw = await this.#send(request, token);
    if (raw.statusCode !== UNAUTHORIZED || this.#tokens === undefined || token === undefined)
      return { raw, token };
    if (!this.#tokens.discard(token)) return { raw, token };
    dump(raw.body);
    const renewed = await this.#tokens.get(signal);
    return { raw: await this.#send(request, renewed), token: renewed };
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
    { method, path, body, contentType, accept, headers: wanted, signal }: UpstreamRequest,
    token: string | undefined,
  ): Promise<Dispatcher.ResponseData> {
    const type = body === null ? '' : (contentType ?? 'application/json');
    const form = this.#headers.form(token, type, accept);
    const headers = wanted === undefined ? form : [...form, ...Object.entries(wanted).flat()];
    return this.#pool.request({
      method,
      path: this.#base.pathname.replace(/\/$/, '') + path,
      headers,
      body,
      signal,
    });
  }

  #connectTo(url: URL) {
    const isSecure = url.protocol === 'wss:' || url.protocol === 'https:';
    const target = {
      host: url.host,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      protocol: isSecure ? 'https:' : 'http:',
      port: url.port || (isSecure ? '443' : '80'),
    };
    return (callback: Parameters<Connector>[1]) => this.#dial(target, callback);
  }
}
