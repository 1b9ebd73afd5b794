import { NOWHERE, Threads, type Watched } from './threads.ts';

/** Memory limits of the cache of states; at either one it is emptied and fills anew. */
const MAX_CACHED_STATES = 30_000;
const MAX_CACHED_CELLS = 4_000_000;

/** Flags of a table entry; the row of the next state stands above them, and an entry of 0 is not known yet. */
export const RELEASE = 1;
export const ACCEPT = 2;
export const ROW_SHIFT = 2;

const NEWLINE = 0x0a;
const BITS = 32;
const NONE = new Int32Array(0);

/** What a state is, whatever becomes of its row: the class last read, or one like it, and the threads from before. */
export interface Kernel {
  readonly before: number;
  readonly threads: Int32Array;
  readonly live: boolean;
  /** One bit for each rule whose value may end where this state is entered. */
  readonly accepted: Int32Array;
}

/**
 * Rules as one deterministic automaton, made while it is used and shared by every stream: a state is a set of
 * threads. A transition tells two things. RELEASE: no live thread of before survives this character, so that all
 * before it is decided. ACCEPT: some rule's value may end with it. The automaton accepts at least all that the
 * rules' expressions do; those find the exact place afterwards.
 *
 * A state is named by its row: where its entries begin in the table.
 */
export class Gate {
  readonly classes: Uint16Array;
  /** How many 32-bit words hold one bit a rule. */
  readonly words: number;
  readonly #threads: Threads;
  /** No rule at all: what most states accept. */
  readonly none: Int32Array;
  /** The length of a row is a power of two, so that finding its state is a shift. */
  readonly #rowBits: number;
  /** Equal sets of rules are one object. */
  readonly #ruleSets = new Map<string, Int32Array>();
  #kernels: Kernel[] = [];
  /** The newest state of a hash, and for each state the one before it that has the same. */
  #byHash = new Map<number, number>();
  #sameHash: number[] = [];
  #settled = new Map<number, number>();
  /** By the class before and the one read: the entry of every state of which no thread can read it. */
  readonly #usual: Int32Array;
  #cells = 0;
  #table = new Int32Array(0);
  #epoch = 0;
  #start = 0;
  #startEpoch = -1;

  readonly #maxStates: number;

  /** @param maxStates how many states are kept before the cache is emptied */
  constructor(rules: readonly Watched[], maxStates = MAX_CACHED_STATES) {
    this.#maxStates = maxStates;
    this.#threads = new Threads(rules);
    this.classes = this.#threads.classes;
    this.words = Math.ceil(rules.length / BITS);
    this.none = new Int32Array(this.words);
    this.#rowBits = Math.ceil(Math.log2(this.#threads.columns));
    this.#usual = new Int32Array((this.#threads.columns + 1) * this.#threads.columns);
  }

  /** `row + classes[unit]` is the place of an entry; the table is another one whenever `step` was called. */
  get table(): Int32Array {
    return this.#table;
  }

  /** Grows when the cache was emptied: rows of before mean nothing then, kernels still do. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The state at the start of a text, which counts as the start of a line. */
  start(): number {
    if (this.#startEpoch !== this.#epoch) {
      this.#threads.set(NONE);
      const blank = this.#intern(NOWHERE);
      this.#start = this.settle(this.step(blank, this.classes[NEWLINE] ?? 0) >> ROW_SHIFT);
      this.#startEpoch = this.#epoch;
    }
    return this.#start;
  }

  /** Whether no thread is live in the state. */
  idle(row: number): boolean {
    return !this.kernel(row).live;
  }

