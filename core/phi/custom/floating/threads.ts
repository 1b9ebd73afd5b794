import { compile, OP_MATCH, OP_SET, OP_SPLIT, type Program } from '#core/pattern/compile.ts';
import type { PatternNode } from '#core/pattern/node.ts';

/** What is watched for: a context that is neither masked nor held back, then a value. */
export interface Watched {
  readonly context: PatternNode;
  readonly watched: PatternNode;
}

/** In the place of a class: nothing was read yet. */
export const NOWHERE = -1;

/** A mark can tell so many steps apart; then they are counted anew. */
const MAX_STEP = 0xffff;

/** What the threads that begin at every character are behind one class. Most states are little else. */
interface Behind {
  /** The first class seen that has the same threads waiting: it stands for all of them. */
  readonly first: number;
  /** One flag for each program state, and the same as a list: threads that are not live yet. */
  readonly waiting: Uint8Array;
  readonly threads: Int32Array;
  /** Threads that are: of values with no context. */
  readonly live: Int32Array;
  /** For each class, what `threads` become behind it. */
  readonly followers: (Int32Array | undefined)[];
}

/**
 * The threads of a nondeterministic automaton of many rules, a step at a time. A thread is a state of the program,
 * `fresh` while it reads a context, and `live`, numbered `size` higher, when it has read a part of a value.
 *
 * Threads that began with the character just read are left out of every set: they depend on its class alone.
 */
export class Threads {
  /** The class of each UTF-16 unit. */
  readonly classes: Uint16Array;
  readonly columns: number;
  /** Threads from here on are live. */
  readonly size: number;
  /** What the last step reached: the first `count` entries, in no order. */
  readonly reached: Int32Array;
  count = 0;
  readonly #program: Program;
  /** `set * columns + class`: whether the class is in the set. */
  readonly #members: Uint8Array;
  /** Marks with the number of the step what it has reached. */
  readonly #mark: Uint16Array;
  #step = 0;
  /** For each repetition of the program, the best of its spare states that was reached; empty where there is none. */
  readonly #best: Int32Array;
  /** For each program state, what it leads to without a character; known when first asked for. */
  readonly #closures: (Int32Array | undefined)[] = [];
  readonly #starting: Int32Array;
  readonly #behind: (Behind | undefined)[] = [];
  /** By its threads, the first class behind which there are these. */
  readonly #sameBehind = new Map<string, number>();

  constructor(rules: readonly Watched[]) {
    const program = compile(
      rules.map((rule) => rule.watched),
      rules.map((rule) => rule.context),
    );
    if (program.assertions.length > 0) throw new Error('a rule uses an assertion');
    this.#program = program;
    this.classes = program.alphabet.basic;
    this.columns = program.alphabet.size;
    this.size = program.op.length;
    this.#members = new Uint8Array(program.sets.length * this.columns);
    program.sets.forEach((set, index) => {
      this.#members.set(set, index * this.columns);
    });
    this.#mark = new Uint16Array(2 * this.size);
    const repetitions = program.spare.reduce((most, repetition) => Math.max(most, repetition), 0);
    this.#best = new Int32Array(repetitions > 0 ? repetitions + 1 : 0);
    this.reached = new Int32Array(2 * this.size);
    this.#begin();
    for (const start of program.starts) this.#follow(start, 0);
    this.#starting = this.reached.slice(0, this.count);
  }

  /** A class behind which the same threads wait as behind this one; the same for all such classes. */
  standFor(column: number): number {
    return this.#startedBehind(column).first;
  }

