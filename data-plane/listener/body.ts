import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { GatewayError } from '#core/provider/openai/error.ts';
import { type Hold, tooMuch } from '../budget/budget.ts';
import type { Arrival } from '../exchange.ts';

/** Limits on what a caller may send. */
export interface BodyLimits {
  /** Bytes, before and after decompression. */
  readonly maxBytes: number;
  /** Milliseconds from the arrival until the last byte. */
  readonly timeoutMs: number;
}

/** `content-encoding` (RFC 9110 section 8.4.1) that clients are known to send; zstd and gzip by coding agents. */
const DECODERS = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
} as const;
/** Bytes that come out of a decoder at a time. */
const DECODED_BYTES = 64 * 1024;
/** So many pieces are joined: a body that comes byte by byte must not take a hundred times its size. */
const LOOSE_PIECES = 1024;

/**
 * The whole body of a request, decompressed; all of its bytes are taken into the arrival's hold, those that it announces
 * before it comes. The arrival's signal says that its caller has gone: a request that broke off before it is read tells nobody
 * any more.
 * Throws GatewayError: `body_too_large`, `body_timeout`, `unsupported_encoding`, `invalid_request`, `too_much_under_way`.
 */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  { signal, hold }: Pick<Arrival, 'signal' | 'hold'>,
): Promise<Uint8Array> {
  const raw = await collect(request, limits, signal, hold);
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return raw;
  if (!Object.hasOwn(DECODERS, encoding)) {
    throw new GatewayError(
      'unsupported_encoding',
      `This content-encoding is not supported; send the body plain or as ${Object.keys(DECODERS).join(', ')}.`,
    );
  }
  const decoder = DECODERS[encoding as keyof typeof DECODERS]({ chunkSize: DECODED_BYTES });
  try {
    const body = await decode(raw, decoder, limits, hold);
    hold.give(raw.length);
    return body;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('invalid_request', `The body is not valid ${encoding}.`, { cause });
  }
}

/** Piece by piece: how much comes out, nobody knows before. */
async function decode(
  raw: Uint8Array,
  decoder: Transform,
  limits: BodyLimits,
  hold: Hold,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  decoder.end(raw);
  for await (const piece of decoder) {
    size += piece.length;
    if (size > limits.maxBytes) throw tooLargeError(limits);
    hold.take(piece.length);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

function collect(
  request: IncomingMessage,
  limits: BodyLimits,
  signal: AbortSignal,
  hold: Hold,
): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.maxBytes) throw tooLargeError(limits);
  signal.throwIfAborted();
  if (declared > 0) hold.take(declared);
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let loose = 0;
    let size = 0;
    const timer = setTimeout(() => {
      fail(new GatewayError('body_timeout', 'The body did not arrive in time.'));
    }, limits.timeoutMs);
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.maxBytes) return fail(tooLargeError(limits));
      if (size > hold.bytes && !hold.resize(size)) return fail(tooMuch());
      pieces.push(chunk);
      loose += 1;
      if (loose < LOOSE_PIECES) return;
      pieces.push(Buffer.concat(pieces.splice(-loose)));
      loose = 0;
    };
    const onEnd = () => {
      settle();
      hold.resize(size);
      resolve(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, size));
    };
    const onBroken = (cause?: Error) => {
      fail(new GatewayError('invalid_request', 'The body broke off.', { cause }));
    };
    const onAbort = () => fail(signal.reason);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      // A late error on a request that has been refused must not end the process.
      request.on('error', () => {});
    };
    /** Gives the room back at once: others of the same caller are just being read. */
    const fail = (reason: unknown) => {
      settle();
      pieces.length = 0;
      hold.resize(0);
      reject(reason);
    };
    signal.addEventListener('abort', onAbort);
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}

function tooLargeError(limits: BodyLimits): GatewayError {
  return new GatewayError('body_too_large', `The body is larger than ${limits.maxBytes} bytes.`);
}
