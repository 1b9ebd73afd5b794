import { deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { EvidenceError } from '../error.ts';

/** Below this, compressing saves less than it costs. */
const STORED_BELOW_BYTES = 128;
/** Of a stored block: three bits of header padded to a byte, the length, and its complement (RFC 1951, 3.2.4). */
const STORED_OVERHEAD_BYTES = 5;
const STORED_MAX_BYTES = 0xffff;
const FINAL_STORED_BLOCK = 0x01;

/** A compressor takes 64 KB of memory with this and 256 KB with zlib's own, and for 4 KB of text a tenth less time. */
const SMALL_WINDOW: ZlibOptions = { level: 1, windowBits: 13, memLevel: 6 };
const LARGE_WINDOW: ZlibOptions = { level: 1 };
const SMALL_WINDOW_BYTES = 2 ** 13;
/** Node takes no smaller one. */
const MIN_CHUNK_BYTES = 64;

/** Compresses a piece to raw deflate (RFC 1951), in little time rather than to the least. */
export function compress(piece: Uint8Array): Uint8Array {
  if (piece.length < STORED_BELOW_BYTES) return store(piece);
  const window = piece.length <= SMALL_WINDOW_BYTES ? SMALL_WINDOW : LARGE_WINDOW;
  // Node gives what comes out as a view into chunks of 16 KiB: that memory makes it collect garbage 20 times as often.
  return deflateRawSync(piece, { ...window, chunkSize: Math.max(MIN_CHUNK_BYTES, piece.length) });
}

/**
 * Decompresses raw deflate.
 * @param limit bytes that come out at most
 * @throws EvidenceError malformed (not deflate, cut off, or followed by other bytes), too_large
 */
export function decompress(bytes: Uint8Array, limit: number): Uint8Array {
  const { buffer, engine } = inflate(bytes, limit);
  if (engine.bytesWritten !== bytes.length)
    throw new EvidenceError('malformed', 'bytes after a compressed piece');
  if (buffer.length > limit) throw tooLarge();
  return buffer;
}

/** With `info`, inflating also tells how many bytes it took; the types do not know. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function inflate(bytes: Uint8Array, limit: number): Inflated {
  try {
    // Node takes no limit of 0.
    const options = { info: true, maxOutputLength: Math.max(1, limit) };
    return inflateRawSync(bytes, options) as unknown as Inflated;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(cause)
      : new EvidenceError('malformed', 'not a compressed piece', cause);
  }
}

/**
 * Puts a piece that will soon be gone into raw deflate as it is, in one stored block, for which a compressor would take 10 us and
 * more. What is too large for one is compressed.
 */
export function store(piece: Uint8Array): Uint8Array {
  if (piece.length > STORED_MAX_BYTES) return compress(piece);
  const block = Buffer.allocUnsafe(STORED_OVERHEAD_BYTES + piece.length);
  block[0] = FINAL_STORED_BLOCK;
  block.writeUInt16LE(piece.length, 1);
  block.writeUInt16LE(~piece.length & 0xffff, 3);
  block.set(piece, STORED_OVERHEAD_BYTES);
  return block;
}

function tooLarge(cause?: unknown): EvidenceError {
  return new EvidenceError('too_large', 'a payload is larger than may be opened', cause);
}
