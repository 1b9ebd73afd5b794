import { type Dispatcher, errors, Pool } from 'undici';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { Target } from '#core/provider/openai/target.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';

/** Limits on an upstream call, in milliseconds. */
export interface UpstreamLimits {
  readonly connectTimeoutMs: number;
  /** From the last byte of the request to the first of the answer. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the answer. */
  readonly idleTimeoutMs: number;
  /** Connections to one upstream. */
  readonly maxConnections: number;
}

/** An upstream's answer before its body is read. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Lower case, without parameters: `text/event-stream`. */
  readonly mediaType: string;
  /** Headers that may be handed on to the caller. */
  readonly headers: Readonly<Record<string, string>>;
  /** The provider's request id. */
  readonly requestId: string;
  /** Reads the body piece by piece; throws GatewayError when it breaks off. */
  read(): AsyncIterable<Uint8Array>;
  /** Ends the call when it is still running: what comes yet of the body is nobody's. */
  end(): void;
  /** Lets the rest of the body go, keeping the connection where the rest is short. */
  discard(): void;
}

/** Upstream headers that a client uses: rate limits and retry advice. Everything else stays here. */
const PASSED_HEADER =
  /^(retry-after|retry-after-ms|x-should-retry|openai-processing-ms|openai-version|x-ratelimit-[a-z-]{1,40})$/;
/** A number, a yes or no, a duration (`6m0s`), a version by date, a date (RFC 9110 section 5.6.7): no room for text. */
const PASSED_VALUE =
  /^(?:true|false|\d{1,12}(?:\.\d{1,6})?|(?:\d{1,6}(?:\.\d{1,9})?(?:ms|us|µs|ns|[smhd]))+|\d{4}-\d\d-\d\d|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)$/;
/** As providers make them: `req_…`, a UUID, a hash. Records show it, so that it must not hold words. */
const REQUEST_ID = /^(?=.*[A-Za-z])[\w-]{1,100}$/;
const DISCARD_LIMIT_BYTES = 64 * 1024;

/** Connection pools to upstreams, one for each origin. */
export class Upstreams {
  readonly #pools = new Map<string, Pool>();
  readonly #limits: UpstreamLimits;

  constructor(limits: UpstreamLimits) {
    this.#limits = limits;
  }

  /**
   * Sends a request with the upstream's own credential; nothing of the caller's headers goes along.
   * Throws GatewayError `upstream_unreachable`, `upstream_timeout` or `upstream_disconnected`.
   */
  async call(
    grant: UpstreamGrant,
    { route, path }: Target,
    body: Uint8Array,
    stream: boolean,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer> {
    const base = new URL(grant.baseUrl);
    const headers: Record<string, string> = {
      authorization: `Bearer ${grant.credential}`,
      accept: stream ? 'text/event-stream' : 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'sworn',
    };
    Object.assign(headers, route.headers);
    if (route.hasBody) headers['content-type'] = 'application/json';
    try {
      const answer = await this.#pool(base.origin).request({
        method: route.method,
        path: base.pathname.replace(/\/$/, '') + path,
        headers,
        body: route.hasBody ? body : null,
        signal,
      });
      return describe(answer);
    } catch (cause) {
      throw toGatewayError(cause);
    }
  }

  /** Ends all pools; running calls are broken off. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }

  #pool(origin: string): Pool {
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = new Pool(origin, {
        connections: this.#limits.maxConnections,
        connect: { timeout: this.#limits.connectTimeoutMs, noDelay: true },
        headersTimeout: this.#limits.headersTimeoutMs,
        bodyTimeout: this.#limits.idleTimeoutMs,
      });
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}

function describe(answer: Dispatcher.ResponseData): UpstreamAnswer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (typeof value === 'string' && PASSED_HEADER.test(name) && PASSED_VALUE.test(value))
      headers[name] = value;
  }
  const contentType = answer.headers['content-type'];
  const requestId = answer.headers['x-request-id'];
  return {
    status: answer.statusCode,
    mediaType:
      typeof contentType === 'string' ? (contentType.split(';', 1)[0] ?? '').trim().toLowerCase() : '',
    headers,
    requestId: typeof requestId === 'string' && REQUEST_ID.test(requestId) ? requestId : '',
    read: () => readPieces(answer.body),
    end: () => {
      if (!answer.body.readableEnded) answer.body.destroy();
    },
    discard: () => {
      answer.body.dump({ limit: DISCARD_LIMIT_BYTES }).catch(() => {});
    },
  };
}

async function* readPieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) yield piece;
  } catch (cause) {
    throw toGatewayError(cause);
  }
}

function toGatewayError(cause: unknown): GatewayError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
    return new GatewayError('upstream_timeout', 'The provider did not answer in time.', { cause });
  }
  const sentNothing =
    cause instanceof errors.ConnectTimeoutError ||
    [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ].includes(String(code));
  return sentNothing
    ? new GatewayError('upstream_unreachable', 'The provider cannot be reached.', { cause })
    : new GatewayError('upstream_disconnected', 'The connection to the provider broke.', { cause });
}
