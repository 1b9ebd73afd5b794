import {
  assertionsThatHold,
  BEFORE_NEWLINE,
  BEFORE_NOTHING,
  BEFORE_OTHER,
  BEFORE_WORD,
} from './assertion.ts';
import { OP_MATCH, OP_SET, type Program } from './compile.ts';
import { Reach } from './reach.ts';

/** Memory limits of the cache of states; at either one it is emptied and fills anew. The table has at most twice as many cells. */
const MAX_CACHED_STATES = 10_000;
const MAX_CACHED_CELLS = 2_000_000;
/** The state from which no match comes any more. No other has this number. */
const DEAD = 1;
/** In the place of a column: the second half of a surrogate pair. No alphabet has so many classes. */
export const NO_COLUMN = 0xffff;

interface State {
  /** Automaton states alive here, assertions still to be decided by the next character; ascending. */
  readonly kernel: Int32Array;
  readonly before: number;
  /** Patterns found at the place just before the last character. */
  readonly matches: readonly number[];
}

export interface LazyDfaOptions {
  /** Matches begin where the reading begins, and nowhere else. */
  readonly anchored?: boolean;
}

/**
 * A deterministic automaton made while it is used: a state is a set of the program's states, and a transition
 * is worked out the first time it is taken. Time is linear in the text whatever the pattern; memory is capped.
 * A match is seen one character late, when what follows it (or the end) is known.
 *
 * `begin`, `step` and `longest` read a text by hand: a state is only good until the next call of any.
 */
export class LazyDfa {
  readonly #program: Program;
  readonly #anchored: boolean;
  readonly #reach: Reach;
  readonly #classes: number;
  /** Rows of the table are as long as a power of two: a multiplication would stand between each state and the next. */
  readonly #shift: number;
  #states: State[] = [];
  #byHash = new Map<number, number[]>();
  #cells = 0;
  #table = new Int32Array(0);
  /** How often the cache was emptied; state numbers from before mean nothing after. */
  #flushes = 0;
  /** The states at the start, by what stands before; of the cache as it is. */
  #starts: (number | undefined)[] = [];
  #read = 0;

  constructor(program: Program, { anchored = false }: LazyDfaOptions = {}) {
    this.#program = program;
    this.#anchored = anchored;
    this.#reach = new Reach(program);
    this.#classes = program.alphabet.size + 1;
    this.#shift = Math.ceil(Math.log2(this.#classes));
  }

  /** How often the cache was emptied. */
  get flushes(): number {
    return this.#flushes;
  }

  /** The column of a text's end. Those of characters are the classes of the alphabet. */
  get endColumn(): number {
    return this.#classes - 1;
  }

