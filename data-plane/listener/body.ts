import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { GatewayError } from '#core/provider/openai/error.ts';

/** Limits on what a caller may send. */
export interface BodyLimits {
  /** Bytes, before and after decompression. */
  readonly maxBytes: number;
  /** Milliseconds from the arrival until the last byte. */
  readonly timeoutMs: number;
}

/** `content-encoding` (RFC 9110 section 8.4.1) that clients are known to send; zstd and gzip by coding agents. */
const DECODERS = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
} as const;

/**
 * The whole body of a request, decompressed. `signal` says that its caller has gone: a request that broke off before
 * it is read tells nobody any more.
 * Throws GatewayError: `body_too_large`, `body_timeout`, `unsupported_encoding`, `invalid_request`.
 */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const raw = await collect(request, limits, signal);
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return raw;
  if (!Object.hasOwn(DECODERS, encoding)) {
    throw new GatewayError(
      'unsupported_encoding',
      `This content-encoding is not supported; send the body plain or as ${Object.keys(DECODERS).join(', ')}.`,
    );
  }
  try {
    return await DECODERS[encoding as keyof typeof DECODERS](raw, { maxOutputLength: limits.maxBytes });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    if (tooLarge) throw tooLargeError(limits);
    throw new GatewayError('invalid_request', `The body is not valid ${encoding}.`, { cause });
  }
}

function collect(request: IncomingMessage, limits: BodyLimits, signal: AbortSignal): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.maxBytes) throw tooLargeError(limits);
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      settle(() => reject(new GatewayError('body_timeout', 'The body did not arrive in time.')));
    }, limits.timeoutMs);
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.maxBytes) settle(() => reject(tooLargeError(limits)));
      else chunks.push(chunk);
    };
    const onEnd = () => {
      settle(() =>
        resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)),
      );
    };
    const onBroken = (cause?: Error) => {
      settle(() => reject(new GatewayError('invalid_request', 'The body broke off.', { cause })));
    };
    const onAbort = () => {
      settle(() => reject(signal.reason));
    };
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      // A late error on a request that has been refused must not end the process.
      request.on('error', () => {});
      finish();
    };
    signal.addEventListener('abort', onAbort);
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}

function tooLargeError(limits: BodyLimits): GatewayError {
  return new GatewayError('body_too_large', `The body is larger than ${limits.maxBytes} bytes.`);
}
