import { add, BASIS, foldUnit, ZERO } from './hash.ts';
import { EDGE, EDGE_NUMBER, type Lexeme, SIGN } from './lexeme.ts';
import type { Lexemes } from './lexemes.ts';
import { DIGIT, kindOf, LOWER, OTHER, UPPER } from './units.ts';

/** A token that goes on for longer is cut. */
export const MAX_CHARACTERS = 48;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const NO_BREAK_SPACE = 0xa0;
const FULL_STOP = 0x2e;
const APOSTROPHE = 0x27;
const CURLY_APOSTROPHE = 0x2019;
/** Within a date, a version, a number with a hyphen, a time: `-./:`. */
const [HYPHEN, SLASH, COLON] = [0x2d, 0x2f, 0x3a];

/** What stands between a token and the one before it. */
export const GAP_START = 0;
export const GAP_LINE = 1;
export const GAP_SPACE = 2;
export const GAP_NONE = 3;

/** A lexeme at its place. It can be read anew, to be the next one. */
export class Token implements Lexeme {
  number = EDGE_NUMBER;
  hash = 1;
  shape = 1;
  kind = 1;
  traits = SIGN | EDGE;
  /** Its first unit. */
  first = 0;
  /** Places of the text, UTF-16, the end exclusive. */
  start = 0;
  end = 0;
  /** What stands between it and the one before it. */
  gap = GAP_START;

  /** Makes it what stands in front of a text and behind it, as a new one is. */
  clear(): void {
    this.number = EDGE_NUMBER;
    this.hash = 1;
    this.shape = 1;
    this.kind = 1;
    this.traits = SIGN | EDGE;
    this.first = 0;
    this.start = 0;
    this.end = 0;
    this.gap = GAP_START;
  }
}

/** Takes a text apart while it comes. Where a chunk ends makes no difference. */
export class Tokens {
  readonly #lexemes: Lexemes;
  /** From place `#base` on. */
  #text: string;
  #base: number;
  /** Up to here the text was read, from its beginning. */
  #at = 0;
  #gap = GAP_START;
  /** Of the token whose end was looked for last. */
  #hash = BASIS;

  /** @param context stands before the text, which begins at place 0 */
  constructor(lexemes: Lexemes, context = '') {
    this.#lexemes = lexemes;
    this.#text = context;
    this.#base = 0 - context.length;
  }

  /** Where what is not a token yet begins, or will. */
  get place(): number {
    return this.#base + this.#at;
  }

  /** @param place the text from here on is asked for again, the one before is not */
  push(chunk: string, place = this.place): void {
    const text = this.#text;
    const from = place - this.#base;
    // Spaces are passed over by themselves: V8 would copy all of the text for each chunk, to read it, while none but these come.
    const spaces = this.#at === text.length ? this.#pass(chunk, 0) : 0;
    this.#text = from === text.length ? chunk : text.slice(from) + chunk;
    this.#base = place;
    this.#at += spaces - from;
  }

  /**
   * Reads the next token. False when the text ends before it is known.
   *
   * @param ended nothing follows
   */
  read(into: Token, ended: boolean): boolean {
    const text = this.#text;
    const i = this.#pass(text, this.#at);
    this.#at = i;
    const end = i === text.length ? -1 : this.#endOf(text, i, ended);
    if (end < 0) return false;
    this.#lexemes.read(into, text, i, end, this.#hash);
    into.first = text.charCodeAt(i);
    into.start = this.#base + i;
    into.end = this.#base + end;
    into.gap = this.#gap;
    this.#gap = GAP_NONE;
    this.#at = end;
    return true;
  }

  /** The unit at a place that is not before the last token; NaN where the text does not go on. */
  unitAt(place: number): number {
    return this.#text.charCodeAt(place - this.#base);
  }

  /** What is written there; nothing before the last `place` that `push` was told. */
  textOf({ start, end }: Token): string {
    return this.#text.slice(start - this.#base, end - this.#base);
  }

  /** Passes over spaces from a place on; returns where they end. */
  #pass(text: string, from: number): number {
    const { length } = text;
    let i = from;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > SPACE && unit !== NO_BREAK_SPACE) break;
      if (unit === NEWLINE) this.#gap = GAP_LINE;
      else if (this.#gap === GAP_NONE) this.#gap = GAP_SPACE;
    }
    return i;
  }

  /** Where the token ends that begins at a place, and its hash; -1 when the text ends before that is known. */
  #endOf(text: string, start: number, ended: boolean): number {
    const { length } = text;
    const first = text.charCodeAt(start);
    const kind = kindOf(first);
    let hash = add(BASIS, kind === DIGIT ? ZERO : first);
    let i = start + 1;
    if (kind !== OTHER) {
      const isFigure = kind === DIGIT;
      const most = Math.min(length, start + MAX_CHARACTERS);
      for (; i < most; i++) {
        const unit = text.charCodeAt(i);
        if (unit === FULL_STOP && !isFigure) {
          const joined = joinsLetters(text, start, i, ended);
          if (joined < 0) return -1;
          if (joined === 0) break;
        } else if (!goesOn(unit, isFigure)) {
          if (!joins(unit, isFigure)) break;
          if (i + 1 === length) {
            if (ended) break;
            return -1;
          }
          if (!goesOn(text.charCodeAt(i + 1), isFigure)) break;
        }
        hash = add(hash, isFigure ? foldUnit(unit) : unit);
      }
      if (i === length && !ended && i < start + MAX_CHARACTERS) return -1;
    }
    this.#hash = hash;
    return i;
  }
}

/**
 * Whether a full stop stands between single letters, as in "U.S." and "R.K.": 1 or 0, or -1 when the text ends before that
 * is known.
 */
function joinsLetters(text: string, start: number, place: number, ended: boolean): number {
  if (place > start + 1 && text.charCodeAt(place - 2) !== FULL_STOP) return 0;
  if (place + 1 === text.length) return ended ? 0 : -1;
  if (!goesOn(text.charCodeAt(place + 1), false)) return 0;
  if (place + 2 === text.length) return ended ? 1 : -1;
  const unit = text.charCodeAt(place + 2);
  return goesOn(unit, false) || joins(unit, false) || kindOf(unit) === DIGIT ? 0 : 1;
}

function goesOn(unit: number, isFigure: boolean): boolean {
  const kind = kindOf(unit);
  return kind === LOWER || kind === UPPER || (isFigure && kind === DIGIT);
}

function joins(unit: number, isFigure: boolean): boolean {
  return isFigure
    ? (unit >= HYPHEN && unit <= SLASH) || unit === COLON
    : unit === APOSTROPHE || unit === CURLY_APOSTROPHE;
}