  /** The state before the first character. @param before BEFORE_NOTHING, or what `beforeOf` says */
  begin(before: number): number {
    const known = this.#starts[before];
    if (known !== undefined) return known;
    this.#reach.begin();
    for (const start of this.#program.starts) this.#reach.follow(start, undefined);
    const state = this.#intern(this.#reach.collect(), this.#asks(before), []);
    this.#starts[before] = state;
    return state;
  }

  /** What stands before a place, by the class of the character there. */
  beforeOf(column: number): number {
    if (this.#program.word[column] === 1) return BEFORE_WORD;
    return this.#program.newline[column] === 1 ? BEFORE_NEWLINE : BEFORE_OTHER;
  }

  /** The state after a column, as a number below 0 when a match ends just before that column's character. */
  step(state: number, column: number): number {
    const known = this.#table[(state << this.#shift) + column] as number;
    return known === 0 ? this.#transition(state, column) : known;
  }

  /** How many of the program's states are alive. */
  alive(state: number): number {
    return (this.#states[state] as State).kernel.length;
  }

  /**
   * Where the longest match ends that the state, which stands before place `from`, leads to; -1 for none.
   * @param columns of a text; NO_COLUMN for what belongs to the character before
   * @param end where it ends at the latest
   * @param after the column of what stands behind that
   */
  longest(columns: Uint16Array, from: number, end: number, after: number, state: number): number {
    const shift = this.#shift;
    let table = this.#table;
    let matched = -1;
    let now = state;
    let at = from;
    for (; at < end && now !== DEAD; at++) {
      const column = columns[at] as number;
      if (column === NO_COLUMN) continue;
      let next = table[(now << shift) + column] as number;
      if (next === 0) {
        next = this.#transition(now, column);
        table = this.#table;
      }
      if (next < 0) {
        matched = at;
        next = -next;
      }
      now = next;
    }
    this.#read = at;
    return now !== DEAD && this.step(now, after) < 0 ? end : matched;
  }

  /** How far the last call of `longest` has read. */
  get read(): number {
    return this.#read;
  }

  /**
   * Calls `found` with each pattern that matches somewhere; a pattern may be reported often. Stops when it returns true.
   * Returns false when it gave up, because it had to work out more than `maxNew` transitions.
   */
  run(text: string, found: (pattern: number) => boolean, maxNew = Number.POSITIVE_INFINITY): boolean {
    let left = maxNew;
    const { basic, classOf } = this.#program.alphabet;
    const classes = this.#classes;
    let state = this.begin(BEFORE_NOTHING);
    for (let i = 0; i < text.length; i++) {
      state = this.#follow(text, i, state);
      i = this.#read;
      if (i === text.length) break;
      const unit = text.charCodeAt(i);
      let column = basic[unit] as number;
      const codePoint = text.codePointAt(i) as number;
      if (codePoint > 0xffff) {
        column = classOf(codePoint);
        i += 1;
      }
      let next = this.#table[(state << this.#shift) + column] as number;
      if (next === 0) {
        next = this.#transition(state, column);
        left -= 1;
        if (left < 0) return false;
      }
      state = Math.abs(next);
      if (next < 0 && this.#report(state, found)) return true;
    }
    this.#report(Math.abs(this.#transition(state, classes - 1)), found);
    return true;
  }

  /**
   * The state up to which a text's transitions are known and carry no match, and its characters are one unit each; `#read` says
   * where that is. A loop of its own: one with calls in it takes longer for each character.
   */
  #follow(text: string, from: number, state: number): number {
    const { basic } = this.#program.alphabet;
    const shift = this.#shift;
    const table = this.#table;
    let now = state;
    let at = from;
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if ((unit & 0xfc00) === 0xd800) break;
      const next = table[(now << shift) + (basic[unit] as number)] as number;
      if (next <= 0) break;
      now = next;
    }
    this.#read = at;
    return now;
  }

  #report(state: number, found: (pattern: number) => boolean): boolean {
    for (const pattern of this.#states[state]?.matches ?? []) if (found(pattern)) return true;
    return false;
  }

  /** The state after a class (the last column is the text's end); negative when it carries matches. */
  #transition(from: number, column: number): number {
    const program = this.#program;
    const state = this.#states[from];
    if (state === undefined) throw new Error('the automaton lost its place');
    const atEnd = column === this.#classes - 1;
    const after = this.#asks(atEnd ? BEFORE_NOTHING : this.beforeOf(column));
    const holds = program.assertions.length === 0 ? undefined : assertionsThatHold(state.before, after);

    this.#reach.begin();
    for (const item of state.kernel) this.#reach.follow(item, holds);
    const reached = this.#reach.collect();
    const matches: number[] = [];
    this.#reach.begin();
    for (const item of reached) {
      if (program.op[item] === OP_MATCH) matches.push(program.argument[item] ?? 0);
      else if (!atEnd && program.op[item] === OP_SET) {
        if (program.sets[program.argument[item] ?? 0]?.[column] === 1)
          this.#reach.follow(program.next[item] ?? 0, undefined);
      }
    }
    if (!atEnd && !this.#anchored) for (const start of program.starts) this.#reach.follow(start, undefined);
    const flushes = this.#flushes;
    const target = this.#intern(this.#reach.collect(), after, matches);
    const signed = matches.length > 0 ? -target : target;
    if (flushes === this.#flushes) this.#table[(from << this.#shift) + column] = signed;
    return signed;
  }

  /** Where nothing asks for it, states do not differ by what stands before. */
  #asks(before: number): number {
    return this.#program.assertions.length === 0 ? BEFORE_OTHER : before;
  }

  /** The number of a state, made when it is new; 0 is never one, so that it can mean "not known yet". */
  #intern(kernel: Int32Array, before: number, matches: readonly number[]): number {
    if (kernel.length === 0 && matches.length === 0 && this.#states.length > 0) return DEAD;
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
      const nothing: State = { kernel: new Int32Array(0), before: BEFORE_NOTHING, matches: [] };
      // Number 0 is no state's.
      this.#states = [nothing, nothing];
      this.#byHash = new Map();
      this.#starts = [];
      this.#cells = this.#classes + kernelLength;
      this.#table.fill(0);
      this.#flushes += 1;
    }
    const needed = (this.#states.length + 1) << this.#shift;
    if (this.#table.length < needed) {
      const grown = new Int32Array(Math.max(needed, Math.min(this.#table.length * 2, MAX_CACHED_CELLS * 2)));
      grown.set(this.#table);
      this.#table = grown;
    }
  }
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
