import type { Dispatcher } from 'undici';
import { GatewayError } from '#core/provider/openai/error.ts';
import { createDecoder } from './decode.ts';
import { explainFailure } from './failure.ts';

/** An upstream's answer before its body is read. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Lower case, without parameters: `text/event-stream`. */
  readonly mediaType: string;
  /** Headers that may be handed on to the caller. */
  readonly headers: Readonly<Record<string, string>>;
  /** The provider's request id. */
  readonly requestId: string;
  /** What the upstream was called with that no caller may see, should the answer quote it. */
  readonly credentials: readonly string[];
  /** Reads the body piece by piece, decompressed; throws GatewayError when it breaks off. */
  read(): AsyncIterable<Uint8Array>;
  /** What was read of it so far, decompressed. */
  readonly cameBytes: number;
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
const REQUEST_ID_HEADERS = ['x-request-id', 'apim-request-id'];
/** More than this, or for longer, is not read to keep a connection. */
const DISCARD_LIMIT_BYTES = 64 * 1024;
const DISCARD_MS = 2_000;

/** How an upstream was called. */
interface Called {
  readonly name: string;
  readonly credentials: readonly string[];
}

/**
 * An answer of the upstream that was called so. `onEnd` is called once, when nothing more comes of it.
 * Throws GatewayError `upstream_unreadable` for a compression that cannot be undone.
 */
export function describeAnswer(
  { name, credentials }: Called,
  { statusCode, headers, body }: Dispatcher.ResponseData,
  onEnd: () => void,
): UpstreamAnswer {
  const encoding = textOf(headers['content-encoding']).trim().toLowerCase();
  const isPlain = encoding === '' || encoding === 'identity';
  const decoder = isPlain ? undefined : createDecoder(encoding);
  if (!isPlain && decoder === undefined) {
    body.on('error', () => {}).destroy();
    throw new GatewayError(
      'upstream_unreadable',
      'The answer is compressed in a way that cannot be undone here.',
    );
  }
  if (body.closed) onEnd();
  else body.once('close', onEnd);
  let discarded = false;
  let came = 0;
  const count = (piece: Uint8Array) => {
    came += piece.length;
  };
  return {
    status: statusCode,
    mediaType: (textOf(headers['content-type']).split(';', 1)[0] ?? '').trim().toLowerCase(),
    headers: passedHeaders(headers),
    requestId: readRequestId(headers),
    credentials,
    read: () => readPieces(name, decoder === undefined ? body : decoder(body), count),
    get cameBytes() {
      return came;
    },
    end: () => {
      if (!discarded && !body.readableEnded && !body.destroyed) body.on('error', () => {}).destroy();
    },
    discard: () => {
      discarded = true;
      dump(body);
    },
  };
}

/** The provider's request id in the headers of an answer, or of a handshake; empty without one. */
export function readRequestId(headers: Dispatcher.ResponseData['headers']): string {
  return REQUEST_ID_HEADERS.map((header) => textOf(headers[header])).find((id) => REQUEST_ID.test(id)) ?? '';
}

/** Lets the rest of a body go, keeping the connection where the rest is short and comes soon. */
export function dump(body: Dispatcher.ResponseData['body']): void {
  body.dump({ limit: DISCARD_LIMIT_BYTES, signal: AbortSignal.timeout(DISCARD_MS) }).catch(() => {});
}

function passedHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string' && PASSED_HEADER.test(name) && PASSED_VALUE.test(value)) {
      passed[name] = value;
    }
  }
  return passed;
}

function textOf(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : '';
}

async function* readPieces(
  name: string,
  body: AsyncIterable<Uint8Array>,
  onPiece: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) {
      onPiece(piece);
      yield piece;
    }
  } catch (cause) {
    throw explainFailure(name, cause);
  }
}
