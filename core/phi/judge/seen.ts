/** Pairs at first; twice as many when half are taken. */
const FIRST_SIZE = 64;
/** Of Knuth's multiplicative hash: the low bits of FNV depend on the last letters most. */
const SPREAD = 0x9e3779b1;
/** A word is looked for in so many places: somebody may make texts whose hashes are all alike. */
const MOST_STEPS = 32;
const NOWHERE = -1;

/** What the words of one text were, by their hashes: a word costs a line of the processor's caches, and an empty one nothing. */
export class Seen {
  #size = 0;
  /** Pairs of a hash and what the word was, one more than it; 0 for none. */
  #pairs = new Int32Array(0);
  #shift = 0;

  /** What the word was; `otherwise` when it was not there. */
  get(hash: number, otherwise: number): number {
    if (this.#size === 0) return otherwise;
    const place = this.#placeOf(hash);
    const kind = place === NOWHERE ? 0 : (this.#pairs[place + 1] as number);
    return kind === 0 ? otherwise : kind - 1;
  }

  /** Notes what a word is; one that is new is not noted when there are `most`. */
  set(hash: number, kind: number, most: number): void {
    if (4 * this.#size >= this.#pairs.length) this.#grow();
    const place = this.#placeOf(hash);
    if (place === NOWHERE) return;
    if (this.#pairs[place + 1] === 0) {
      if (this.#size >= most) return;
      this.#size += 1;
      this.#pairs[place] = hash;
    }
    this.#pairs[place + 1] = kind + 1;
  }

  /** The place of the word, or that where it would be. */
  #placeOf(hash: number): number {
    const pairs = this.#pairs;
    const last = pairs.length - 1;
    let place = (Math.imul(hash, SPREAD) >>> this.#shift) << 1;
    for (let step = 0; step < MOST_STEPS; step++) {
      if (pairs[place + 1] === 0 || pairs[place] === hash) return place;
      place = (place + 2) & last;
    }
    return NOWHERE;
  }

  #grow(): void {
    const before = this.#pairs;
    const size = before.length === 0 ? FIRST_SIZE : before.length;
    this.#pairs = new Int32Array(2 * size);
    this.#shift = 32 - Math.log2(size);
    for (let i = 0; i < before.length; i += 2) {
      if (before[i + 1] === 0) continue;
      const place = this.#placeOf(before[i] as number);
      if (place === NOWHERE) continue;
      this.#pairs[place] = before[i] as number;
      this.#pairs[place + 1] = before[i + 1] as number;
    }
  }
}
