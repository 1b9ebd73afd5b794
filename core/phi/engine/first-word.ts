import { CITY_FIRST, CITY_WORD, NAME, WORD } from '../lexicon/flags.ts';
import { lookUpIn } from '../lexicon/look-up.ts';

/**
 * What the lists must know of the word that a value begins with: any of one set of flags, and none of another. It is asked
 * of plain words of ASCII in small letters; what else may be a word is left to the rule.
 */
export interface FirstWord {
  readonly any: number;
  readonly none?: number;
  /** Whether a word of no list will do. */
  readonly unknown?: true;
}

/** Words by what values may begin with them: few kinds, since automata have states for each of them. */
export const ANY_WORD = 0;
/** In no list. */
const UNKNOWN_WORD = 1;
/** No name of anybody or of a town: most of what there is to read. */
const ORDINARY_WORD = 2;
/** A name that is an ordinary word as well. */
const NAMED_WORD = 3;
const NAME_WORD = 4;
export const KINDS: readonly number[] = [ANY_WORD, UNKNOWN_WORD, ORDINARY_WORD, NAMED_WORD, NAME_WORD];

const NAMES = NAME | CITY_WORD | CITY_FIRST;
/** The longest word that the patterns of words take whole. */
const MAX_WORD_CHARACTERS = 21;
/** In place of flags: there is no plain word. */
const NO_WORD = -1;

/** The kind of the word that begins at a place; nothing from `end` on is looked at, and the word must have ended before. */
export function kindOfWord(text: string, place: number, end: number): number {
  const flags = flagsOfWord(text, place, end);
  if (flags === NO_WORD) return ANY_WORD;
  if (flags === 0) return UNKNOWN_WORD;
  if ((flags & NAMES) === 0) return ORDINARY_WORD;
  return (flags & WORD) === 0 ? NAME_WORD : NAMED_WORD;
}

/** Whether some word of the kind is such a first word. */
export function mayFit({ any, none = 0, unknown }: FirstWord, kind: number): boolean {
  if (kind === UNKNOWN_WORD) return unknown === true;
  if (kind === ORDINARY_WORD) return (any & ~NAMES) !== 0;
  return kind !== NAMED_WORD || (none & WORD) === 0;
}

/** Whether the word that begins at a place is such a first word. */
export function isFirstWord({ any, none = 0, unknown }: FirstWord, text: string, place: number): boolean {
  const flags = flagsOfWord(text, place, text.length);
  if (flags === NO_WORD) return true;
  return flags === 0 ? unknown === true : (flags & any) !== 0 && (flags & none) === 0;
}

function flagsOfWord(text: string, place: number, end: number): number {
  const most = Math.min(end, place + MAX_WORD_CHARACTERS + 1);
  let to = place;
  while (to < most && isSmall(text.charCodeAt(to))) to += 1;
  if (to === place || to >= end || to - place > MAX_WORD_CHARACTERS || goesOn(text.charCodeAt(to)))
    return NO_WORD;
  return lookUpIn(text, place, to);
}

/** Whether a word goes on with this unit: any letter or digit, a hyphen, an apostrophe. */
function goesOn(unit: number): boolean {
  return (
    unit > 0x7e ||
    unit === 0x27 ||
    unit === 0x2d ||
    (unit >= 0x30 && unit <= 0x39) ||
    (unit >= 0x41 && unit <= 0x5a)
  );
}

function isSmall(unit: number): boolean {
  return unit >= 0x61 && unit <= 0x7a;
}
