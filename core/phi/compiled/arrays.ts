import { deflateRawSync, inflateRawSync } from 'node:zlib';

export type NumberArray = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/** How many numbers an array has stands before it, little-endian as they are. */
const COUNT_BYTES = 4;

/** Arrays of numbers as text: one after the other, DEFLATE (RFC 1951), Base64. */
export function packArrays(arrays: readonly NumberArray[]): string {
  const parts = arrays.flatMap((array) => {
    const count = Buffer.alloc(COUNT_BYTES);
    count.writeUInt32LE(array.length);
    return [count, Buffer.from(array.buffer, array.byteOffset, array.byteLength)];
  });
  return deflateRawSync(Buffer.concat(parts), { level: 9 }).toString('base64');
}

/** Reads arrays that were packed, in the same order. */
export class ArrayReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(packed: string) {
    this.#bytes = inflateRawSync(Buffer.from(packed, 'base64'));
  }

  uint8(): Uint8Array {
    return new Uint8Array(this.#take(Uint8Array.BYTES_PER_ELEMENT));
  }

  uint16(): Uint16Array {
    return new Uint16Array(this.#take(Uint16Array.BYTES_PER_ELEMENT));
  }

  uint32(): Uint32Array {
    return new Uint32Array(this.#take(Uint32Array.BYTES_PER_ELEMENT));
  }

  int32(): Int32Array {
    return new Int32Array(this.#take(Int32Array.BYTES_PER_ELEMENT));
  }

  /** The bytes of the next array in a buffer of their own: here they lie at any place, and those of words may not. */
  #take(width: number): ArrayBuffer {
    const from = this.#at + COUNT_BYTES;
    this.#at = from + this.#bytes.readUInt32LE(this.#at) * width;
    return Uint8Array.prototype.slice.call(this.#bytes, from, this.#at).buffer as ArrayBuffer;
  }
}
