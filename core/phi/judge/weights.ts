import { CLASSES, NOTHING } from './classes.ts';
import {
  BEFORE,
  BEHIND,
  features,
  ITSELF,
  type Place,
  readAround,
  readItself,
  readTogether,
  SECOND,
  THIRD,
} from './features.ts';
import type { Lexeme } from './lexeme.ts';
import { Lexemes } from './lexemes.ts';

/** Rows, one for each feature by the low bits of its hash. */
export const ROW_BITS = 20;
const ROWS = 1 << ROW_BITS;
const WORD_BITS = 5;
const CLASS_COUNT = CLASSES.length;
/**
 * A row is so many numbers, each with the weights of two classes in its halves: by how much each class of an identifier weighs more
 * than nothing does, as only that counts. Sums of rows are rows as well.
 */
const ROW_NUMBERS = 3;
const HALF_BITS = 16;
/** A lexeme has 16 numbers for what is kept of it: a bit for each place that is there, then a row for each place. */
const KEPT_SHIFT = 4;
/**
 * Logarithms of odds. What the words by themselves make so unlikely is not looked at together, and is none; where a rule has found it,
 * the rule is heard.
 */
const HOPELESS = -2.5;
/** Taken for none: below all that is asked for. */
const NEGLIGIBLE = -5;
/** In place of a likelihood: what is behind the token is not here yet. */
export const UNKNOWN = -1;

/** Weights as they are kept. */
export interface PackedWeights {
  /** What a weight of 1 stands for. */
  readonly step: number;
  /** Base64: for each row that is kept, how many rows after the one before it (LEB128), then a signed byte a class. */
  readonly rows: string;
}

/**
 * A linear model: how likely it is that a token is a part of an identifier, from the weights of its features. Most features
 * of a token have none; the rows of those that have lie together, to be few lines of the processor's caches.
 */
export class Weights {
  /** After `judge`: the class that is the likeliest but nothing. */
  best = 0;
  /** Of all texts that this judges: they keep sums of it. */
  readonly lexemes = new Lexemes();
  readonly #step: number;
  /** For so many rows, a word with a bit for each, whether it is there, and how many rows are there before them. */
  readonly #index = new Int32Array((ROWS >> WORD_BITS) << 1);
  readonly #rows: Int32Array;
  /** Of the features of a place that need more than one lexeme. */
  readonly #together = new Int32Array(ROW_NUMBERS);
  /** By class, by how much it weighs more than nothing does. */
  readonly #sums = new Int32Array(CLASS_COUNT);

