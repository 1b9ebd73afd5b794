/** UTF-16 units of the longest key; nothing longer is looked at. */
export const MAX_LENGTH = 255;
/** So many words, one after the other, are searched through; of the first one all letters are there. */
export const BLOCK = 16;
/** An entry begins with how many letters it shares with the one before it, above how many follow: 0 for more than these. */
export const COUNT_BITS = 4;
export const MOST_COUNTED = (1 << COUNT_BITS) - 1;
/** Then which mask it has, most often in one byte; from this one on it goes on in the next. */
export const LONG_MASK = 224;
/** So many letters of a block's first word are one number to compare, and two of them say where to look. */
const HEAD_LETTERS = 6;
const PAIRS = 1 << 14;
const AFTER_PAIR = 256 ** (HEAD_LETTERS - 2);

/** Words and their masks, as `pack` writes them. */
export interface PackedWords {
  /** How many words there are. */
  readonly size: number;
  /** All different masks, the usual ones first. */
  readonly masks: Uint32Array;
  /** Bytes of each block. */
  readonly lengths: Uint16Array;
  readonly entries: Uint8Array;
}

/**
 * A map from short ASCII words without capitals to bit masks, as it is in its file: sorted, front-coded, and searched where it
 * lies. A stretch of a text is looked up without allocating. There is nothing to build, which takes a table of 270,000
 * words a tenth of a second.
 */
export class Words {
  readonly size: number;
  readonly #masks: Uint32Array;
  readonly #entries: Uint8Array;
  /** By block where it begins, and at last where all ends. */
  readonly #places: Int32Array;
  /** By block its first word, as `head` gives it. */
  readonly #heads: Float64Array;
  /** By two letters, the first block that begins with them or with later ones. */
  readonly #pairs = new Uint16Array(PAIRS + 1);

  constructor({ size, masks, lengths, entries }: PackedWords) {
    this.size = size;
    this.#masks = masks;
    this.#entries = entries;
    this.#places = new Int32Array(lengths.length + 1);
    this.#heads = new Float64Array(lengths.length);
    let place = 0;
    let pair = 0;
    for (let block = 0; block < lengths.length; block++) {
      this.#places[block] = place;
      const head = firstOf(entries, place);
      this.#heads[block] = head;
      for (const own = pairOf(head); pair <= own; pair++) this.#pairs[pair] = block;
      place += lengths[block] as number;
    }
    this.#places[lengths.length] = place;
    this.#pairs.fill(lengths.length, pair);
  }

  /**
   * The mask of the text from `start` to `end`, capitals of ASCII folded; 0 when it is not a key, and always when it
   * holds anything that is not ASCII.
   */
  get(text: string, start = 0, end = text.length): number {
    if (end - start > MAX_LENGTH) return 0;
    let head = 0;
    for (let i = start; i < start + HEAD_LETTERS; i++)
      head = head * 256 + (i < end ? small(text.charCodeAt(i)) : 0);
    const heads = this.#heads;
    const pair = pairOf(head);
    if (pair >= PAIRS) return 0;
    let first = this.#pairs[pair] as number;
    let after = this.#pairs[pair + 1] as number;
    while (first < after) {
      const middle = (first + after) >> 1;
      if ((heads[middle] as number) < head) first = middle + 1;
      else after = middle;
    }
    // It may be in the block before the first that begins like it, and in any that does.
    for (let block = Math.max(0, first - 1); block < heads.length; block++) {
      if ((heads[block] as number) > head) return 0;
      const mask = this.#find(block, text, start, end);
      if (mask >= 0) return mask;
    }
    return 0;
  }

  /** The mask of a word, or 0 when the block says that it is none; NOT_HERE when all words of the block come before it. */
  #find(block: number, text: string, start: number, end: number): number {
    const entries = this.#entries;
    const stop = this.#places[block + 1] as number;
    // So many letters the word shares with the entry before, which comes before it.
    let alike = start;
    for (let at = this.#places[block] as number; at < stop; ) {
      const counts = entries[at++] as number;
      const shared = start + (counts >> COUNT_BITS);
      let count = counts & MOST_COUNTED;
      if (count === 0) count = entries[at++] as number;
      let mask = entries[at++] as number;
      if (mask >= LONG_MASK) mask = ((mask - LONG_MASK) << 8) + LONG_MASK + (entries[at++] as number);
      const next = at + count;
      if (shared <= alike) {
        // What shares more letters than can be counted has some of them once more.
        if (shared < alike && shared - start < MOST_COUNTED) return 0;
        alike = shared;
        while (at < next && alike < end && entries[at] === small(text.charCodeAt(alike))) {
          at += 1;
          alike += 1;
        }
        if (at === next) {
          if (alike === end) return this.#masks[mask] as number;
        } else if (alike === end || (entries[at] as number) > small(text.charCodeAt(alike))) return 0;
      }
      at = next;
    }
    return NOT_HERE;
  }
}

const NOT_HERE = -1;

/** The first letters of the entry at a place, which shares none with another. */
function firstOf(entries: Uint8Array, place: number): number {
  let at = place;
  let count = (entries[at++] as number) & MOST_COUNTED;
  if (count === 0) count = entries[at++] as number;
  if ((entries[at++] as number) >= LONG_MASK) at += 1;
  let head = 0;
  for (let i = 0; i < HEAD_LETTERS; i++) head = head * 256 + (i < count ? (entries[at + i] as number) : 0);
  return head;
}

/** The first two letters of a word, as one number below PAIRS where they are ASCII. */
function pairOf(head: number): number {
  const two = Math.floor(head / AFTER_PAIR);
  return two > 0x7f7f || (two & 0x80) !== 0 ? PAIRS : ((two >> 8) << 7) | (two & 0x7f);
}

/** A capital letter of ASCII as its small one. */
function small(unit: number): number {
  return unit >= 65 && unit <= 90 ? unit + 32 : unit;
}
