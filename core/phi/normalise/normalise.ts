import { ATTACHED, INVISIBLE, LOOK_ALIKES, NOTE_MARK } from './look-alikes.ts';

/** In the table of UTF-16 units, for those that no single unit stands for. */
export const DROPPED = -1;
/** A high surrogate: the next unit is needed. */
export const HALF = -2;
/** A note mark: what stands around it decides. */
export const MARK = -3;
/** `foldCodePoint` says. */
export const SEVERAL = -4;

/**
 * The unit that each UTF-16 unit is read as, or one of the numbers above; 0 when that is not known yet. To be read
 * with `readUnit` where it says 0.
 */
export const UNITS = new Int32Array(0x1_0000);

/** What is remembered of characters that UNITS does not tell; more than any text has. */
const MAX_FOLDS = 4_096;
/** Fractions and accents that stand alone are no numbers and spaces: "1½" is not "11/2". */
const NOT_FOLDED = /\u2044| \p{M}/u;
const DIGIT = /\p{Nd}/u;
const WORD_UNIT = /[\p{L}\p{Nd}]/u;
/** From here on it is worth to look for ASCII alone at first. */
const LONG = 64;
/** Latin ends here: most texts have nothing from beyond. */
const LATIN_END = 0x250;

const folds = new Map<number, string>();
const SPECIAL = buildSpecial();

/** Whether any character of the text may be read as another; false is certain. */
export function isSpecial(text: string): boolean {
  // All of ASCII stands for itself, and a long text is counted faster than read.
  if (text.length >= LONG && Buffer.byteLength(text) === text.length) return false;
  return SPECIAL.test(text);
}

/** Whether a UTF-16 unit is a part of a word. */
export function isWordUnit(unit: number): boolean {
  if (unit < 0x80) return (unit >= 0x30 && unit <= 0x39) || ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a);
  return WORD_UNIT.test(String.fromCharCode(unit));
}

/** Whether a character that is read as nothing belongs to the one before it. */
export function isAttached(character: string): boolean {
  return ATTACHED.test(character);
}

/**
 * The code point that a character is read as; -1 for nothing. One that is read as several stays itself.
 */
export function plainOf(codePoint: number): number {
  const folded = foldCharacter(String.fromCodePoint(codePoint));
  if (folded === '') return -1;
  const [first = '', ...rest] = folded;
  return rest.length > 0 ? codePoint : (first.codePointAt(0) ?? codePoint);
}

/**
 * What one character is read as: its NFKC form (UAX #15) without accents that are characters of their own, any decimal
 * digit as the ASCII one, and look-alikes of Latin letters and punctuation as these. Empty for what is not seen.
 */
export function foldCharacter(character: string): string {
  const known = LOOK_ALIKES.get(character);
  if (known !== undefined) return known;
  if (INVISIBLE.test(character) || ATTACHED.test(character)) return '';
  const compatible = character.normalize('NFKC');
  if (compatible !== character && NOT_FOLDED.test(compatible)) return character;
  let folded = '';
  for (const part of compatible) {
    if (DIGIT.test(part)) folded += digitOf(part);
    else if (!INVISIBLE.test(part) && !ATTACHED.test(part)) folded += LOOK_ALIKES.get(part) ?? part;
  }
  return folded;
}

/** The same for a code point, remembered. */
export function foldCodePoint(codePoint: number): string {
  const known = folds.get(codePoint);
  if (known !== undefined) return known;
  const folded = foldCharacter(String.fromCodePoint(codePoint));
  if (folds.size >= MAX_FOLDS) folds.clear();
  folds.set(codePoint, folded);
  return folded;
}

/** The entry of UNITS for a unit, noted there. */
export function readUnit(unit: number): number {
  const known = UNITS[unit] ?? 0;
  if (known !== 0) return known;
  const entry = entryOf(unit);
  UNITS[unit] = entry;
  return entry;
}

function entryOf(unit: number): number {
  if (isHighSurrogate(unit)) return HALF;
  const character = String.fromCharCode(unit);
  if (NOTE_MARK.test(character)) return MARK;
  const folded = foldCharacter(character);
  if (folded.length > 1) return SEVERAL;
  return folded === '' ? DROPPED : folded.charCodeAt(0);
}

export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

export function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Unicode keeps the digits of a script together, zero first; rows that touch are whole ones. */
function digitOf(digit: string): string {
  const codePoint = digit.codePointAt(0) ?? 0;
  let first = codePoint;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return `${(codePoint - first) % 10}`;
}

/** Whatever is not known to stand for itself. */
function buildSpecial(): RegExp {
  let plain = '';
  for (let unit = 0; unit < LATIN_END; unit++) {
    if (readUnit(unit) === unit) plain += `\\u${unit.toString(16).padStart(4, '0')}`;
  }
  return new RegExp(`[^${plain}]`);
}
