/** So many tokens are remembered, each in a place of its own by its hash; a power of two. */
const SLOTS = 1 << 13;
/** Of a slot: how many characters it has, and the class of each. Longer tokens are not remembered. */
const SLOT_BYTES = 32;
export const MAX_TOKEN_CHARACTERS = SLOT_BYTES - 2;
/** FNV-1a, 32 bits. */
const HASH_PRIME = 0x01000193;

/** In place of a set of rules: more of the text than the token decides. */
export const UNDECIDED = -1;

/**
 * What the automata have done with the words of before. Between two places where a value may begin there is a token, most
 * often a word and the space behind it; what it does to an automaton depends on its characters and on the labels before
 * it alone, so most words of a text need no reading. A token is known by all its characters, never by a hash alone.
 *
 * Its numbers of states hold as long as the automata's caches are not emptied.
 */
export class TokenMemo {
  /** By slot: the labels before the token, as a set of rules. */
  readonly #labels = new Int32Array(SLOTS);
  readonly #tokens = new Uint8Array(SLOTS * SLOT_BYTES);
  /** By slot: the states of the two automata of values behind the token; 0 where they have ended without a match. */
  readonly forms = new Uint16Array(SLOTS);
  readonly labelled = new Uint16Array(SLOTS);
  /** By slot: the labels behind the token, as a set of rules; UNDECIDED where what is before it matters. */
  readonly next = new Int32Array(SLOTS);
  /** By slot: the state of the automaton of labels that has then read the token from its end. */
  readonly before = new Uint16Array(SLOTS);
  readonly #classes: Uint16Array;
  #epoch = 0;

  /** @param classes the class of each UTF-16 unit; at most 256 of them. */
  constructor(classes: Uint16Array) {
    this.#classes = classes;
  }

  /** What the hash of a token begins with, from the labels before it and the class of the character before it. */
  static begin(labels: number, before: number): number {
    return Math.imul((labels << 8) ^ before ^ 0x811c9dc5, HASH_PRIME);
  }

  /** The hash with one more class. */
  static add(hash: number, column: number): number {
    return Math.imul(hash ^ column, HASH_PRIME);
  }

  /** The slot for a token. */
  static slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }

  /** Forgets all when a cache was emptied since. */
  keep(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#tokens.fill(0);
  }

  /** Whether the slot holds the token from `start` up to `end`, with the character before it and these labels. */
  holds(slot: number, labels: number, text: string, start: number, end: number): boolean {
    if (this.#labels[slot] !== labels) return false;
    const tokens = this.#tokens;
    const classes = this.#classes;
    let at = slot * SLOT_BYTES;
    if (tokens[at] !== end - start) return false;
    for (let i = start - 1; i < end; i++) {
      at += 1;
      if (tokens[at] !== classes[text.charCodeAt(i)]) return false;
    }
    return true;
  }

  /** Makes the slot hold the token; what was there is forgotten. */
  store(slot: number, labels: number, text: string, start: number, end: number): void {
    this.#labels[slot] = labels;
    let at = slot * SLOT_BYTES;
    this.#tokens[at] = end - start;
    for (let i = start - 1; i < end; i++) {
      at += 1;
      this.#tokens[at] = this.#classes[text.charCodeAt(i)] as number;
    }
  }
}
