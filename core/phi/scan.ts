import type { Finding } from './finding.ts';
import { ACCEPT, type Gate, RELEASE, STATE_SHIFT } from './gate.ts';
import { resolve } from './resolve.ts';
import { CONTEXT_CHARACTERS, type CompiledRule, MAX_VALUE_CHARACTERS } from './rule.ts';

/** How long a stretch may stay undecided before what is old enough in it is decided. */
const MAX_BLOCK_CHARACTERS = 2_048;
/** Any value that begins this far back has ended, with the one character that a rule looks ahead. */
const DECIDED_AFTER_CHARACTERS = MAX_VALUE_CHARACTERS + 2;
/** Decided text is cut from the buffer when there is this much of it, to keep short chunks cheap. */
const TRIM_AT_CHARACTERS = 4_096;

/**
 * One pass over a normalised text that comes in chunks. What it decides depends on the text alone and never on
 * where the chunks end: text is cut into blocks at the places where the gate has no live thread, and a block is
 * judged when its end is known, looking at a fixed stretch before it and one character after it.
 */
export class Scan {
  /** All before this place is decided; a block begins here. */
  released = 0;
  readonly #gate: Gate;
  readonly #rules: readonly CompiledRule[];
  readonly #active: Uint8Array;
  /** Decided findings, not yet taken; places are those of the normalised text. */
  #findings: Finding[] = [];
  #state: number;
  #kernel: Int32Array;
  #epoch: number;
  /** The text from `#base` on. */
  #buffer: string;
  #base: number;
  #length = 0;
  /** Rules that the gate accepted since the last release. */
  #pending: number[] = [];

  /**
   * @param active one flag per rule; the others are not looked for.
   * @param context text that counts as standing before, and is not itself looked at.
   */
  constructor(gate: Gate, rules: readonly CompiledRule[], active: Uint8Array, context = '') {
    this.#gate = gate;
    this.#rules = rules;
    this.#active = active;
    this.#state = gate.start();
    for (let i = 0; i < context.length; i++) {
      const column = gate.classes[context.charCodeAt(i)] ?? 0;
      const known = gate.table[this.#state * gate.columns + column] ?? 0;
      this.#state = (known === 0 ? gate.step(this.#state, column) : known) >> STATE_SHIFT;
    }
    if (context !== '') this.#state = gate.settle(this.#state);
    this.#kernel = gate.kernel(this.#state);
    this.#epoch = gate.epoch;
    this.#buffer = context;
    this.#base = -context.length;
  }

  push(chunk: string): void {
    const gate = this.#gate;
    const { classes, columns } = gate;
    if (this.#epoch !== gate.epoch) this.#state = gate.intern(this.#kernel);
    let { table } = gate;
    let state = this.#state;
    const offset = this.#length;
    const { length } = chunk;
    this.#buffer += chunk;
    this.#length += length;
    for (let i = 0; i < length; ) {
      // The cap is a place in the text, never in the chunk.
      const until = Math.min(length, this.released + MAX_BLOCK_CHARACTERS - offset);
      let released = -1;
      for (; i < until; i++) {
        const column = classes[chunk.charCodeAt(i)] as number;
        let entry = table[state * columns + column] as number;
        if (entry === 0) {
          entry = gate.step(state, column);
          table = gate.table;
        }
        state = entry >> STATE_SHIFT;
        if ((entry & RELEASE) !== 0) {
          if (this.#pending.length > 0) {
            if (released >= 0) this.released = offset + released;
            this.#decide(offset + i, offset + i, offset + i + 1);
          }
          released = i;
        }
        if ((entry & ACCEPT) !== 0) this.#accept(state);
      }
      if (released >= 0) this.released = offset + released;
      if (offset + i === this.released + MAX_BLOCK_CHARACTERS) this.#decideOld(offset + i);
    }
    this.#state = state;
    this.#kernel = gate.kernel(state);
    this.#epoch = gate.epoch;
    if (this.released - this.#base > TRIM_AT_CHARACTERS) this.#trim();
  }

  /** Decides all that is left. */
  end(): void {
    if (this.#pending.length > 0) this.#decide(this.#length, this.#length, this.#length);
    this.released = this.#length;
    this.#state = this.#gate.start();
  }

  /** All before this place may be emitted: what is decided and, where no thread is live, the last character. */
  get emittable(): number {
    return this.#gate.idle(this.#state) ? this.#length : this.released;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes the findings decided so far, in order. */
  take(): readonly Finding[] {
    const taken = this.#findings;
    if (taken.length > 0) this.#findings = [];
    return taken;
  }

  #accept(state: number): void {
    for (const rule of this.#gate.accepted(state)) {
      if (this.#active[rule] === 1 && !this.#pending.includes(rule)) this.#pending.push(rule);
    }
  }

  /** In a block that has grown too long, decides the part that can no longer change. */
  #decideOld(end: number): void {
    const limit = end - DECIDED_AFTER_CHARACTERS;
    const pending = [...this.#pending];
    const last = this.#decide(end, limit, end);
    this.released = Math.max(limit, last);
    this.#pending = pending;
  }

  /**
   * Finds the values that begin between `released` and `limit`; `visible` is the end of the text that may be
   * looked at. Returns where the last one ends, and forgets the pending rules.
   */
  #decide(end: number, limit: number, visible: number): number {
    const from = Math.max(this.#base, this.released - CONTEXT_CHARACTERS);
    const view = this.#buffer.slice(from - this.#base, visible - this.#base);
    const candidates: Finding[] = [];
    for (const index of this.#pending) {
      const rule = this.#rules[index];
      if (rule === undefined) continue;
      const { expression } = rule;
      expression.lastIndex = this.released - from;
      for (let found = expression.exec(view); found !== null; found = expression.exec(view)) {
        const start = from + found.index;
        if (start >= limit) break;
        const value = found[0].slice(0, end - start);
        const length = rule.check === undefined ? value.length : rule.check(value);
        if (length > 0) {
          candidates.push({
            entity: rule.entity,
            start,
            end: start + length,
            score: rule.score,
            rule: rule.name,
          });
        }
        expression.lastIndex = found.index + Math.max(length, 1);
      }
    }
    this.#pending = [];
    const findings = resolve(candidates);
    this.#findings.push(...findings);
    return findings.at(-1)?.end ?? 0;
  }

  #trim(): void {
    const keep = this.released - CONTEXT_CHARACTERS;
    this.#buffer = this.#buffer.slice(keep - this.#base);
    this.#base = keep;
  }
}
