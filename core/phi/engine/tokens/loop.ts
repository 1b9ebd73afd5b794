import kept from '../../compiled/loop.json' with { type: 'json' };
import { NEAR_CHARACTERS } from '../limits.ts';
import { boundsOf, type Patterns, shiftOf, sortClasses } from '../rule/patterns.ts';
import { CONTEXT_CHARACTERS } from '../rule/rule.ts';

/** What `read` comes to: the end of what it can read, a token that is new, one that matters; and 2, one that has to be read. */
export const LAST = 0;
export const NEW = 1;
export const MATTERS = 3;

/** The numbers in `came`. */
export const BEGIN = 0;
export const END = 1;
export const BEFORE = 2;
export const BEHIND = 3;
export const SLOT = 4;
export const SLOT_KEY = 5;
export const FORMS = 6;
export const LABELLED = 9;
const NUMBERS_CAME = 12;

/** Where an automaton keeps what its states lead to: rows of those that lead on with many classes, and of those with few. */
export interface StateTables {
  readonly wide: Uint16Array;
  readonly narrow: Uint16Array;
}

/** The names of the addresses and sizes that `assembly/` exports. */
type Layout =
  | 'MOST_UNITS'
  | 'MOST_KINDS'
  | 'KIND_SHIFT'
  | 'BEGINS_SHIFT'
  | 'SORTS'
  | 'BOUNDS'
  | 'CAME'
  | 'CLASS_FACTS'
  | 'UNITS'
  | 'PLACES'
  | 'SLOTS'
  | 'MOST_SLOTS'
  | 'SLOT_BYTES'
  | 'TABLES'
  | 'TABLE_BYTES'
  | 'NARROW_TABLE';

/** What else it exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  setRowShift(shift: number): void;
  setLimits(slots: number, near: number, context: number): void;
  spread(): void;
  divide(length: number, before: number): void;
  read(from: number, length: number, labels: number, stamp: number, isSingle: boolean): number;
}

/** What is used of the global that neither the language's types nor those of Node have. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

const NEWLINE = 0x0a;
const UNIT_BYTES = 2;
/** What is looked at before a place, and the character before that. */
const BEFORE_UNITS = CONTEXT_CHARACTERS + 2;

let program: object | undefined;

/**
 * The loop over the tokens of a text, for the rules of one plan: the memory of `assembly/`, and how that is called. In the memory are
 * the part of a text that is being read, the tokens that are remembered, and the tables of the plan's automata.
 */
export class TokenLoop {
  /** What `read` has come to; places are those of the part that is here. */
  readonly came: Int32Array;
  /** All of the memory, a number of 32 bits each. */
  readonly numbers: Int32Array;
  readonly #exports: Exports;
  readonly #at: Readonly<Record<Layout, number>>;
  readonly #bytes: Buffer;
  /** The text that a part of is here, unless it is divided otherwise; where that begins in it, and how long it is. */
  #text: string | undefined;
  #origin = 0;
  #length = 0;

  constructor(patterns: Pick<Patterns, 'steps' | 'pairs'>) {
    program ??= new WebAssembly.Module(Buffer.from(kept.module, 'base64'));
    const { exports } = new WebAssembly.Instance(program);
    this.#exports = exports as unknown as Exports;
    const numbers = Object.entries(exports as Record<string, { value?: number }>).map(([name, { value }]) => [
      name,
      value,
    ]);
    this.#at = Object.fromEntries(numbers);
    const { buffer } = this.#exports.memory;
    this.#bytes = Buffer.from(buffer);
    this.numbers = new Int32Array(buffer);
    this.came = new Int32Array(buffer, this.#at.CAME, NUMBERS_CAME);
    this.#exports.setRowShift(shiftOf(patterns.steps));
    this.#bytes.set(sortClasses(patterns.steps), this.#at.SORTS);
    this.#bytes.set(boundsOf(patterns.steps), this.#at.BOUNDS);
    this.#fillFacts(patterns);
    this.remember(this.#at.MOST_SLOTS);
  }

  get origin(): number {
    return this.#origin;
  }

  /** The tables of one of three automata: that of labels, of forms, and of what stands behind labels. */
  tables(index: number): StateTables {
    const { buffer } = this.numbers;
    const [start, narrow, bytes] = [this.#at.TABLES, this.#at.NARROW_TABLE, this.#at.TABLE_BYTES];
    const at = start + index * bytes;
    return {
      wide: new Uint16Array(buffer, at, narrow / UNIT_BYTES),
      narrow: new Uint16Array(buffer, at + narrow, (bytes - narrow) / UNIT_BYTES),
    };
  }

  /** Remembers so many tokens from now on: a power of two, two at least. */
  remember(slots: number): void {
    this.#exports.setLimits(slots, NEAR_CHARACTERS, CONTEXT_CHARACTERS);
  }

  /** Forgets all tokens. */
  forget(): void {
    const from = this.#at.SLOTS;
    this.#bytes.fill(0, from, from + this.#at.MOST_SLOTS * this.#at.SLOT_BYTES);
  }

  /** Takes in what can be looked at of a text from a place on. */
  load(text: string, place: number): void {
    const origin = Math.max(0, place - BEFORE_UNITS);
    // Where a text ends it is read on from, most often at once.
    if (text === this.#text && origin >= this.#origin) return;
    this.#text = text;
    this.#origin = origin;
    this.#length = text.length - this.#origin;
    if (this.#length > this.#at.MOST_UNITS) throw new RangeError('too much text at once');
    const part = this.#origin === 0 ? text : text.slice(this.#origin);
    this.#bytes.write(part, this.#at.UNITS, this.#length * UNIT_BYTES, 'utf16le');
    // The start of a text counts as the start of a line.
    this.#exports.divide(this.#length, NEWLINE);
  }

  /** Has a token begin at a place of the text. */
  divideAt(place: number): void {
    const bit = place - this.#origin;
    if (bit <= 0 || bit >= this.#length) return;
    this.#text = undefined;
    const at = this.#at.PLACES + (bit >>> 3);
    this.#bytes[at] = (this.#bytes[at] as number) | (1 << (bit & 7));
  }

  /** Reads tokens from a place of the text on: see `assembly/read.ts`. What it has come to is in `came`. */
  read(place: number, labels: number, stamp: number, isSingle: boolean): number {
    return this.#exports.read(place - this.#origin, this.#length, labels, stamp, isSingle);
  }

  #fillFacts({ steps, pairs }: Pick<Patterns, 'steps' | 'pairs'>): void {
    const { size, classes } = steps;
    const shift = shiftOf(steps);
    const rows = Array.from({ length: size }, (_, before) =>
      pairs.subarray(before << shift, (before << shift) + size),
    );
    const kinds = [...new Set(rows.map((row) => row.join('')))];
    if (kinds.length > this.#at.MOST_KINDS)
      throw new RangeError('too many kinds of characters before values');
    const facts = rows.map((row, column) => {
      let known = column | (kinds.indexOf(row.join('')) << this.#at.KIND_SHIFT);
      kinds.forEach((kind, index) => {
        known |= Number(kind[column]) << (this.#at.BEGINS_SHIFT + index);
      });
      return known;
    });
    this.numbers.set(facts, this.#at.CLASS_FACTS / Int32Array.BYTES_PER_ELEMENT);
    this.#bytes.set(new Uint8Array(classes.buffer, classes.byteOffset, classes.byteLength), this.#at.UNITS);
    this.#exports.spread();
  }
}
