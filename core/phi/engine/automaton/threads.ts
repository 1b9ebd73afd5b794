import { OP_MATCH, OP_SET, OP_SPLIT } from '#core/pattern/compile.ts';
import type { RuleSets } from './rule-sets.ts';

/** Patterns side by side as an automaton reads them: a Program over the classes of UTF-16 units, without assertions. */
export interface Steps {
  readonly op: Uint8Array;
  readonly next: Int32Array;
  readonly argument: Int32Array;
  /** Flags by class. */
  readonly sets: readonly Uint8Array[];
  /** Each pattern's first state. */
  readonly starts: Int32Array;
  /** How many classes there are. */
  readonly size: number;
  /** The class of each UTF-16 unit. */
  readonly classes: Uint16Array;
}

/** How an automaton reads its patterns. */
export interface Reading {
  readonly steps: Steps;
  readonly tables: Tables;
  /** The rule of each pattern. */
  readonly ruleOf: Int32Array;
  /** One flag a rule: its match counts only where no letter or digit of ASCII follows. */
  readonly bounded: Uint8Array;
  /** One flag a class: it ends such a match. */
  readonly bounds: Uint8Array;
}

/** What stepping goes by, of a program. */
export interface Tables {
  /** How many classes there are. */
  readonly columns: number;
  /** How many sets there are, with an empty one at the end. */
  readonly sets: number;
  /** `class * sets + set`: whether the class is in the set. */
  readonly members: Uint8Array;
  /** Of each set its classes. */
  readonly classes: readonly Uint8Array[];
  /** Of each state of the program its set, the empty one for none. */
  readonly setOf: Int32Array;
}

export function createTables({ size: columns, op, argument, sets: given }: Steps): Tables {
  const sets = given.length + 1;
  const members = new Uint8Array(sets * columns);
  const own = new Uint8Array(columns);
  const classes = given.map((set, index) => {
    let count = 0;
    for (let column = 0; column < columns; column++) {
      if (set[column] !== 1) continue;
      members[column * sets + index] = 1;
      own[count++] = column;
    }
    return own.slice(0, count);
  });
  const setOf = new Int32Array(op.length).fill(given.length);
  for (let item = 0; item < op.length; item++) {
    if (op[item] === OP_SET) setOf[item] = argument[item] as number;
  }
  return { columns, sets, members, classes, setOf };
}

/** Threads among others: from one index up to another. */
export interface Span {
  readonly items: Int32Array;
  readonly from: number;
  readonly to: number;
}

/** A mark can tell so many steps apart; then they begin anew. */
const MAX_STEP = 0xffff;

/** The threads of a nondeterministic automaton, a step at a time. A thread is a state of the program. */
export class Threads {
  /** What the last step reached: the first `count`, in no order. */
  readonly reached: Int32Array;
  count = 0;
  readonly #reading: Reading;
  readonly #ruleSets: RuleSets;
  readonly #hasUnbounded: boolean;
  readonly #closures: (Int32Array | undefined)[] = [];
  /** Marks with the number of the step what it has reached. */
  readonly #mark: Uint16Array;
  #step = 0;

  constructor(reading: Reading, ruleSets: RuleSets) {
    const { op } = reading.steps;
    this.#reading = reading;
    this.#ruleSets = ruleSets;
    this.#hasUnbounded = reading.bounded.includes(0);
    this.#mark = new Uint16Array(op.length);
    this.reached = new Int32Array(op.length);
  }

  /** Reaches these states of the program, and what they lead to without a character. */
  start(starts: readonly number[]): void {
    this.#begin();
    for (const start of starts) this.#follow(start);
  }

  /** Reaches exactly these threads. */
  set(threads: Int32Array): void {
    this.#begin();
    for (let i = 0; i < threads.length; i++) this.#reach(threads[i] as number);
  }

  /** Reads a character of the class from each of the threads. */
  read({ items, from, to }: Span, column: number): void {
    const { next } = this.#reading.steps;
    const { members, sets, setOf } = this.#reading.tables;
    const row = column * sets;
    this.#begin();
    for (let i = from; i < to; i++) {
      const item = items[i] as number;
      if (members[row + (setOf[item] as number)] === 1) this.#follow(next[item] as number);
    }
  }

  /** Whether the last step reached exactly these threads. */
  is({ items, from, to }: Span): boolean {
    if (to - from !== this.count) return false;
    for (let i = from; i < to; i++) if (this.#mark[items[i] as number] !== this.#step) return false;
    return true;
  }

  /** The classes that any of the threads can read, when there are at most so many. */
  readable({ items, from, to }: Span, most: number): readonly number[] | undefined {
    const { op, argument } = this.#reading.steps;
    const { classes } = this.#reading.tables;
    const columns: number[] = [];
    for (let i = from; i < to; i++) {
      const item = items[i] as number;
      if (op[item] !== OP_SET) continue;
      const own = classes[argument[item] as number] as Uint8Array;
      if (own.length > most) return undefined;
      for (const column of own) {
        if (columns.includes(column)) continue;
        if (columns.length === most) return undefined;
        columns.push(column);
      }
    }
    return columns;
  }

  /** Adds to a set the rules of matches that wait for what follows. */
  confirm({ items, from, to }: Span, accepted: number): number {
    const { op, argument } = this.#reading.steps;
    let confirmed = accepted;
    for (let i = from; i < to; i++) {
      const item = items[i] as number;
      if (op[item] === OP_MATCH) confirmed = this.#add(confirmed, argument[item] as number);
    }
    return confirmed;
  }

  /** Adds to a set the rules that need no bound and have just matched. */
  acceptUnbounded(accepted: number): number {
    if (!this.#hasUnbounded) return accepted;
    const { steps, ruleOf, bounded } = this.#reading;
    let more = accepted;
    for (let i = 0; i < this.count; i++) {
      const item = this.reached[i] as number;
      if (steps.op[item] !== OP_MATCH) continue;
      const pattern = steps.argument[item] as number;
      if (bounded[ruleOf[pattern] as number] === 0) more = this.#add(more, pattern);
    }
    return more;
  }

  /** Adds to a set all the rules that the threads may still match. */
  acceptAll({ items, from, to }: Span, accepted: number): number {
    const { op, next, argument } = this.#reading.steps;
    let more = accepted;
    const stack = [...items.subarray(from, to)];
    const seen = new Set<number>();
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (seen.has(item)) continue;
      seen.add(item);
      if (op[item] === OP_MATCH) more = this.#add(more, argument[item] as number);
      else stack.push(next[item] as number);
      if (op[item] === OP_SPLIT) stack.push(argument[item] as number);
    }
    return more;
  }

  #add(accepted: number, pattern: number): number {
    return this.#ruleSets.add(accepted, this.#reading.ruleOf[pattern] as number);
  }

  #begin(): void {
    this.#step += 1;
    if (this.#step > MAX_STEP) {
      this.#mark.fill(0);
      this.#step = 1;
    }
    this.count = 0;
  }

  #reach(item: number): void {
    if (this.#mark[item] === this.#step) return;
    this.#mark[item] = this.#step;
    this.reached[this.count++] = item;
  }

  #follow(item: number): void {
    // Most lead to nothing but themselves.
    if (this.#reading.steps.op[item] !== OP_SPLIT) {
      this.#reach(item);
      return;
    }
    const closure = this.#closures[item] ?? this.#close(item);
    for (let i = 0; i < closure.length; i++) this.#reach(closure[i] as number);
  }

  /** What a state of the program leads to without a character. */
  #close(from: number): Int32Array {
    const { op, next, argument } = this.#reading.steps;
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
}
