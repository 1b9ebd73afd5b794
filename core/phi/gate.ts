import { compile, OP_MATCH, OP_SET, OP_SPLIT, type Program } from '#core/pattern/compile.ts';
import type { PatternNode } from '#core/pattern/node.ts';

/** Memory limits of the cache of states; at either one it is emptied and fills anew. */
const MAX_CACHED_STATES = 20_000;
const MAX_CACHED_CELLS = 4_000_000;

/** Flags of a table entry; the row of the next state stands above them, and an entry of 0 is not known yet. */
export const RELEASE = 1;
export const ACCEPT = 2;
export const ROW_SHIFT = 2;

const NEWLINE = 0x0a;
const BITS = 32;

/** What the gate watches for: a context that is neither masked nor held back, then a value. */
export interface Watched {
  readonly context: PatternNode;
  readonly watched: PatternNode;
}

/**
 * Rules as one deterministic automaton, made while it is used and shared by every stream.
 *
 * A state is a set of threads, each `fresh` (still in a rule's context: nothing of it would be masked) or
 * `live` (it has read a part of a value). A transition tells two things. RELEASE: no live thread of before
 * survives this character, so that all before it is decided. ACCEPT: some rule's value may end with it. The
 * automaton accepts at least all that the rules' expressions do; those find the exact place afterwards.
 *
 * A state is named by its row: where its entries begin in the table.
 */
export class Gate {
  readonly classes: Uint16Array;
  /** How many 32-bit words hold one bit a rule. */
  readonly words: number;
  readonly #columns: number;
  readonly #program: Program;
  /** Indexed by program state; live threads are numbered behind the fresh ones. */
  readonly #mark: Uint32Array;
  readonly #stack: number[] = [];
  #generation = 0;
  #reached: number[] = [];
  #kernels: Int32Array[] = [];
  #accepts: Int32Array[] = [];
  #byHash = new Map<number, number[]>();
  #settled = new Map<number, number>();
  #cells = 0;
  #table = new Int32Array(0);
  #epoch = 0;
  #start = 0;
  #startEpoch = -1;
  /** The threads that begin anew at every character; no kernel holds them. */
  readonly #fresh: Int32Array;
  readonly #isFresh: Uint8Array;
  /** For each class, where the threads that begin anew go with it. */
  readonly #freshSteps: (Int32Array | undefined)[] = [];

