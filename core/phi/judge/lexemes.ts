import {
  CITY_FIRST,
  CITY_WORD,
  FAMILY_RARE,
  MEDICAL,
  MONTH,
  NAME,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUpIn } from '../lexicon/look-up.ts';
import { add, BASIS, combine, foldUnit, ZERO } from './hash.ts';
import { EDGE_NUMBER, FIGURE, INITIALS, type Lexeme, NO_NUMBER, PLAIN, SIGN } from './lexeme.ts';
import { DIGIT, kindOf, LOWER, OTHER, UPPER } from './units.ts';

/** A shape shows so many units of a kind in a row, and that there are more. */
const MOST_ALIKE = 3;
const PLUS = 0x2b;
const NINE = 0x39;
const FULL_STOP = 0x2e;
const FIGURE_KIND = 2;
const WORD_KIND = 3;
const SIGN_KIND = 4;
/** What makes a word in small letters worth a judgement: most are ordinary ones, which nobody is called. */
const NOT_PLAIN = NAME | CITY_WORD | CITY_FIRST | MONTH;
const IS_INITIALS = /^\p{L}(?:\.\p{L})*$/u;

/** So many are remembered; with one more, all are forgotten. A power of two; the first place is that of none of them. */
const MOST = 1 << 15;
/** The low bits of an entry are a place, the others are those of a hash. */
const PLACE = MOST - 1;
/** The last place of those that no text fills: the first one, and that of EDGE_NUMBER. */
const RESERVED = EDGE_NUMBER & PLACE;
const ENTRIES = MOST << 1;
/** A lexeme is looked for in so many entries: somebody may make texts whose hashes are all alike. */
const MOST_STEPS = 8;
/** Numbers of a record and of what is kept beside it: a line of the processor's caches each. */
const RECORD_SHIFT = 4;
const [HASH, SHAPE, KIND, TRAITS] = [0, 1, 2, 3];
/** By halves of numbers: how many units there are, and from where on they are. */
const [LENGTH, UNITS] = [8, 9];
const MOST_UNITS = (2 << RECORD_SHIFT) - UNITS;

/**
 * Lexemes by their text: those of before are not read anew. Remembered are signs, the forms of numbers, and words that the
 * lists know; of what only one text has, nothing stays. All of it lies together in typed arrays: what a word needs is two lines
 * of the processor's caches, where objects and strings would be six.
 */
export class Lexemes {
  /** By place, room for 16 numbers that somebody keeps of a lexeme; the first one is 0 when it is new. */
  readonly kept = new Int32Array(MOST << RECORD_SHIFT);
  /** By hash, open addressing. */
  readonly #entries = new Int32Array(ENTRIES);
  /** By place, what a lexeme is. */
  readonly #records = new Int32Array(MOST << RECORD_SHIFT);
  /** The same by halves. */
  readonly #halves = new Uint16Array(this.#records.buffer);
  /** The last place that is taken. */
  #size = RESERVED;
  /** Lexemes with numbers up to this one are forgotten. */
  #forgotten = 0;

  /**
   * Reads a stretch of a text.
   *
   * @param hash of the units as they are written, 0 for digits
   */
  read(into: Lexeme, source: string, start: number, end: number, hash: number): void {
    const entries = this.#entries;
    const first = slotOf(hash);
    for (let i = 0; i < MOST_STEPS; i++) {
      const entry = entries[(first + i) & (ENTRIES - 1)] as number;
      if (entry === 0) break;
      if (((entry ^ hash) & ~PLACE) === 0 && this.#isAt(entry & PLACE, source, start, end)) {
        this.#recall(into, entry & PLACE);
        return;
      }
    }
    const isKnown = readAnew(into, source, start, end);
    if (isKnown && end - start <= MOST_UNITS) this.#remember(into, source, start, end, hash);
  }

  /** The place of a lexeme; 0 when it is not remembered, or not any more. */
  placeOf({ number }: Lexeme): number {
    return number > this.#forgotten ? number & PLACE : 0;
  }

