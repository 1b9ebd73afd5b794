/** FNV-1a, 32 bits. */
const HASH_BASIS = 0x811c9dc5;
const HASH_PRIME = 0x01000193;
/** UTF-16 units of the longest key; nothing longer is looked at. */
export const MAX_LENGTH = 255;
/** Bytes before a key: its length, and its mask from the low byte up. */
const HEAD = 4;
/** Bits that a mask has room for. */
const MASK_BITS = 24;
/** Of a slot: where its key begins, and above it some bits of the key's hash, so that most other keys are told by the slot alone. */
const PLACE_BITS = 23;
const MAX_PLACE = (1 << PLACE_BITS) - 1;
/** In front-coded lists `A` is no letter shared with the word before, `Z` is 25. */
const NONE_SHARED = 65;
const MOST_SHARED = 90;

/**
 * A table from short ASCII keys without capitals to bit masks: open addressing over typed arrays. 240,000 words take
 * 6 MB outside the heap, where a `Map` of strings takes 25 inside, and a stretch of a text is looked up without
 * allocating.
 */
export class WordTable {
  /** For each slot where its key begins in `#keys`, and bits of its hash; 0 for none. */
  readonly #slots: Int32Array;
  /** All keys, each after its head. */
  #keys: Uint8Array;
  #end = HEAD;
  #size = 0;
  /** The key that is being added, and the hash of each of its beginnings. */
  readonly #word = new Uint8Array(MAX_LENGTH + 1);
  readonly #hashes = new Int32Array(MAX_LENGTH + 2).fill(HASH_BASIS | 0, 0, 1);

  /**
   * @param slots a power of two, well above the number of keys to come
   * @param bytes room for the keys at first; it grows
   */
  constructor(slots: number, bytes: number) {
    this.#slots = new Int32Array(slots);
    this.#keys = new Uint8Array(bytes);
  }

  /** How many different keys there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds the bits to the mask of a key; not where it holds any of `unless`. */
  add(key: string, bits: number, unless = 0): void {
    for (let i = 0; i < key.length; i++) this.#type(i, key.charCodeAt(i));
    this.#enter(key.length, bits, unless);
  }

  /**
   * Adds the bits to each word of a front-coded list: for each a capital letter that says how many letters it shares
   * with the word before it, then the rest of it. `AabandonHedDte` is `abandon`, `abandoned`, `abate`.
   */
  addFrontCoded(list: string, bits: number): void {
    // The fields in locals: the first lists run before the compiler comes.
    const word = this.#word;
    const hashes = this.#hashes;
    let length = 0;
    for (let i = 0; i < list.length; i++) {
      const unit = list.charCodeAt(i);
      if (unit < NONE_SHARED || unit > MOST_SHARED) {
        word[length] = unit;
        hashes[length + 1] = Math.imul((hashes[length] as number) ^ unit, HASH_PRIME);
        length += 1;
        continue;
      }
      if (length > 0) this.#enter(length, bits, 0);
      length = unit - NONE_SHARED;
    }
    if (length > 0) this.#enter(length, bits, 0);
  }

  /**
   * The mask of the text from `start` to `end`, capitals of ASCII folded; 0 when it is not a key, and always when it
   * holds anything that is not ASCII.
   */
  get(text: string, start = 0, end = text.length): number {
    const length = end - start;
    if (length > MAX_LENGTH) return 0;
    let hash = HASH_BASIS;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ small(text.charCodeAt(i)), HASH_PRIME);
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = spread(hash) & last;
    for (let entry = slots[slot] as number; entry !== 0; entry = slots[slot] as number) {
      const at = entry & MAX_PLACE;
      if (isAlike(entry, hash) && this.#isText(at, text, start, length)) return this.#mask(at);
      slot = (slot + 1) & last;
    }
    return 0;
  }

  #type(at: number, unit: number): void {
    this.#word[at] = unit;
    this.#hashes[at + 1] = Math.imul((this.#hashes[at] as number) ^ unit, HASH_PRIME);
  }

  #enter(length: number, bits: number, unless: number): void {
    if (length > MAX_LENGTH) throw new RangeError('a key is too long');
    const slots = this.#slots;
    const last = slots.length - 1;
    const hash = this.#hashes[length] as number;
    let slot = spread(hash) & last;
    for (let entry = slots[slot] as number; entry !== 0; entry = slots[slot] as number) {
      const at = entry & MAX_PLACE;
      if (isAlike(entry, hash) && this.#isWord(at, length)) {
        const mask = this.#mask(at);
        if ((mask & unless) === 0) this.#setMask(at, mask | bits);
        return;
      }
      slot = (slot + 1) & last;
    }
    this.#size += 1;
    if (this.#size > last) throw new RangeError('the table is full');
    slots[slot] = this.#store(length, bits) | (hash & ~MAX_PLACE);
  }

  #isText(at: number, text: string, start: number, length: number): boolean {
    const keys = this.#keys;
    if (keys[at - HEAD] !== length) return false;
    for (let i = 0; i < length; i++) {
      if (keys[at + i] !== small(text.charCodeAt(start + i))) return false;
    }
    return true;
  }

  #isWord(at: number, length: number): boolean {
    const keys = this.#keys;
    const word = this.#word;
    if (keys[at - HEAD] !== length) return false;
    for (let i = 0; i < length; i++) if (keys[at + i] !== word[i]) return false;
    return true;
  }

  /** Copies the key behind the others; where it begins. */
  #store(length: number, bits: number): number {
    const at = this.#end + HEAD;
    this.#end = at + length;
    if (this.#end > MAX_PLACE) throw new RangeError('the keys are too many');
    if (this.#end > this.#keys.length) {
      const more = new Uint8Array(this.#keys.length * 2);
      more.set(this.#keys);
      this.#keys = more;
    }
    const keys = this.#keys;
    const word = this.#word;
    keys[at - HEAD] = length;
    for (let i = 0; i < length; i++) keys[at + i] = word[i] as number;
    this.#setMask(at, bits);
    return at;
  }

  #mask(at: number): number {
    const keys = this.#keys;
    return (keys[at - 3] as number) | ((keys[at - 2] as number) << 8) | ((keys[at - 1] as number) << 16);
  }

  #setMask(at: number, mask: number): void {
    if (mask >>> MASK_BITS !== 0) throw new RangeError('a mask has no such bit');
    this.#keys[at - 3] = mask;
    this.#keys[at - 2] = mask >>> 8;
    this.#keys[at - 1] = mask >>> 16;
  }
}

/** A capital letter of ASCII as its small one. */
function small(unit: number): number {
  return unit >= 65 && unit <= 90 ? unit + 32 : unit;
}

/** The low bits of FNV depend on the last letters most; this stirs the high ones in. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** Whether the key of a slot may have the hash. */
function isAlike(entry: number, hash: number): boolean {
  return (entry ^ hash) >>> PLACE_BITS === 0;
}
