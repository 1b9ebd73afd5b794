import { OP_MATCH, OP_SET, OP_SPLIT, type Program } from '#core/pattern/compile.ts';
import { NO_RULES, type RuleSets } from './rule-sets.ts';

/** Memory limits of the cache of states; at either one it is emptied and fills anew. */
const MAX_CACHED_STATES = 32_000;
const MAX_CACHED_CELLS = 8_000_000;

/** In a table: not known yet. */
export const UNKNOWN = 0;
/** Entries from here on say that reading has ended: `0xffff - entry` is the set of rules that have matched. */
export const ENDED = 0x8000;
const LAST_ENTRY = 0xffff;

/** What a state is, whatever becomes of its row. */
export interface Kernel {
  /** States of the program, in no order; those that are a match wait for the character behind it. */
  readonly threads: Int32Array;
  /** A set of rules whose pattern was matched on the way here. */
  readonly accepted: number;
}

/** How an automaton reads its patterns. */
export interface Reading {
  readonly program: Program;
  /** The rule of each pattern of the program; -1 for patterns of another reading. */
  readonly ruleOf: Int32Array;
  /** One flag a rule: its match counts only where no letter or digit of ASCII follows. */
  readonly bounded: Uint8Array;
  /** One flag a class: it ends such a match. */
  readonly bounds: Uint8Array;
}

/**
 * A deterministic automaton that reads from one place until none of its patterns can go on, made while it is used and
 * shared by all texts. It tells which rules have matched on the way: at least all that do, since its patterns may be
 * wider than theirs.
 *
 * A state is a number; `(state << shift) + class` is the place of an entry in the table, which is the next state, UNKNOWN
 * or, from ENDED on, the end. The table has 16 bits an entry, since what it takes of the processor's caches is what
 * reading costs.
 */
export class Automaton {
  readonly #reading: Reading;
  readonly #ruleSets: RuleSets;
  readonly #columns: number;
  readonly shift: number;
  /** `set * columns + class`: whether the class is in the set. */
  readonly #members: Uint8Array;
  readonly #closures: (Int32Array | undefined)[] = [];
  /** Marks with the number of the step what it has reached. */
  readonly #mark: Uint32Array;
  #step = 0;
  /** What the last step reached: the first `#count` entries. */
  readonly #reached: Int32Array;
  #count = 0;
  #kernels: Kernel[] = [];
  /** By state, the rules that have matched when the text ends there. */
  #atEnd: (number | undefined)[] = [];
  /** The newest state of a hash, and for each state the one before it that has the same. */
  #byHash = new Map<number, number>();
  #sameHash: number[] = [];
  #cells = 0;
  #table = new Uint16Array(0);
  #epoch = 0;
  readonly #maxStates: number;

  /** @param maxStates how many states are kept before the cache is emptied; less than ENDED */
  constructor(reading: Reading, ruleSets: RuleSets, maxStates = MAX_CACHED_STATES) {
    const { program } = reading;
    this.#reading = reading;
    this.#ruleSets = ruleSets;
    this.#maxStates = maxStates;
    this.#columns = program.alphabet.size;
    this.shift = Math.ceil(Math.log2(this.#columns));
    this.#members = new Uint8Array(program.sets.length * this.#columns);
    program.sets.forEach((set, index) => {
      this.#members.set(set, index * this.#columns);
    });
    this.#mark = new Uint32Array(program.op.length);
    this.#reached = new Int32Array(program.op.length);
  }

  /** Another one whenever a state was made. */
  get table(): Uint16Array {
    return this.#table;
  }

  /** Grows when the cache was emptied: states of before mean nothing then, kernels still do. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The state before anything is read, for patterns that begin at these states of the program. */
  startAt(starts: readonly number[]): number {
    this.#begin();
    for (const start of starts) this.#follow(start);
    return this.#intern(this.#acceptUnbounded(NO_RULES));
  }

  kernel(state: number): Kernel {
    const kernel = this.#kernels[state];
    if (kernel === undefined) throw new Error('the automaton lost its place');
    return kernel;
  }

  /** The number of a state that had another one before the cache was emptied. */
  find({ threads, accepted }: Kernel): number {
    this.#begin();
    for (let i = 0; i < threads.length; i++) this.#reach(threads[i] as number);
    return this.#intern(accepted);
  }

  /** Works out the entry for a class, and remembers it. */
  step(state: number, column: number): number {
    const { threads, accepted } = this.kernel(state);
    const { op, next, argument } = this.#reading.program;
    this.#begin();
    for (let i = 0; i < threads.length; i++) {
      const item = threads[i] as number;
      if (op[item] !== OP_SET) continue;
      if (this.#members[(argument[item] as number) * this.#columns + column] === 1)
        this.#follow(next[item] as number);
    }
    const isBound = this.#reading.bounds[column] === 1;
    const confirmed = this.#acceptUnbounded(isBound ? this.#confirm(threads, accepted) : accepted);
    const epoch = this.#epoch;
    const entry = this.#count === 0 ? LAST_ENTRY - confirmed : this.#intern(confirmed);
    if (epoch === this.#epoch) this.#table[(state << this.shift) + column] = entry;
    return entry;
  }

  /** The rules that have matched when the text ends in the state. */
  acceptedAtEnd(state: number): number {
    const { threads, accepted } = this.kernel(state);
    let atEnd = this.#atEnd[state];
    if (atEnd === undefined) {
      atEnd = this.#confirm(threads, accepted);
      this.#atEnd[state] = atEnd;
    }
    return atEnd;
  }

  /** The rules that have matched, or may still, when reading is broken off in the state. */
  acceptedAtCap(state: number): number {
    const { op, next, argument } = this.#reading.program;
    let accepted = this.acceptedAtEnd(state);
    const stack = [...this.kernel(state).threads];
    const seen = new Set<number>();
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (seen.has(item)) continue;
      seen.add(item);
      if (op[item] === OP_MATCH) accepted = this.#add(accepted, argument[item] as number);
      else stack.push(next[item] as number);
      if (op[item] === OP_SPLIT) stack.push(argument[item] as number);
    }
    return accepted;
  }

  /** Adds the rules of matches that wait for a bound. */
  #confirm(threads: Int32Array, accepted: number): number {
    const { op, argument } = this.#reading.program;
    let confirmed = accepted;
    for (let i = 0; i < threads.length; i++) {
      const item = threads[i] as number;
      if (op[item] === OP_MATCH) confirmed = this.#add(confirmed, argument[item] as number);
    }
    return confirmed;
  }

  /** Adds the rules that need no bound and have just matched. */
  #acceptUnbounded(accepted: number): number {
    const { program, ruleOf, bounded } = this.#reading;
    let more = accepted;
    for (let i = 0; i < this.#count; i++) {
      const item = this.#reached[i] as number;
      if (program.op[item] !== OP_MATCH) continue;
      const pattern = program.argument[item] as number;
      if (bounded[ruleOf[pattern] as number] === 0) more = this.#add(more, pattern);
    }
    return more;
  }

  #add(accepted: number, pattern: number): number {
    return this.#ruleSets.add(accepted, this.#reading.ruleOf[pattern] as number);
  }