  /** The same state without its live threads. */
  settle(row: number): number {
    const known = this.#settled.get(row);
    if (known !== undefined) return known;
    const epoch = this.#epoch;
    const { before, threads } = this.kernel(row);
    this.#threads.set(threads.filter((thread) => thread < this.#threads.size));
    const settled = this.#intern(before);
    if (epoch === this.#epoch) this.#settled.set(row, settled);
    return settled;
  }

  kernel(row: number): Kernel {
    const kernel = this.#kernels[row >> this.#rowBits];
    if (kernel === undefined) throw new Error('the automaton lost its place');
    return kernel;
  }

  /** The row of a state that was one before the cache was emptied. */
  find({ before, threads }: Kernel): number {
    this.#threads.set(threads);
    return this.#intern(before);
  }

  /** Works out the entry for a character class, and remembers it. */
  step(from: number, column: number): number {
    const { before, threads } = this.kernel(from);
    const usual = (before + 1) * this.#threads.columns + column;
    const alone = !this.#threads.canRead(threads, column);
    let entry = alone ? (this.#usual[usual] as number) : 0;
    const epoch = this.#epoch;
    if (entry === 0) {
      const survivors = this.#threads.advance(before, threads, column);
      const target = this.#intern(this.#threads.standFor(column));
      const accepts = this.kernel(target).accepted !== this.none;
      entry = (target << ROW_SHIFT) | (survivors ? 0 : RELEASE) | (accepts ? ACCEPT : 0);
      if (alone) this.#usual[usual] = entry;
    }
    if (epoch === this.#epoch) this.#table[from + column] = entry;
    return entry;
  }

  /** The row of the state that the last step has reached, made when it is new; never 0. */
  #intern(before: number): number {
    const threads = this.#threads;
    // Addition does not mind the order.
    let hash = before;
    for (let i = 0; i < threads.count; i++) hash = (hash + mix(threads.reached[i] as number)) | 0;
    for (let index = this.#byHash.get(hash) ?? 0; index !== 0; index = this.#sameHash[index] ?? 0) {
      const kernel = this.#kernels[index] as Kernel;
      if (kernel.before === before && threads.is(kernel.threads)) return index << this.#rowBits;
    }
    this.#makeRoom(threads.count);
    const index = this.#kernels.push(this.#kernelOf(before)) - 1;
    this.#sameHash[index] = this.#byHash.get(hash) ?? 0;
    this.#byHash.set(hash, index);
    return index << this.#rowBits;
  }

  #kernelOf(before: number): Kernel {
    const threads = this.#threads.reached.slice(0, this.#threads.count);
    let accepted = this.none;
    let live = false;
    for (const thread of threads) {
      if (thread >= this.#threads.size) live = true;
      const rule = this.#threads.matchOf(thread);
      if (rule < 0) continue;
      if (accepted === this.none) accepted = new Int32Array(this.words);
      setBit(accepted, rule);
    }
    const key = accepted.join();
    const same = this.#ruleSets.get(key) ?? accepted;
    this.#ruleSets.set(key, same);
    return { before, threads, live, accepted: same };
  }

  #makeRoom(threads: number): void {
    const length = 1 << this.#rowBits;
    this.#cells += length + threads;
    if (
      this.#kernels.length === 0 ||
      this.#kernels.length >= this.#maxStates ||
      this.#cells > MAX_CACHED_CELLS
    ) {
      this.#kernels = [{ before: NOWHERE, threads: NONE, live: false, accepted: this.none }];
      this.#byHash = new Map();
      this.#sameHash = [];
      this.#settled = new Map();
      this.#usual.fill(0);
      this.#cells = length + threads;
      this.#table.fill(0);
      this.#epoch += 1;
    }
    const needed = (this.#kernels.length + 1) << this.#rowBits;
    if (this.#table.length < needed) {
      const grown = new Int32Array(Math.max(needed, this.#table.length * 2));
      grown.set(this.#table);
      this.#table = grown;
    }
  }
}

/** Sets bit number `index` of a row of 32-bit words. */
export function setBit(words: Int32Array, index: number): void {
  words[index >> 5] = (words[index >> 5] ?? 0) | (1 << (index & 31));
}

/** Spreads the bits of a small number (Knuth's multiplicative hash). */
function mix(value: number): number {
  const spread = Math.imul(value + 1, 0x9e3779b1);
  return spread ^ (spread >>> 15);
}
