import type { StateTables } from '../tokens/loop.ts';
import { NO_RULES, type RuleSets } from './rule-sets.ts';
import { States } from './states.ts';
import { type Reading, Threads } from './threads.ts';

/** In place of a set of rules: the text has come to the end of what may be read, and the patterns have not. */
export const STOPPED = -1;

/** States from here on have few transitions, and a table of their own. */
const NARROW = 0x4000;
/** Entries from here on say that reading has ended: `LAST_ENTRY - entry` is the set of rules that have matched. */
const ENDED = 0x8000;
const LAST_ENTRY = 0xffff;
/** Not worked out yet. */
const UNKNOWN = 0;
/** How many of each kind are kept before the cache is emptied; of wide ones a row each is 256 bytes. */
const MAX_WIDE = 16_000;
const MAX_NARROW = 0x3ffe;
/** Of a narrow state: so many classes and what they lead to, then where the rest leads: within a word, and at its end. */
const NARROW_CLASSES = 3;
const NARROW_SHIFT = 3;
const WITHIN = 2 * NARROW_CLASSES;
const NO_CLASS = 0xffff;

/** What a state is, whatever its number becomes. */
export interface Kernel {
  /** States of the program, in no order; those that are a match wait for the character behind it. */
  readonly threads: Int32Array;
  /** A set of rules whose pattern was matched on the way here. */
  readonly accepted: number;
}

/**
 * A deterministic automaton that reads from one place until none of its patterns can go on, made while it is used and
 * shared by all texts. It tells which rules have matched on the way: at least all that do, since its patterns may be
 * wider than theirs.
 *
 * Its tables have 16 bits an entry, and most states of a list of words lead on with one or two classes of characters
 * and are kept narrow: what the tables take of the processor's caches is what reading costs.
 */
export class Automaton {
  /** After a reading: the place at which it ended, and the state in which it stopped. */
  place = 0;
  state = 0;
  readonly #threads: Threads;
  readonly #classes: Uint16Array;
  readonly #bounds: Uint8Array;
  readonly #shift: number;
  readonly #maxStates: number;
  readonly #wide: Uint16Array;
  readonly #narrow: Uint16Array;
  readonly #states = new States();
  /** How many there are of each, with the wide state 0 that is none; 0 before the first. */
  #wideCount = 0;
  #narrowCount = 0;
  /** By state, what was answered before. */
  readonly #kernels = new Map<number, Kernel>();
  readonly #atEnd = new Map<number, number>();
  readonly #atCap = new Map<number, number>();
  #epoch = 0;

  /**
   * @param maxStates how many states are kept before the cache is emptied
   * @param tables where they are kept, nothing but zeros
   */
  constructor(reading: Reading, ruleSets: RuleSets, maxStates = MAX_WIDE, tables?: StateTables) {
    this.#threads = new Threads(reading, ruleSets);
    this.#classes = reading.steps.classes;
    this.#bounds = reading.bounds;
    this.#shift = Math.ceil(Math.log2(reading.tables.columns));
    this.#maxStates = maxStates;
    this.#wide = tables?.wide ?? new Uint16Array(MAX_WIDE << this.#shift);
    this.#narrow = tables?.narrow ?? new Uint16Array(MAX_NARROW << NARROW_SHIFT);
  }

  /** Grows when the cache was emptied: numbers of before mean nothing then, kernels still do. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The state before anything is read, for patterns that begin at these states of the program. */
  startAt(starts: readonly number[]): number {
    this.#threads.start(starts);
    return this.#intern(this.#threads.acceptUnbounded(NO_RULES));
  }