  constructor({ step, rows }: PackedWeights) {
    this.#step = step;
    const bytes = atob(rows);
    const most = Math.ceil(bytes.length / (CLASS_COUNT + 1));
    const kept = new Int32Array(most * ROW_NUMBERS);
    const weights = new Int32Array(CLASS_COUNT);
    let size = 0;
    let row = -1;
    for (let i = 0; i < bytes.length; ) {
      let skip = 0;
      for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7, i++) {
        byte = bytes.charCodeAt(i);
        skip |= (byte & 0x7f) << shift;
      }
      row += skip;
      const word = (row >> WORD_BITS) << 1;
      this.#index[word] = (this.#index[word] as number) | (1 << (row & 31));
      for (let k = 0; k < CLASS_COUNT; k++, i++) weights[k] = (bytes.charCodeAt(i) << 24) >> 24;
      const nothing = weights[NOTHING] as number;
      for (let k = 1; k < CLASS_COUNT; k += 2)
        kept[size++] =
          (weights[k] as number) - nothing + (((weights[k + 1] as number) - nothing) << HALF_BITS);
    }
    this.#rows = kept.slice(0, size);
    const index = this.#index;
    for (let word = 2; word < index.length; word += 2)
      index[word + 1] = (index[word - 1] as number) + ones(index[word - 2] as number);
  }

  /** How likely it is that the token of a place is a part of any identifier: 0 to 1; UNKNOWN when more of the text has to come. */
  judge(place: Place): number {
    const { kept } = this.lexemes;
    const token = this.#kept(ITSELF, place.token, place);
    const before = this.#kept(BEFORE, place.before, place);
    const second = this.#kept(SECOND, place.second, place);
    const third = this.#kept(THIRD, place.third, place);
    const behind = this.#kept(BEHIND, place.behind, place);
    const row = this.#together;
    for (let i = 0; i < ROW_NUMBERS; i++)
      row[i] =
        (kept[token + i] as number) +
        (kept[before + i] as number) +
        (kept[second + i] as number) +
        (kept[third + i] as number) +
        (kept[behind + i] as number);
    if (place.found === undefined && this.#margin() * this.#step < HOPELESS) return 0;
    if (place.hasAfter?.() === false) return UNKNOWN;
    this.#add(readTogether(place), row, 0);
    if (this.#margin() * this.#step < NEGLIGIBLE) return 0;
    const sums = this.#sums;
    let odds = 0;
    for (let k = 1; k < CLASS_COUNT; k++) odds += Math.exp((sums[k] as number) * this.#step);
    return odds / (1 + odds);
  }

  /** Splits the row into sums; returns the one of the best class of an identifier, and notes which that is. */
  #margin(): number {
    const row = this.#together;
    const sums = this.#sums;
    for (let i = 0; i < ROW_NUMBERS; i++) {
      const pair = row[i] as number;
      const low = (pair << HALF_BITS) >> HALF_BITS;
      sums[2 * i + 1] = low;
      sums[2 * i + 2] = (pair - low) >> HALF_BITS;
    }
    let best = 1;
    for (let k = 2; k < CLASS_COUNT; k++) if ((sums[k] as number) > (sums[best] as number)) best = k;
    this.best = best;
    return sums[best] as number;
  }

  /** Where the row is of what the features of a lexeme by itself weigh. */
  #kept(where: number, lexeme: Lexeme, place: Place): number {
    const { kept } = this.lexemes;
    const first = this.lexemes.placeOf(lexeme) << KEPT_SHIFT;
    const at = first + 1 + where * ROW_NUMBERS;
    const known = kept[first] as number;
    // What is not remembered has the first place, where nothing stays.
    if (((known >>> where) & 1) === 0) {
      for (let i = 0; i < ROW_NUMBERS; i++) kept[at + i] = 0;
      this.#add(where === ITSELF ? readItself(place) : readAround(where, lexeme), kept, at);
      if (first !== 0) kept[first] = known | (1 << where);
    }
    return at;
  }

  /** Adds the rows of the first `count` features to the row that begins at a place. */
  #add(count: number, into: Int32Array, place: number): void {
    const rows = this.#rows;
    const index = this.#index;
    let first = 0;
    let second = 0;
    let third = 0;
    for (let i = 0; i < count; i++) {
      const row = (features[i] as number) & (ROWS - 1);
      const word = (row >> WORD_BITS) << 1;
      const bits = index[word] as number;
      if (((bits >>> (row & 31)) & 1) === 0) continue;
      const rank = (index[word + 1] as number) + ones(bits & ((1 << (row & 31)) - 1));
      const at = rank * ROW_NUMBERS;
      first = (first + (rows[at] as number)) | 0;
      second = (second + (rows[at + 1] as number)) | 0;
      third = (third + (rows[at + 2] as number)) | 0;
    }
    into[place] = (into[place] as number) + first;
    into[place + 1] = (into[place + 1] as number) + second;
    into[place + 2] = (into[place + 2] as number) + third;
  }
}

/** How many bits are set (Warren, Hacker's Delight, 5-1). */
function ones(bits: number): number {
  let sum = bits - ((bits >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  sum = (sum + (sum >>> 4)) & 0x0f0f0f0f;
  return Math.imul(sum, 0x01010101) >>> 24;
}
