import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { GatewayError } from '#core/provider/openai/error.ts';

/** RFC 9110 section 8.4.1 and RFC 9659. None is asked for; some servers compress nevertheless. */
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** What undoes a `content-encoding`, in lower case; undefined where nothing does. */
export function createDecoder(encoding: string): ((body: Readable) => AsyncIterable<Uint8Array>) | undefined {
  const create = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  return create && ((body) => decode(body, create()));
}

/** What ends or breaks one of the two ends or breaks the other; how much comes out, whoever reads it limits. */
async function* decode(body: Readable, decoder: Transform): AsyncGenerator<Uint8Array> {
  let broken: Error | undefined;
  body.once('error', (error) => {
    broken = error;
  });
  pipeline(body, decoder, () => {});
  try {
    yield* decoder;
  } catch (cause) {
    if (broken !== undefined) throw broken;
    const message = 'The answer could not be decompressed, so it was not passed on.';
    throw new GatewayError('upstream_unreadable', message, { cause });
  }
}