  constructor(rules: readonly Watched[]) {
    this.#program = compile(
      rules.map((rule) => rule.watched),
      rules.map((rule) => rule.context),
    );
    if (this.#program.assertions.length > 0) throw new Error('a rule uses an assertion');
    this.classes = this.#program.alphabet.basic;
    this.words = Math.ceil(rules.length / BITS);
    this.#columns = this.#program.alphabet.size;
    this.#mark = new Uint32Array(2 * this.#program.op.length);
    this.#begin();
    for (const start of this.#program.starts) this.#follow(start);
    this.#fresh = Int32Array.from(this.#reached);
    this.#isFresh = new Uint8Array(this.#mark.length);
    for (const thread of this.#fresh) this.#isFresh[thread] = 1;
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
      const blank = this.intern(new Int32Array(0));
      this.#start = this.settle(this.step(blank, this.classes[NEWLINE] ?? 0) >> ROW_SHIFT);
      this.#startEpoch = this.#epoch;
    }
    return this.#start;
  }

  /** Whether no thread is live in the state. */
  idle(row: number): boolean {
    return (this.kernel(row).at(-1) ?? 0) < this.#program.op.length;
  }

  /** The same state without its live threads. */
  settle(row: number): number {
    const known = this.#settled.get(row);
    if (known !== undefined) return known;
    const epoch = this.#epoch;
    const settled = this.intern(this.kernel(row).filter((thread) => thread < this.#program.op.length));
    if (epoch === this.#epoch) this.#settled.set(row, settled);
    return settled;
  }

  /** The threads of a state: what it means whatever becomes of its row. */
  kernel(row: number): Int32Array {
    const kernel = this.#kernels[row / this.#columns];
    if (kernel === undefined) throw new Error('the automaton lost its place');
    return kernel;
  }

  /** One bit for each rule whose value may end where this state is entered. */
  accepted(row: number): Int32Array {
    const accepted = this.#accepts[row / this.#columns];
    if (accepted === undefined) throw new Error('the automaton lost its place');
    return accepted;
  }

  /** Works out the entry for a character class, and remembers it. */
  step(from: number, column: number): number {
    const kernel = this.kernel(from);
    let fresh = this.#freshSteps[column];
    if (fresh === undefined) {
      this.#begin();
      this.#advance(this.#fresh, column);
      fresh = Int32Array.from(this.#reached);
      this.#freshSteps[column] = fresh;
    }
    this.#begin();
    const survivors = this.#advance(kernel, column);
    for (const thread of fresh) this.#reach(thread);
    const epoch = this.#epoch;
    const target = this.intern(this.#collect());
    const accepts = this.accepted(target).some((word) => word !== 0);
    const entry = (target << ROW_SHIFT) | (survivors ? 0 : RELEASE) | (accepts ? ACCEPT : 0);
    if (epoch === this.#epoch) this.#table[from + column] = entry;
    return entry;
  }

  /** The row of a state, made when it is new; never 0. */
  intern(kernel: Int32Array): number {
    let hash = 17;
    for (const thread of kernel) hash = (Math.imul(hash, 31) + thread) | 0;
    for (const index of this.#byHash.get(hash) ?? []) {
      if (equal(this.#kernels[index], kernel)) return index * this.#columns;
    }
    this.#makeRoom(kernel.length);
    const index = this.#kernels.push(kernel) - 1;
    this.#accepts.push(this.#acceptedBy(kernel));
    const bucket = this.#byHash.get(hash);
    if (bucket === undefined) this.#byHash.set(hash, [index]);
    else bucket.push(index);
    return index * this.#columns;
  }

  #acceptedBy(kernel: Int32Array): Int32Array {
    const { op, argument } = this.#program;
    const accepted = new Int32Array(this.words);
    for (const thread of kernel) {
      if (thread >= op.length && op[thread - op.length] === OP_MATCH)
        setBit(accepted, argument[thread - op.length] ?? 0);
    }
    return accepted;
  }

  /** Follows each thread that can read the class; returns whether a live one was among them. */
  #advance(threads: Int32Array, column: number): boolean {
    const { op, next, argument, sets, proper } = this.#program;
    const size = op.length;
    let survivors = false;
    for (const thread of threads) {
      const live = thread >= size;
      const item = live ? thread - size : thread;
      if (op[item] !== OP_SET || sets[argument[item] ?? 0]?.[column] !== 1) continue;
      if (live) survivors = true;
      this.#follow((next[item] ?? 0) + (live || proper[item] === 1 ? size : 0));
    }
    return survivors;
  }

  #begin(): void {
    this.#generation += 1;
    this.#reached = [];
  }

  /** Marks a thread and all that it leads to without a character. */
  #follow(from: number): void {
    const { op, next, argument } = this.#program;
    const offset = from >= op.length ? op.length : 0;
    const stack = this.#stack;
    stack.push(from - offset);
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (this.#mark[item + offset] === this.#generation) continue;
      this.#mark[item + offset] = this.#generation;
      if (op[item] === OP_SPLIT) stack.push(argument[item] ?? 0, next[item] ?? 0);
      else this.#reached.push(item + offset);
    }
  }

  /** Marks a thread that leads nowhere without a character. */
  #reach(thread: number): void {
    if (this.#mark[thread] === this.#generation) return;
    this.#mark[thread] = this.#generation;
    this.#reached.push(thread);
  }

  #collect(): Int32Array {
    const kernel = Int32Array.from(this.#reached);
    return kernel.filter((thread) => this.#isFresh[thread] !== 1).sort();
  }

  #makeRoom(kernelLength: number): void {
    this.#cells += this.#columns + kernelLength;
    if (
      this.#kernels.length === 0 ||
      this.#kernels.length >= MAX_CACHED_STATES ||
      this.#cells > MAX_CACHED_CELLS
    ) {
      this.#kernels = [new Int32Array(0)];
      this.#accepts = [new Int32Array(this.words)];
      this.#byHash = new Map();
      this.#settled = new Map();
      this.#cells = this.#columns + kernelLength;
      this.#table.fill(0);
      this.#epoch += 1;
    }
    const needed = (this.#kernels.length + 1) * this.#columns;
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

function equal(a: Int32Array | undefined, b: Int32Array): boolean {
  if (a?.length !== b.length) return false;
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
