import { HASH_BYTES } from '../merkle/hash.ts';

const FIRST_CAPACITY = 64;

/** The digests of the records of one epoch, by seq: 32 bytes each, as long as none is left out. */
export class Digests {
  #bytes = new Uint8Array(FIRST_CAPACITY * HASH_BYTES);
  #count = 0;
  /** Those behind one that was left out. */
  readonly #others = new Map<bigint, Uint8Array>();

  add(seq: bigint, digest: Uint8Array): void {
    if (seq !== BigInt(this.#count + 1)) {
      this.#others.set(seq, digest);
      return;
    }
    const begin = this.#count * HASH_BYTES;
    if (begin === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(digest, begin);
    this.#count += 1;
  }

  get(seq: bigint): Uint8Array | undefined {
    if (seq < 1n || seq > BigInt(this.#count)) return this.#others.get(seq);
    const begin = (Number(seq) - 1) * HASH_BYTES;
    return this.#bytes.subarray(begin, begin + HASH_BYTES);
  }
}
