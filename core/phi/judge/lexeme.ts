import { CITY_FIRST, CITY_WORD, MONTH, NAME, WORD } from '../lexicon/flags.ts';
import { lookUpIn } from '../lexicon/look-up.ts';
import { add, BASIS, combine, foldUnit, ZERO } from './hash.ts';
import { DIGIT, kindOf, LOWER, OTHER, UPPER } from './units.ts';

/** A shape shows so many units of a kind in a row, and that there are more. */
const MOST_ALIKE = 3;
const PLUS = 0x2b;
const NINE = 0x39;
const FIGURE_KIND = 2;
const WORD_KIND = 3;
const SIGN_KIND = 4;

/** What a token is by itself: a word, a figure with what is joined to it, or a single sign. */
export interface Lexeme {
  /** As it is written; of a figure 0 for each of its digits, which are all alike here. */
  readonly text: string;
  /** Of its units, capitals and digits folded. */
  readonly hash: number;
  /** A hash of its capitals, small letters and digits in a row. */
  readonly shape: number;
  /** A hash of what the lists know of a word, of that it is a figure, or of which sign it is. */
  readonly kind: number;
  readonly flags: number;
  /** Never an identifier by itself. */
  readonly isSign: boolean;
  readonly isFigure: boolean;
  /** Whether it is a word without capitals. */
  readonly isSmall: boolean;
  /** Where it is remembered; NO_SLOT when it is not, or not any more. */
  slot: number;
  /** A bit for each place for which something is kept by the slot. */
  kept: number;
}

export const NO_SLOT = -1;

/** In front of a text and behind it. */
export const NO_LEXEME: Lexeme = {
  text: '',
  hash: 1,
  shape: 1,
  kind: 1,
  flags: 0,
  isSign: true,
  isFigure: false,
  isSmall: false,
  slot: NO_SLOT,
  kept: 0,
};

/** So many are remembered, each in a place of its own by its hash; a power of two. */
export const SLOTS = 1 << 15;

/**
 * Lexemes by their text: those of before are not read anew. Remembered are signs, the forms of numbers, and words that the
 * lists know; of what only one text has, nothing stays.
 */
export class Lexemes {
  readonly #slots: (Lexeme | undefined)[] = new Array(SLOTS).fill(undefined);

  /** @param hash of the units as they are written */
  of(source: string, start: number, end: number, hash: number): Lexeme {
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#slots[slot];
    if (known !== undefined && isAt(known.text, source, start, end)) return known;
    const made = read(source, start, end, slot);
    if (made.slot !== NO_SLOT) {
      if (known !== undefined) known.slot = NO_SLOT;
      this.#slots[slot] = made;
    }
    return made;
  }
}

/** What makes a word in small letters worth a judgement: most are ordinary ones, which nobody is called. */
const NOT_PLAIN = NAME | CITY_WORD | CITY_FIRST | MONTH;

/** Whether it is an ordinary word in small letters, and nothing that anybody or a place is called. */
export function isPlain({ isSmall, flags }: Lexeme): boolean {
  return isSmall && (flags & WORD) !== 0 && (flags & NOT_PLAIN) === 0;
}

/** Whether the lists know the word as a name and as nothing else. */
export function isName({ flags }: Lexeme): boolean {
  return (flags & NAME) !== 0 && (flags & WORD) === 0;
}

function isAt(text: string, source: string, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = source.charCodeAt(start + i);
    if (text.charCodeAt(i) !== unit && !(isDigit(unit) && text.charCodeAt(i) === ZERO)) return false;
  }
  return true;
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE;
}

function read(source: string, start: number, end: number, slot: number): Lexeme {
  const first = source.charCodeAt(start);
  const firstKind = kindOf(first);
  const isSign = firstKind === OTHER;
  const isFigure = firstKind === DIGIT;
  let shape = BASIS;
  let before = -1;
  let alike = 0;
  let hash = BASIS;
  let isSmall = !isSign && !isFigure;
  let hasLetter = false;
  for (let i = start; i < end; i++) {
    const unit = source.charCodeAt(i);
    const kind = kindOf(unit);
    hash = add(hash, foldUnit(unit));
    if (kind === UPPER) isSmall = false;
    if (kind === UPPER || kind === LOWER) hasLetter = true;
    const like = kind === OTHER ? unit : kind;
    alike = like === before ? alike + 1 : 1;
    before = like;
    if (alike <= MOST_ALIKE) shape = add(shape, like);
    else if (alike === MOST_ALIKE + 1) shape = add(shape, PLUS);
  }
  const flags = isSign || isFigure ? 0 : lookUpIn(source, start, end);
  // A copy: a slice would keep the whole text from being collected.
  let text = '';
  for (let i = start; i < end; i++) text += isDigit(source.charCodeAt(i)) ? '0' : source.charAt(i);
  const kind = isSign ? combine(SIGN_KIND, first, 0) : isFigure ? FIGURE_KIND : combine(WORD_KIND, flags, 0);
  const isKnown = isFigure ? !hasLetter : isSign || flags !== 0;
  const place = isKnown ? slot : NO_SLOT;
  return { text, hash, shape, kind, flags, isSign, isFigure, isSmall, slot: place, kept: 0 };
}
