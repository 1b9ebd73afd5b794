import { compile, OP_MATCH, OP_SET, OP_SPLIT, type Program } from '#core/pattern/compile.ts';
import type { CompiledRule } from './rule.ts';

/** Memory limits of the cache of states; at either one it is emptied and fills anew. */
const MAX_CACHED_STATES = 20_000;
const MAX_CACHED_CELLS = 4_000_000;

/** Flags of a table entry; the state's number stands above them, and an entry of 0 is not known yet. */
export const RELEASE = 1;
export const ACCEPT = 2;
export const STATE_SHIFT = 2;

const NEWLINE = 0x0a;

/**
 * All rules as one deterministic automaton, made while it is used and shared by every stream.
 *
 * A state is a set of threads, each `fresh` (still in a rule's context: nothing of it would be masked) or
 * `live` (it has read a part of a value). A transition tells two things. RELEASE: no live thread of before
 * survives this character, so that all before it is decided. ACCEPT: some rule's value may end with it. The
 * automaton accepts at least all that the rules' expressions do; those find the exact place afterwards.
 */
export class Gate {
  readonly classes: Uint16Array;
  readonly columns: number;
  readonly #program: Program;
  /** Indexed by program state; live threads are numbered behind the fresh ones. */
  readonly #mark: Uint32Array;
  readonly #stack: number[] = [];
  #generation = 0;
  #reached: number[] = [];
  #kernels: Int32Array[] = [];
  #accepts: (readonly number[])[] = [];
  #byHash = new Map<number, number[]>();
  #settled = new Map<number, number>();
  #cells = 0;
  #table = new Int32Array(0);
  #epoch = 0;
  #start = 0;
  #startEpoch = -1;

  constructor(rules: readonly CompiledRule[]) {
    this.#program = compile(
      rules.map((rule) => rule.watched),
      rules.map((rule) => rule.context),
    );
    if (this.#program.assertions.length > 0) throw new Error('a rule uses an assertion');
    this.classes = this.#program.alphabet.basic;
    this.columns = this.#program.alphabet.size;
    this.#mark = new Uint32Array(2 * this.#program.op.length);
  }

  /** `state * columns + classes[unit]` gives the entry; it changes whenever `step` is called. */
  get table(): Int32Array {
    return this.#table;
  }

  /** Grows when the cache was emptied: state numbers of before mean nothing then, kernels still do. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The state at the start of a text, which counts as the start of a line. */
  start(): number {
    if (this.#startEpoch !== this.#epoch) {
      this.#begin();
      for (const start of this.#program.starts) this.#follow(start);
      const blank = this.intern(this.#collect());
      this.#start = this.settle(this.step(blank, this.classes[NEWLINE] ?? 0) >> STATE_SHIFT);
      this.#startEpoch = this.#epoch;
    }
    return this.#start;
  }

  /** Whether no thread is live in the state. */
  idle(state: number): boolean {
    return (this.kernel(state).at(-1) ?? 0) < this.#program.op.length;
  }

  /** The same state without its live threads. */
  settle(state: number): number {
    const known = this.#settled.get(state);
    if (known !== undefined) return known;
    const epoch = this.#epoch;
    const settled = this.intern(this.kernel(state).filter((thread) => thread < this.#program.op.length));
    if (epoch === this.#epoch) this.#settled.set(state, settled);
    return settled;
  }

  /** The threads of a state: what it means whatever becomes of its number. */
  kernel(state: number): Int32Array {
    const kernel = this.#kernels[state];
    if (kernel === undefined) throw new Error('the automaton lost its place');
    return kernel;
  }

  /** Rules whose value may end where this state is entered. */
  accepted(state: number): readonly number[] {
    return this.#accepts[state] ?? [];
  }

  /** Works out the entry for a character class, and remembers it. */
  step(from: number, column: number): number {
    const { op, next, argument, sets, proper, starts } = this.#program;
    const size = op.length;
    const kernel = this.kernel(from);
    this.#begin();
    let survivors = false;
    for (const thread of kernel) {
      const live = thread >= size;
      const item = live ? thread - size : thread;
      if (op[item] !== OP_SET || sets[argument[item] ?? 0]?.[column] !== 1) continue;
      if (live) survivors = true;
      this.#follow((next[item] ?? 0) + (live || proper[item] === 1 ? size : 0));
    }
    for (const start of starts) this.#follow(start);
    const epoch = this.#epoch;
    const target = this.intern(this.#collect());
    const entry =
      (target << STATE_SHIFT) | (survivors ? 0 : RELEASE) | (this.accepted(target).length > 0 ? ACCEPT : 0);
    if (epoch === this.#epoch) this.#table[from * this.columns + column] = entry;
    return entry;
  }

  /** The number of a state, made when it is new; never 0. */
  intern(kernel: Int32Array): number {
    let hash = 17;
    for (const thread of kernel) hash = (Math.imul(hash, 31) + thread) | 0;
    for (const index of this.#byHash.get(hash) ?? []) if (equal(this.#kernels[index], kernel)) return index;
    this.#makeRoom(kernel.length);
    const index = this.#kernels.push(kernel) - 1;
    this.#accepts.push(this.#acceptedBy(kernel));
    const bucket = this.#byHash.get(hash);
    if (bucket === undefined) this.#byHash.set(hash, [index]);
    else bucket.push(index);
    return index;
  }

  #acceptedBy(kernel: Int32Array): readonly number[] {
    const { op, argument } = this.#program;
    const rules: number[] = [];
    for (const thread of kernel) {
      if (thread >= op.length && op[thread - op.length] === OP_MATCH)
        rules.push(argument[thread - op.length] ?? 0);
    }
    return rules;
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

  #collect(): Int32Array {
    return Int32Array.from(this.#reached).sort();
  }

  #makeRoom(kernelLength: number): void {
    this.#cells += this.columns + kernelLength;
    if (
      this.#kernels.length === 0 ||
      this.#kernels.length >= MAX_CACHED_STATES ||
      this.#cells > MAX_CACHED_CELLS
    ) {
      this.#kernels = [new Int32Array(0)];
      this.#accepts = [[]];
      this.#byHash = new Map();
      this.#settled = new Map();
      this.#cells = this.columns + kernelLength;
      this.#table.fill(0);
      this.#epoch += 1;
    }
    const needed = (this.#kernels.length + 1) * this.columns;
    if (this.#table.length < needed) {
      const grown = new Int32Array(Math.max(needed, this.#table.length * 2));
      grown.set(this.#table);
      this.#table = grown;
    }
  }
}

function equal(a: Int32Array | undefined, b: Int32Array): boolean {
  if (a?.length !== b.length) return false;
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
