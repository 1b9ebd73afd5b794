import type { Span, Threads } from './threads.ts';

/** The most that there may be, and one more than the highest number of a state. */
const MAX_STATES = 0x8000;
const BUCKETS = 0x4000;
/** In place of a set of rules. */
const NO_STATE = -1;

/**
 * What the states of an automaton are, by number: threads in no order, all in one array, and a set of rules. States are
 * made by the ten thousand, and an array for each would cost more than all the rest of making it. There is no state 0.
 */
export class States {
  #items = new Int32Array(0x1000);
  #end = 0;
  readonly #from = new Int32Array(MAX_STATES);
  readonly #to = new Int32Array(MAX_STATES);
  readonly #accepted = new Int32Array(MAX_STATES).fill(NO_STATE);
  /** By hash the newest state, and for each state the one before it that has the same. */
  readonly #newest = new Uint16Array(BUCKETS);
  readonly #before = new Uint16Array(MAX_STATES);
  readonly #hashes = new Int32Array(MAX_STATES);

  clear(): void {
    this.#end = 0;
    this.#accepted.fill(NO_STATE);
    this.#newest.fill(0);
  }

  has(state: number): boolean {
    return this.#accepted[state] !== NO_STATE;
  }

  threads(state: number): Span {
    return { items: this.#items, from: this.#from[state] as number, to: this.#to[state] as number };
  }

  /** A set of rules whose pattern was matched on the way here. */
  accepted(state: number): number {
    return this.#accepted[state] as number;
  }

  /** The state of these threads; 0 when there is none yet. */
  find(threads: Threads, accepted: number): number {
    const hash = hashOf(threads, accepted);
    let state = this.#newest[hash & (BUCKETS - 1)] as number;
    while (state !== 0) {
      const isSame = this.#hashes[state] === hash && this.#accepted[state] === accepted;
      if (isSame && threads.is(this.threads(state))) return state;
      state = this.#before[state] as number;
    }
    return 0;
  }

  /** Gives a number to the state of these threads. */
  add(state: number, threads: Threads, accepted: number): void {
    const { reached, count } = threads;
    if (this.#end + count > this.#items.length) {
      const grown = new Int32Array(Math.max(this.#end + count, 2 * this.#items.length));
      grown.set(this.#items);
      this.#items = grown;
    }
    const items = this.#items;
    const from = this.#end;
    for (let i = 0; i < count; i++) items[from + i] = reached[i] as number;
    this.#end += count;
    this.#from[state] = from;
    this.#to[state] = from + count;
    this.#accepted[state] = accepted;
    const hash = hashOf(threads, accepted);
    this.#hashes[state] = hash;
    this.#before[state] = this.#newest[hash & (BUCKETS - 1)] as number;
    this.#newest[hash & (BUCKETS - 1)] = state;
  }
}

/** Addition does not mind the order. */
function hashOf({ reached, count }: Threads, accepted: number): number {
  let hash = Math.imul(accepted + 1, 0x85ebca6b);
  for (let i = 0; i < count; i++) hash = (hash + mix(reached[i] as number)) | 0;
  return hash ^ (hash >>> 15);
}

/** Spreads the bits of a small number (Knuth's multiplicative hash). */
function mix(value: number): number {
  const spread = Math.imul(value + 1, 0x9e3779b1);
  return spread ^ (spread >>> 15);
}
