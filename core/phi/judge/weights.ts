import { CLASSES } from './classes.ts';
import {
  BEFORE,
  BEHIND,
  features,
  ITSELF,
  PLACES,
  type Place,
  readAlone,
  readTogether,
  SECOND,
  THIRD,
} from './features.ts';
import { type Lexeme, Lexemes, NO_SLOT, SLOTS } from './lexeme.ts';

/** Rows, one for each feature by the low bits of its hash. */
export const ROW_BITS = 20;
const ROWS = 1 << ROW_BITS;
/** A row is so many numbers, each with the weights of two classes in its halves. */
const ROW_SHIFT = 2;
const HALF_BITS = 16;
const HALF = 0xffff;
/** Added to each weight, so that none is negative; a sum of one a feature has room in a half. */
const BIAS = 128;
const WORD_BITS = 5;
const CLASS_COUNT = CLASSES.length;
/**
 * Logarithms of odds. What the words by themselves make so unlikely is not looked at together, and is none; where a rule has found it,
 * the rule is heard.
 */
const HOPELESS = -3;
/** Taken for none: below all that is asked for. */
const NEGLIGIBLE = -5;

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
  /** For so many rows, a word with a bit for each, whether it is kept, and how many rows are kept before them. */
  readonly #index = new Int32Array((ROWS >> WORD_BITS) << 1);
  readonly #rows: Int32Array;
  readonly #halves = new Int32Array(1 << ROW_SHIFT);
  readonly #sums = new Int32Array(2 << ROW_SHIFT);
  /** By slot of a lexeme and where it stands, the sum of the rows of its features by itself. */
  readonly #alone = new Int32Array((SLOTS * PLACES) << ROW_SHIFT);

  constructor({ step, rows }: PackedWeights) {
    this.#step = step;
    const bytes = atob(rows);
    const most = Math.ceil(bytes.length / (CLASS_COUNT + 1));
    const kept = new Int32Array(most << ROW_SHIFT);
    let size = 0;
    let row = -1;
    for (let i = 0; i < bytes.length; i += CLASS_COUNT) {
      let skip = 0;
      for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7, i++) {
        byte = bytes.charCodeAt(i);
        skip |= (byte & 0x7f) << shift;
      }
      row += skip;
      const word = (row >> WORD_BITS) << 1;
      this.#index[word] = (this.#index[word] as number) | (1 << (row & 31));
      for (let k = 0; k < 2 << ROW_SHIFT; k += 2)
        kept[size++] = half(bytes, i, k) | (half(bytes, i, k + 1) << HALF_BITS);
    }
    this.#rows = kept.slice(0, size);
    const index = this.#index;
    for (let word = 2; word < index.length; word += 2)
      index[word + 1] = (index[word - 1] as number) + ones(index[word - 2] as number);
  }

  /** How likely it is that the token of a place is a part of any identifier: 0 to 1. */
  judge(place: Place): number {
    const halves = this.#halves.fill(0);
    this.#addAlone(ITSELF, place.token.lexeme);
    this.#addAlone(BEFORE, place.before.lexeme);
    this.#addAlone(SECOND, place.second.lexeme);
    this.#addAlone(THIRD, place.third.lexeme);
    this.#addAlone(BEHIND, place.behind.lexeme);
    if (place.found === undefined && this.#margin() * this.#step < HOPELESS) return 0;
    this.#add(readTogether(place), halves, 0);
    if (this.#margin() * this.#step < NEGLIGIBLE) return 0;
    const sums = this.#sums;
    const nothing = sums[0] as number;
    let odds = 0;
    for (let k = 1; k < CLASS_COUNT; k++) odds += Math.exp(((sums[k] as number) - nothing) * this.#step);
    return odds / (1 + odds);
  }

  /** Splits the halves into sums; returns by how much the best class of an identifier is above nothing, and notes which. */
  #margin(): number {
    const halves = this.#halves;
    const sums = this.#sums;
    for (let i = 0; i < halves.length; i++) {
      const pair = halves[i] as number;
      sums[2 * i] = pair & HALF;
      sums[2 * i + 1] = pair >>> HALF_BITS;
    }
    let best = 1;
    for (let k = 2; k < CLASS_COUNT; k++) if ((sums[k] as number) > (sums[best] as number)) best = k;
    this.best = best;
    return (sums[best] as number) - (sums[0] as number);
  }

  /** Adds what the features of a lexeme by itself weigh. */
  #addAlone(where: number, lexeme: Lexeme): void {
    const { slot } = lexeme;
    if (slot === NO_SLOT) {
      this.#add(readAlone(where, lexeme), this.#halves, 0);
      return;
    }
    const alone = this.#alone;
    const at = (slot * PLACES + where) << ROW_SHIFT;
    if (((lexeme.kept >>> where) & 1) === 0) {
      alone.fill(0, at, at + (1 << ROW_SHIFT));
      this.#add(readAlone(where, lexeme), alone, at);
      lexeme.kept |= 1 << where;
    }
    const halves = this.#halves;
    halves[0] = ((halves[0] as number) + (alone[at] as number)) | 0;
    halves[1] = ((halves[1] as number) + (alone[at + 1] as number)) | 0;
    halves[2] = ((halves[2] as number) + (alone[at + 2] as number)) | 0;
    halves[3] = ((halves[3] as number) + (alone[at + 3] as number)) | 0;
  }

  /** Adds the rows of the first `count` features to the numbers from `place` on. */
  #add(count: number, into: Int32Array, place: number): void {
    const rows = this.#rows;
    const index = this.#index;
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const row = (features[i] as number) & (ROWS - 1);
      const word = (row >> WORD_BITS) << 1;
      const bits = index[word] as number;
      if (((bits >>> (row & 31)) & 1) === 0) continue;
      const rank = (index[word + 1] as number) + ones(bits & ((1 << (row & 31)) - 1));
      const at = rank << ROW_SHIFT;
      first = (first + (rows[at] as number)) | 0;
      second = (second + (rows[at + 1] as number)) | 0;
      third = (third + (rows[at + 2] as number)) | 0;
      fourth = (fourth + (rows[at + 3] as number)) | 0;
    }
    into[place] = ((into[place] as number) + first) | 0;
    into[place + 1] = ((into[place + 1] as number) + second) | 0;
    into[place + 2] = ((into[place + 2] as number) + third) | 0;
    into[place + 3] = ((into[place + 3] as number) + fourth) | 0;
  }
}

/** The weight of a class in the row that begins at a place, with the bias; there are fewer classes than halves. */
function half(bytes: string, place: number, k: number): number {
  return k < CLASS_COUNT ? ((bytes.charCodeAt(place + k) << 24) >> 24) + BIAS : 0;
}

/** How many bits are set (Warren, Hacker's Delight, 5-1). */
function ones(bits: number): number {
  let sum = bits - ((bits >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  sum = (sum + (sum >>> 4)) & 0x0f0f0f0f;
  return Math.imul(sum, 0x01010101) >>> 24;
}
