import { OP_ASSERT, OP_SPLIT, type Program } from './compile.ts';
import type { Assertion } from './node.ts';

/** A mark can tell so many gatherings apart; then they are counted anew. */
const MAX_GENERATION = 0xffff;

/**
 * Gathers what states of a program are reached without reading a character. States that say nothing new are left out, so
 * that there are fewer sets of them.
 */
export class Reach {
  readonly #program: Program;
  readonly #mark: Uint16Array;
  readonly #stack: number[] = [];
  #reached: number[] = [];
  #generation = 0;
  /** For each repetition of the program, the best of its spare states that was reached; empty where there is none. */
  readonly #best: Int32Array;

  constructor(program: Program) {
    this.#program = program;
    this.#mark = new Uint16Array(program.op.length);
    const repetitions = program.spare.reduce((most, repetition) => Math.max(most, repetition), 0);
    this.#best = new Int32Array(repetitions > 0 ? repetitions + 1 : 0);
  }

  /** Forgets all. */
  begin(): void {
    this.#generation += 1;
    if (this.#generation > MAX_GENERATION) {
      this.#mark.fill(0);
      this.#generation = 1;
    }
    this.#reached = [];
  }

  /** Adds a state and all that it leads to; `holds` undefined leaves assertions undecided. */
  follow(from: number, holds: ReadonlySet<Assertion> | undefined): void {
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

  /** The states reached, ascending. */
  collect(): Int32Array {
    if (this.#best.length > 0) this.#reduce();
    return Int32Array.from(this.#reached).sort();
  }

  /** Of the spare states of one repetition, the best says all. */
  #reduce(): void {
    const { spare } = this.#program;
    const best = this.#best.fill(-1);
    for (const item of this.#reached) {
      const repetition = spare[item] as number;
      if (item > (best[repetition] as number)) best[repetition] = item;
    }
    this.#reached = this.#reached.filter((item) => {
      const repetition = spare[item] as number;
      return repetition === 0 || item === best[repetition];
    });
  }
}