  #isAt(place: number, source: string, start: number, end: number): boolean {
    const halves = this.#halves;
    const first = place << (RECORD_SHIFT + 1);
    if (halves[first + LENGTH] !== end - start) return false;
    const shift = first + UNITS - start;
    for (let i = start; i < end; i++) {
      const unit = source.charCodeAt(i);
      const known = halves[i + shift];
      if (known !== unit && !(known === ZERO && isDigit(unit))) return false;
    }
    return true;
  }

  #recall(into: Lexeme, place: number): void {
    const records = this.#records;
    const first = place << RECORD_SHIFT;
    into.number = this.#forgotten + place;
    into.hash = records[first + HASH] as number;
    into.shape = records[first + SHAPE] as number;
    into.kind = records[first + KIND] as number;
    into.traits = records[first + TRAITS] as number;
  }

  #remember(lexeme: Lexeme, source: string, start: number, end: number, hash: number): void {
    if (this.#size === MOST - 1) this.#forget();
    this.#size += 1;
    const place = this.#size;
    lexeme.number = this.#forgotten + place;
    this.kept[place << RECORD_SHIFT] = 0;
    const records = this.#records;
    const first = place << RECORD_SHIFT;
    records[first + HASH] = lexeme.hash;
    records[first + SHAPE] = lexeme.shape;
    records[first + KIND] = lexeme.kind;
    records[first + TRAITS] = lexeme.traits;
    const halves = this.#halves;
    halves[2 * first + LENGTH] = end - start;
    for (let i = start; i < end; i++) {
      const unit = source.charCodeAt(i);
      halves[2 * first + UNITS + i - start] = isDigit(unit) ? ZERO : unit;
    }
    this.#entries[this.#freeEntry(hash)] = (hash & ~PLACE) | place;
  }

  /** Where an entry for a hash may be. The first one gives way when all are taken. */
  #freeEntry(hash: number): number {
    const first = slotOf(hash);
    for (let i = 0; i < MOST_STEPS; i++) {
      const at = (first + i) & (ENTRIES - 1);
      if (this.#entries[at] === 0) return at;
    }
    return first;
  }

  #forget(): void {
    this.#entries.fill(0);
    this.#size = RESERVED;
    this.#forgotten += MOST;
  }
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (ENTRIES - 1);
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE;
}

/** Whether it is worth to be remembered. */
function readAnew(into: Lexeme, source: string, start: number, end: number): boolean {
  const first = source.charCodeAt(start);
  const firstKind = kindOf(first);
  let shape = BASIS;
  let before = -1;
  let alike = 0;
  let hash = BASIS;
  let hasCapital = false;
  let hasLetter = false;
  for (let i = start; i < end; i++) {
    const unit = source.charCodeAt(i);
    const kind = kindOf(unit);
    hash = add(hash, foldUnit(unit));
    if (kind === UPPER) hasCapital = true;
    if (kind === UPPER || kind === LOWER) hasLetter = true;
    const like = kind === OTHER ? unit : kind;
    alike = like === before ? alike + 1 : 1;
    before = like;
    if (alike <= MOST_ALIKE) shape = add(shape, like);
    else if (alike === MOST_ALIKE + 1) shape = add(shape, PLUS);
  }
  into.number = NO_NUMBER;
  into.hash = hash;
  into.shape = shape;
  if (firstKind === OTHER) {
    into.kind = combine(SIGN_KIND, first, 0);
    into.traits = SIGN;
    return true;
  }
  if (firstKind === DIGIT) {
    into.kind = FIGURE_KIND;
    into.traits = FIGURE;
    return !hasLetter;
  }
  const flags = lookUpIn(source, start, end);
  const isPlain = !hasCapital && isOrdinary(flags);
  const isShort = end === start + 1 || source.charCodeAt(start + 1) === FULL_STOP;
  const isInitials = isShort && IS_INITIALS.test(source.slice(start, end));
  into.kind = combine(WORD_KIND, flags, 0);
  into.traits = flags | (isPlain ? PLAIN : 0) | (isInitials ? INITIALS : 0);
  return flags !== 0;
}

/** Whether a word in small letters is hardly ever a name; some rare surnames are among the words that are used most. */
function isOrdinary(flags: number): boolean {
  const doubts = flags & NOT_PLAIN;
  return doubts === 0
    ? (flags & (WORD | MEDICAL)) !== 0
    : doubts === FAMILY_RARE && (flags & WORD_COMMON) !== 0;
}