  kernel(state: number): Kernel {
    const known = this.#kernels.get(state);
    if (known !== undefined) return known;
    if (!this.#states.has(state)) throw new Error('the automaton lost its place');
    const { items, from, to } = this.#states.threads(state);
    const kernel = { threads: items.slice(from, to), accepted: this.#states.accepted(state) };
    this.#kernels.set(state, kernel);
    return kernel;
  }

  /** The number of a state that had another one before the cache was emptied. */
  find({ threads, accepted }: Kernel): number {
    this.#threads.set(threads);
    return this.#intern(accepted);
  }

  /** The rules that have matched when the text ends in the state. */
  acceptedAtEnd(state: number): number {
    const known =
      this.#atEnd.get(state) ??
      this.#threads.confirm(this.#states.threads(state), this.#states.accepted(state));
    this.#atEnd.set(state, known);
    return known;
  }

  /** The rules that have matched, or may still, when reading is broken off in the state. */
  acceptedAtCap(state: number): number {
    const known =
      this.#atCap.get(state) ??
      this.#threads.acceptAll(this.#states.threads(state), this.#states.accepted(state));
    this.#atCap.set(state, known);
    return known;
  }

  /**
   * Reads a text from a place on, up to `until`, in the direction of `step`. Returns the set of rules that have matched
   * when the patterns have ended, at `place`; or STOPPED in `state`. This is the hot loop.
   */
  read(text: string, from: number, until: number, step: 1 | -1, start: number): number {
    const classes = this.#classes;
    const bounds = this.#bounds;
    const shift = this.#shift;
    const wide = this.#wide;
    const narrow = this.#narrow;
    let state = start;
    for (let i = from; i !== until; i += step) {
      const column = classes[text.charCodeAt(i)] as number;
      let entry: number;
      if (state < NARROW) entry = wide[(state << shift) + column] as number;
      else {
        const at = (state - NARROW) << NARROW_SHIFT;
        if (narrow[at] === column) entry = narrow[at + 1] as number;
        else if (narrow[at + 2] === column) entry = narrow[at + 3] as number;
        else if (narrow[at + 4] === column) entry = narrow[at + 5] as number;
        else entry = narrow[at + WITHIN + (bounds[column] as number)] as number;
      }
      if (entry === UNKNOWN) entry = this.#step(state, column);
      if (entry >= ENDED) {
        this.place = i;
        return LAST_ENTRY - entry;
      }
      state = entry;
    }
    this.place = until;
    this.state = state;
    return STOPPED;
  }

  /** Works out the entry for a class, and remembers it. */
  #step(state: number, column: number): number {
    if (!this.#states.has(state)) throw new Error('the automaton lost its place');
    const threads = this.#states.threads(state);
    const accepted = this.#states.accepted(state);
    const isBound = this.#bounds[column] === 1;
    this.#threads.read(threads, column);
    const confirmed = isBound ? this.#threads.confirm(threads, accepted) : accepted;
    const matched = this.#threads.acceptUnbounded(confirmed);
    const epoch = this.#epoch;
    const entry = this.#threads.count === 0 ? LAST_ENTRY - matched : this.#intern(matched);
    if (epoch !== this.#epoch) return entry;
    if (state < NARROW) this.#wide[(state << this.#shift) + column] = entry;
    else {
      const at = (state - NARROW) << NARROW_SHIFT;
      for (let i = at; i < at + WITHIN; i += 2) if (this.#narrow[i] === column) this.#narrow[i + 1] = entry;
    }
    return entry;
  }

  /** The state that was reached, made when it is new; never 0, which says that an entry is not known. */
  #intern(accepted: number): number {
    const known = this.#states.find(this.#threads, accepted);
    if (known !== 0) return known;
    this.#makeRoom();
    const { reached, count } = this.#threads;
    const columns = this.#threads.readable({ items: reached, from: 0, to: count }, NARROW_CLASSES);
    const state = columns === undefined ? this.#wideCount++ : NARROW + this.#narrowCount++;
    this.#states.add(state, this.#threads, accepted);
    if (columns !== undefined) this.#fill(state, accepted, columns);
    return state;
  }

  /** The row of a new narrow state: what is not among its classes ends the reading. */
  #fill(state: number, accepted: number, columns: readonly number[]): void {
    const at = (state - NARROW) << NARROW_SHIFT;
    for (let i = 0; i < NARROW_CLASSES; i++) {
      this.#narrow[at + 2 * i] = columns[i] ?? NO_CLASS;
      this.#narrow[at + 2 * i + 1] = UNKNOWN;
    }
    this.#narrow[at + WITHIN] = LAST_ENTRY - accepted;
    this.#narrow[at + WITHIN + 1] = LAST_ENTRY - this.#threads.confirm(this.#states.threads(state), accepted);
  }

  #makeRoom(): void {
    const isFull =
      this.#wideCount >= Math.min(this.#maxStates, this.#wide.length >> this.#shift) ||
      this.#narrowCount >= MAX_NARROW ||
      (this.#maxStates < MAX_WIDE && this.#wideCount + this.#narrowCount >= this.#maxStates);
    if (this.#wideCount > 0 && !isFull) return;
    this.#wide.fill(UNKNOWN, 0, this.#wideCount << this.#shift);
    this.#wideCount = 1;
    this.#narrowCount = 0;
    this.#states.clear();
    this.#kernels.clear();
    this.#atEnd.clear();
    this.#atCap.clear();
    this.#epoch += 1;
  }
}
