import { resolve } from '../../engine/resolve.ts';
import { CONTEXT_CHARACTERS, type Located, MAX_VALUE_CHARACTERS } from '../../engine/rule/rule.ts';
import type { EntityName } from '../../entities.ts';
import type { Finding } from '../../finding.ts';
import { ACCEPT, type Gate, type Kernel, RELEASE, ROW_SHIFT } from './gate.ts';
import type { FloatingRule } from './rule.ts';

/** How long a stretch may stay undecided before what is old enough in it is decided. */
const MAX_BLOCK_CHARACTERS = 2_048;
/** Any value that begins this far back has ended, with the one character that a rule looks ahead. */
const DECIDED_AFTER_CHARACTERS = MAX_VALUE_CHARACTERS + 2;
/** A value this long is taken to be cut at its cap. */
const OVERLONG_CHARACTERS = 380;
/** What an identifier or an address goes on with. */
const WORD_UNIT = /[\p{L}\p{N}_./%&=?#@:+~-]/u;
/** Decided text is cut from the buffer when there is this much of it, to keep short chunks cheap. */
const TRIM_AT_CHARACTERS = 4_096;

/** Rules and the automaton that watches for them, by the same numbers. */
export interface Track {
  readonly gate: Gate;
  readonly rules: readonly FloatingRule[];
  /** One bit for each rule that is looked for. */
  readonly active: Int32Array;
}

/** Where a scan stands in the automaton. */
interface Watch extends Track {
  row: number;
  kernel: Kernel;
  epoch: number;
  /** One bit for each rule that the gate accepted since the last decision. */
  readonly pending: Int32Array;
  /** The rules accepted last; most of the time the next ones are the same. */
  accepted: Int32Array | undefined;
}

/**
 * One pass over a normalised text that comes in chunks, for patterns that may begin at every character: its time is
 * linear whatever they are. What it decides depends on the text alone and never on where the chunks end: text is cut
 * into blocks at the places where the automaton has no live thread, and a block is judged when its end is known,
 * looking at a fixed stretch before it and one character after it.
 */
export class FloatingScan {
  /** All before this place is decided; a block begins here. */
  released = 0;
  readonly #watch: Watch;
  readonly #entities: ReadonlySet<EntityName>;
  #hasPending = false;
  /** A finding that was cut short by the end of a block: what follows of its word is masked too. */
  #cut: Finding | undefined;
  /** Decided findings, not yet taken; places are those of the normalised text. */
  #findings: Finding[] = [];
  /** The text from `#base` on. */
  #buffer: string;
  #base: number;
  #length = 0;

  /**
   * @param entities what to look for; other findings are dropped before overlaps are resolved.
   * @param context text that counts as standing before, and is not itself looked at.
   */
  constructor(track: Track, entities: ReadonlySet<EntityName>, context = '') {
    this.#watch = watch(track, context);
    this.#entities = entities;
    this.#buffer = context;
    this.#base = 0 - context.length;
  }

  push(chunk: string): void {
    resume(this.#watch);
    const offset = this.#length;
    const { length } = chunk;
    this.#buffer += chunk;
    this.#length += length;
    for (let i = 0; i < length; ) {
      // The cap is a place in the text, never in the chunk.
      const until = Math.min(length, this.released + MAX_BLOCK_CHARACTERS - offset);
      i = this.#run(chunk, i, until);
      if (i === until && offset + i === this.released + MAX_BLOCK_CHARACTERS) this.#decideOld(offset + i);
    }
    suspend(this.#watch);
    if (this.released - this.#base > TRIM_AT_CHARACTERS) this.#trim();
  }

  /**
   * Reads the chunk from place `i` on, to `until` or to a character after which something new is to be known.
   * This loop is the hot one: it touches nothing but its own variables and two tables.
   */
  #run(chunk: string, from: number, until: number): number {
    const watch = this.#watch;
    const { classes, table } = watch.gate;
    let { row } = watch;
    let hasPending = this.#hasPending;
    let released = -1;
    let i = from;
    for (; i < until; i++) {
      const entry = table[row + (classes[chunk.charCodeAt(i)] as number)] as number;
      if (entry === 0) break;
      row = entry >> ROW_SHIFT;
      if ((entry & RELEASE) !== 0) {
        if (hasPending) {
          const place = this.#length - chunk.length + i;
          if (released >= 0) this.released = this.#length - chunk.length + released;
          this.#decide(place, place, place + 1);
          hasPending = false;
        }
        released = i;
      }
      if ((entry & ACCEPT) !== 0) {
        this.#accept(row);
        hasPending = this.#hasPending;
      }
    }
    if (released >= 0) this.released = this.#length - chunk.length + released;
    watch.row = row;
    if (i < until) learn(watch, chunk.charCodeAt(i));
    return i;
  }

  /** Decides all that is left. */
  end(): void {
    if (this.#hasPending) this.#decide(this.#length, this.#length, this.#length);
    this.released = this.#length;
    this.#watch.row = this.#watch.gate.start();
    suspend(this.#watch);
  }

  /** All before this place may be emitted: what is decided and, where no thread is live, the last character. */
  get emittable(): number {
    return this.#watch.gate.idle(this.#watch.row) ? this.#length : this.released;
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

  #accept(row: number): void {
    const state = this.#watch;
    const { accepted } = state.gate.kernel(row);
    if (accepted === state.accepted) return;
    state.accepted = accepted;
    const { pending } = state;
    for (let i = 0; i < pending.length; i++) pending[i] = (pending[i] as number) | (accepted[i] as number);
    this.#hasPending = true;
  }

  /** In a block that has grown too long, decides the part that can no longer change. */
  #decideOld(end: number): void {
    const limit = end - DECIDED_AFTER_CHARACTERS;
    const kept = this.#watch.pending.slice();
    const { length } = this.#findings;
    const hasPending = this.#hasPending;
    this.#decide(end, limit, end);
    const last = this.#findings.length > length ? (this.#findings.at(-1)?.end ?? 0) : 0;
    this.released = Math.max(limit, last);
    this.#watch.pending.set(kept);
    // Whatever it is, it is not the set that was accepted last.
    this.#watch.accepted = this.#watch.gate.none;
    this.#hasPending = hasPending || this.#cut !== undefined;
  }

  /**
   * Finds the values that begin between `released` and `limit`; `visible` is the end of the text that may be
   * looked at. Forgets the pending rules.
   */
  #decide(end: number, limit: number, visible: number): void {
    const from = Math.max(this.#base, this.released - CONTEXT_CHARACTERS);
    const view = this.#buffer.slice(from - this.#base, visible - this.#base);
    const candidates: Located[] = [];
    if (this.#cut !== undefined) {
      const rest = { ...this.#cut, start: this.released, end: this.released };
      extend(rest, view, from, end);
      if (rest.end > rest.start) candidates.push(rest);
      this.#cut = undefined;
    }
    const { rules, pending, active } = this.#watch;
    this.#watch.accepted = undefined;
    for (let word = 0; word < pending.length; word++) {
      for (let bits = (pending[word] ?? 0) & (active[word] ?? 0); bits !== 0; bits &= bits - 1) {
        const rule = rules[word * 32 + 31 - Math.clz32(bits & -bits)] as FloatingRule;
        for (const found of rule.locate(view, this.released - from, limit - from, end - from, -from)) {
          if (!this.#entities.has(found.entity)) continue;
          found.start += from;
          found.end += from;
          if (isOverlong(found)) extend(found, view, from, end);
          candidates.push(found);
        }
      }
      pending[word] = 0;
    }
    this.#hasPending = false;
    if (candidates.length === 0) return;
    const findings = resolve(candidates);
    for (const finding of findings) this.#findings.push(finding);
    const last = findings.at(-1);
    if (last?.end === end && visible === end && isOverlong(last) && limit < end) {
      this.#cut = last;
      this.#hasPending = true;
    }
  }

  #trim(): void {
    const keep = this.released - CONTEXT_CHARACTERS;
    this.#buffer = this.#buffer.slice(keep - this.#base);
    this.#base = keep;
  }
}

/**
 * A value that reaches the cap goes on to the end of its word, or of the block: more of it is masked, never
 * released. So does one that a block's end has cut.
 */
function extend(found: Located, view: string, offset: number, end: number): void {
  while (found.end < end && WORD_UNIT.test(view.charAt(found.end - offset))) found.end += 1;
}

function isOverlong({ start, end }: Finding): boolean {
  return end - start >= OVERLONG_CHARACTERS;
}

/** A watch at the start of a text, or behind a context. */
function watch(track: Track, context: string): Watch {
  const { gate } = track;
  let row = gate.start();
  for (let i = 0; i < context.length; i++) {
    const column = gate.classes[context.charCodeAt(i)] ?? 0;
    const known = gate.table[row + column] ?? 0;
    row = (known === 0 ? gate.step(row, column) : known) >> ROW_SHIFT;
  }
  if (context !== '') row = gate.settle(row);
  const pending = new Int32Array(gate.words);
  return { ...track, row, kernel: gate.kernel(row), epoch: gate.epoch, pending, accepted: undefined };
}

/** Works out the entry that a character needs, if it is not known; the character is then read again. */
function learn(state: Watch, unit: number): void {
  const { gate, row } = state;
  const column = gate.classes[unit] as number;
  if (gate.table[row + column] !== 0) return;
  suspend(state);
  gate.step(row, column);
  resume(state);
}

/** Finds its row again when the automaton was emptied meanwhile. */
function resume(state: Watch): Watch {
  if (state.epoch !== state.gate.epoch) state.row = state.gate.find(state.kernel);
  return state;
}

/** Notes what its row means, for when the automaton is emptied. */
function suspend(state: Watch): void {
  state.kernel = state.gate.kernel(state.row);
  state.epoch = state.gate.epoch;
}