  /**
   * Steps from the threads behind the class `before` over a character of the class `column`. Returns whether one
   * that was live goes on.
   */
  advance(before: number, threads: Int32Array, column: number): boolean {
    const behind = this.#startedBehind(column);
    const follows = before === NOWHERE ? undefined : this.#followers(this.#startedBehind(before), column);
    this.#begin();
    const survivors = this.#read(threads, column);
    if (follows !== undefined) for (let i = 0; i < follows.length; i++) this.#reach(follows[i] as number);
    for (let i = 0; i < behind.live.length; i++) this.#reach(behind.live[i] as number);
    if (this.#best.length > 0) this.#reduce();
    let count = 0;
    for (let i = 0; i < this.count; i++) {
      const thread = this.reached[i] as number;
      if (behind.waiting[thread] !== 1) this.reached[count++] = thread;
    }
    this.count = count;
    return survivors;
  }

  /** Whether any of the threads can read the class: if not, the next step depends on both classes alone. */
  canRead(threads: Int32Array, column: number): boolean {
    const { op, argument } = this.#program;
    const { size, columns } = this;
    const members = this.#members;
    for (let i = 0; i < threads.length; i++) {
      const thread = threads[i] as number;
      const item = thread >= size ? thread - size : thread;
      if (op[item] === OP_SET && members[(argument[item] as number) * columns + column] === 1) return true;
    }
    return false;
  }

  /** Whether the last step reached exactly these threads. */
  is(threads: Int32Array): boolean {
    if (threads.length !== this.count) return false;
    for (let i = 0; i < threads.length; i++) {
      if (this.#mark[threads[i] as number] !== this.#step) return false;
    }
    return true;
  }

  /** Makes these threads what the last step reached. */
  set(threads: Int32Array): void {
    this.#begin();
    for (let i = 0; i < threads.length; i++) this.#reach(threads[i] as number);
  }

  /** The rule whose value ends with the thread; -1 for none. */
  matchOf(thread: number): number {
    const { op, argument } = this.#program;
    const item = thread - this.size;
    return item >= 0 && op[item] === OP_MATCH ? (argument[item] as number) : -1;
  }

  #begin(): void {
    this.#step += 1;
    if (this.#step > MAX_STEP) {
      this.#mark.fill(0);
      this.#step = 1;
    }
    this.count = 0;
  }

  #reach(thread: number): void {
    if (this.#mark[thread] === this.#step) return;
    this.#mark[thread] = this.#step;
    this.reached[this.count++] = thread;
  }

  /** Follows each thread that can read the class; returns whether a live one was among them. */
  #read(threads: Int32Array, column: number): boolean {
    const { op, next, argument, proper } = this.#program;
    const { size, columns } = this;
    const members = this.#members;
    let survivors = false;
    for (let i = 0; i < threads.length; i++) {
      const thread = threads[i] as number;
      const live = thread >= size;
      const item = live ? thread - size : thread;
      if (op[item] !== OP_SET || members[(argument[item] as number) * columns + column] !== 1) continue;
      if (live) survivors = true;
      this.#follow(next[item] as number, live || proper[item] === 1 ? size : 0);
    }
    return survivors;
  }

  /** Of the live threads in the spare states of one repetition, the best says all: there are fewer sets of threads. */
  #reduce(): void {
    const { size } = this;
    const { spare } = this.#program;
    const best = this.#best.fill(-1);
    for (let i = 0; i < this.count; i++) {
      const item = (this.reached[i] as number) - size;
      if (item > (best[spare[item] ?? 0] as number)) best[spare[item] ?? 0] = item;
    }
    let count = 0;
    for (let i = 0; i < this.count; i++) {
      const thread = this.reached[i] as number;
      const repetition = spare[thread - size] ?? 0;
      if (repetition === 0 || best[repetition] === thread - size) this.reached[count++] = thread;
      else this.#mark[thread] = 0;
    }
    this.count = count;
  }

  #follow(item: number, offset: number): void {
    const closure = this.#closures[item] ?? this.#close(item);
    for (let i = 0; i < closure.length; i++) this.#reach((closure[i] as number) + offset);
  }

  #close(from: number): Int32Array {
    const { op, next, argument } = this.#program;
    const seen = new Set<number>();
    const leads: number[] = [];
    const stack = [from];
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (seen.has(item)) continue;
      seen.add(item);
      if (op[item] === OP_SPLIT) stack.push(argument[item] ?? 0, next[item] ?? 0);
      else leads.push(item);
    }
    const closure = Int32Array.from(leads);
    this.#closures[from] = closure;
    return closure;
  }

  #startedBehind(column: number): Behind {
    const known = this.#behind[column];
    if (known !== undefined) return known;
    this.#begin();
    this.#read(this.#starting, column);
    const reached = this.reached.slice(0, this.count);
    const threads = reached.filter((thread) => thread < this.size);
    const waiting = new Uint8Array(2 * this.size);
    for (const thread of threads) waiting[thread] = 1;
    const live = reached.filter((thread) => thread >= this.size);
    const key = threads.join();
    const first = this.#sameBehind.get(key) ?? column;
    this.#sameBehind.set(key, first);
    const behind: Behind = { first, waiting, threads, live, followers: [] };
    this.#behind[column] = behind;
    return behind;
  }

  #followers(behind: Behind, column: number): Int32Array {
    const known = behind.followers[column];
    if (known !== undefined) return known;
    this.#begin();
    this.#read(behind.threads, column);
    const followers = this.reached.slice(0, this.count);
    behind.followers[column] = followers;
    return followers;
  }
}