  #begin(): void {
    this.#step += 1;
    this.#count = 0;
  }

  #reach(item: number): void {
    if (this.#mark[item] === this.#step) return;
    this.#mark[item] = this.#step;
    this.#reached[this.#count++] = item;
  }

  #follow(item: number): void {
    const closure = this.#closures[item] ?? this.#close(item);
    for (let i = 0; i < closure.length; i++) this.#reach(closure[i] as number);
  }

  /** What a state of the program leads to without a character. */
  #close(from: number): Int32Array {
    const { op, next, argument } = this.#reading.program;
    const seen = new Set<number>();
    const leads: number[] = [];
    const stack = [from];
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (seen.has(item)) continue;
      seen.add(item);
      if (op[item] === OP_SPLIT) stack.push(argument[item] as number, next[item] as number);
      else leads.push(item);
    }
    const closure = Int32Array.from(leads);
    this.#closures[from] = closure;
    return closure;
  }

  /** The state that was reached, made when it is new; never 0. */
  #intern(accepted: number): number {
    // Addition does not mind the order.
    let hash = Math.imul(accepted + 1, 0x85ebca6b);
    for (let i = 0; i < this.#count; i++) hash = (hash + mix(this.#reached[i] as number)) | 0;
    for (let index = this.#byHash.get(hash) ?? 0; index !== 0; index = this.#sameHash[index] ?? 0) {
      const kernel = this.#kernels[index] as Kernel;
      if (kernel.accepted === accepted && this.#isReached(kernel.threads)) return index;
    }
    this.#makeRoom();
    const index = this.#kernels.push({ threads: this.#reached.slice(0, this.#count), accepted }) - 1;
    this.#sameHash[index] = this.#byHash.get(hash) ?? 0;
    this.#byHash.set(hash, index);
    return index;
  }

  #isReached(threads: Int32Array): boolean {
    if (threads.length !== this.#count) return false;
    for (let i = 0; i < threads.length; i++) {
      if (this.#mark[threads[i] as number] !== this.#step) return false;
    }
    return true;
  }

  #makeRoom(): void {
    const cells = (1 << this.shift) + this.#count;
    this.#cells += cells;
    if (
      this.#kernels.length === 0 ||
      this.#kernels.length >= this.#maxStates ||
      this.#cells > MAX_CACHED_CELLS
    ) {
      // There is no state 0: its number says that an entry is not known.
      this.#kernels = [{ threads: new Int32Array(0), accepted: NO_RULES }];
      this.#atEnd = [];
      this.#byHash = new Map();
      this.#sameHash = [];
      this.#cells = cells;
      this.#table.fill(0);
      this.#epoch += 1;
    }
    const needed = (this.#kernels.length + 1) << this.shift;
    if (this.#table.length < needed) {
      const grown = new Uint16Array(Math.max(needed, this.#table.length * 2));
      grown.set(this.#table);
      this.#table = grown;
    }
  }
}

/** Spreads the bits of a small number (Knuth's multiplicative hash). */
function mix(value: number): number {
  const spread = Math.imul(value + 1, 0x9e3779b1);
  return spread ^ (spread >>> 15);
}
