import { OP_ASSERT, OP_MATCH, OP_SET, OP_SPLIT, type Program } from './compile.ts';
import type { Assertion } from './node.ts';

/** Memory limits of the cache of states; at either one it is emptied and fills anew. */
const MAX_CACHED_STATES = 10_000;
const MAX_CACHED_CELLS = 2_000_000;

/** What stands before a place in the text, as far as an assertion can ask. */
const BEFORE_NOTHING = 0;
const BEFORE_NEWLINE = 1;
const BEFORE_WORD = 2;
const BEFORE_OTHER = 3;

interface State {
  /** Automaton states alive here, assertions still to be decided by the next character; ascending. */
  readonly kernel: Int32Array;
  readonly before: number;
  /** Patterns found at the place just before the last character. */
  readonly matches: readonly number[];
}

/**
 * A deterministic automaton made while it is used: a state is a set of the program's states, and a transition
 * is worked out the first time it is taken. Time is linear in the text whatever the pattern; memory is capped.
 * A match is seen one character late, when what follows it (or the end) is known.
 */
export class LazyDfa {
  readonly #program: Program;
  readonly #classes: number;
  readonly #mark: Uint32Array;
  readonly #stack: number[] = [];
  #reached: number[] = [];
  #generation = 0;
  #states: State[] = [];
  #byHash = new Map<number, number[]>();
  #cells = 0;
  #table = new Int32Array(0);
  /** How often the cache was emptied; state numbers from before mean nothing after. */
  #flushes = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#classes = program.alphabet.size + 1;
    this.#mark = new Uint32Array(program.op.length);
  }

  /** Calls `found` with each pattern that matches somewhere; a pattern may be reported often. Stops when it returns true. */
  run(text: string, found: (pattern: number) => boolean): void {
    const { basic } = this.#program.alphabet;
    const classes = this.#classes;
    let table = this.#table;
    let state = this.#start();
    table = this.#table;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      let column = basic[unit] ?? 0;
      if (unit >= 0xd800 && unit <= 0xdbff) {
        const codePoint = text.codePointAt(i) ?? unit;
        if (codePoint > 0xffff) {
          column = this.#program.alphabet.classOf(codePoint);
          i += 1;
        }
      }
      let next = table[state * classes + column] ?? 0;
      if (next === 0) {
        next = this.#transition(state, column);
        table = this.#table;
      }
      if (next < 0) {
        next = -next;
        if (this.#report(next, found)) return;
      }
      state = next;
    }
    this.#report(Math.abs(this.#transition(state, classes - 1)), found);
  }

  #report(state: number, found: (pattern: number) => boolean): boolean {
    for (const pattern of this.#states[state]?.matches ?? []) if (found(pattern)) return true;
    return false;
  }

  #start(): number {
    this.#begin();
    for (const start of this.#program.starts) this.#follow(start, undefined);
    return this.#intern(this.#collect(), BEFORE_NOTHING, []);
  }

  /** The state after a class (the last column is the text's end); negative when it carries matches. */
  #transition(from: number, column: number): number {
    const program = this.#program;
    const state = this.#states[from];
    if (state === undefined) throw new Error('the automaton lost its place');
    const atEnd = column === this.#classes - 1;
    const after = atEnd ? BEFORE_NOTHING : this.#kindOf(column);
    const holds = program.assertions.length === 0 ? undefined : assertionsThatHold(state.before, after);

    this.#begin();
    for (const item of state.kernel) this.#follow(item, holds);
    const reached = this.#collect();
    const matches: number[] = [];
    this.#begin();
    for (const item of reached) {
      if (program.op[item] === OP_MATCH) matches.push(program.argument[item] ?? 0);
      else if (!atEnd && program.op[item] === OP_SET) {
        if (program.sets[program.argument[item] ?? 0]?.[column] === 1)
          this.#follow(program.next[item] ?? 0, undefined);
      }
    }
    if (!atEnd) for (const start of program.starts) this.#follow(start, undefined);
    const flushes = this.#flushes;
    const target = this.#intern(this.#collect(), after, matches);
    const signed = matches.length > 0 ? -target : target;
    if (flushes === this.#flushes) this.#table[from * this.#classes + column] = signed;
    return signed;
  }

  #kindOf(column: number): number {
    if (this.#program.word[column] === 1) return BEFORE_WORD;
    return this.#program.newline[column] === 1 ? BEFORE_NEWLINE : BEFORE_OTHER;
  }

  #begin(): void {
    this.#generation += 1;
    this.#reached = [];
  }

  /** Marks a state and all that it leads to without a character; `holds` undefined leaves assertions undecided. */
  #follow(from: number, holds: ReadonlySet<Assertion> | undefined): void {
    const { op, next, argument, assertions } = this.#program;
    const stack = this.#stack;
    stack.push(from);
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (this.#mark[item] === this.#generation) continue;
      this.#mark[item] = this.#generation;
      if (op[item] === OP_SPLIT) {
        stack.push(argument[item] ?? 0, next[item] ?? 0);
      } else if (op[item] === OP_ASSERT && holds !== undefined) {
        const assertion = assertions[argument[item] ?? 0];
        if (assertion !== undefined && holds.has(assertion)) stack.push(next[item] ?? 0);
      } else {
        this.#reached.push(item);
      }
    }
  }

  #collect(): Int32Array {
    return Int32Array.from(this.#reached).sort();
  }

  /** The number of a state, made when it is new; 0 is never one, so that it can mean "not known yet". */
  #intern(kernel: Int32Array, before: number, matches: readonly number[]): number {
    let hash = 17 + before;
    for (const item of kernel) hash = (Math.imul(hash, 31) + item) | 0;
    for (const pattern of matches) hash = (Math.imul(hash, 37) + pattern) | 0;
    for (const index of this.#byHash.get(hash) ?? []) {
      const state = this.#states[index];
      if (
        state !== undefined &&
        state.before === before &&
        equal(state.kernel, kernel) &&
        equal(state.matches, matches)
      ) {
        return index;
      }
    }
    this.#makeRoom(kernel.length);
    const index = this.#states.push({ kernel, before, matches }) - 1;
    const bucket = this.#byHash.get(hash);
    if (bucket === undefined) this.#byHash.set(hash, [index]);
    else bucket.push(index);
    return index;
  }

  #makeRoom(kernelLength: number): void {
    this.#cells += this.#classes + kernelLength;
    if (
      this.#states.length === 0 ||
      this.#states.length >= MAX_CACHED_STATES ||
      this.#cells > MAX_CACHED_CELLS
    ) {
      this.#states = [{ kernel: new Int32Array(0), before: BEFORE_NOTHING, matches: [] }];
      this.#byHash = new Map();
      this.#cells = this.#classes + kernelLength;
      this.#table.fill(0);
      this.#flushes += 1;
    }
    const needed = (this.#states.length + 1) * this.#classes;
    if (this.#table.length < needed) {
      const grown = new Int32Array(Math.max(needed, Math.min(this.#table.length * 2, MAX_CACHED_CELLS)));
      grown.set(this.#table);
      this.#table = grown;
    }
  }
}

const HOLDING: readonly ReadonlySet<Assertion>[] = buildHolding();

function assertionsThatHold(before: number, after: number): ReadonlySet<Assertion> | undefined {
  return HOLDING[before * 4 + after];
}

function buildHolding(): ReadonlySet<Assertion>[] {
  const table: ReadonlySet<Assertion>[] = [];
  for (let before = 0; before < 4; before++) {
    for (let after = 0; after < 4; after++) {
      const holds = new Set<Assertion>();
      if (before === BEFORE_NOTHING) holds.add('text-start');
      if (after === BEFORE_NOTHING) holds.add('text-end');
      if (before === BEFORE_NOTHING || before === BEFORE_NEWLINE) holds.add('line-start');
      if (after === BEFORE_NOTHING || after === BEFORE_NEWLINE) holds.add('line-end');
      holds.add((before === BEFORE_WORD) === (after === BEFORE_WORD) ? 'not-word' : 'word');
      table.push(holds);
    }
  }
  return table;
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
