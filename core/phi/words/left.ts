import { ROLE, TITLE } from '../lexicon/flags.ts';
import { lookUpIn } from '../lexicon/look-up.ts';
import { isWordAt } from './units.ts';

const MAX_LEFT_WORDS = 3;
/** How far before a run its left words are looked for. */
const MAX_LEFT_CHARACTERS = 60;
const MAX_AGE_CHARACTERS = 14;
/** What may stand between the start of a sentence and its first word. */
const OPENING = ' \t"\'(*-';
/** What a sentence, a field or a cell ends with. */
const ENDING = '.!?:;•|>"';
const AGE_BEFORE = /\d{1,3}[ -]?(?:(?:yo|y\/o|yrs?|y|year[- ]old|mo) ?[MFmf]?|[MFmf])[,:]? $/;

/** What stands before a run on its line. */
export interface Left {
  /** Up to three words, the nearest first, in small letters; none when something but spaces stands between. */
  readonly words: readonly string[];
  /** Whether the run begins a sentence, a line, a field or a bullet. */
  readonly first: boolean;
  /** Whether an age and a sex stand before it: "31M Khoury", "a 54 yo Ortega". */
  readonly afterAge: boolean;
  /** Whether what somebody is stands before it: "Doula: Marigold", "his brother Tom". */
  readonly afterRole: boolean;
  /** The word before a colon that stands before it, in small letters: "Incisions: Kocher"; empty for none. */
  readonly heading: string;
}

/** Reads what stands before a place. */
export function readLeft(view: string, start: number): Left {
  const least = Math.max(0, start - MAX_LEFT_CHARACTERS);
  return {
    words: readWords(view, start, least),
    first: isFirst(view, start, least),
    afterAge: isAfterAge(view, start),
    afterRole: isAfterRole(view, start, least),
    heading: readHeading(view, start, least),
  };
}

function isFirst(view: string, start: number, least: number): boolean {
  let place = start;
  for (; place > least; place--) {
    const c = view.charAt(place - 1);
    if (c === '"' || c === '\n') return true;
    if (!OPENING.includes(c)) break;
  }
  if (place === 0) return true;
  if (place === least) return false;
  const c = view.charAt(place - 1);
  if (ENDING.includes(c)) return true;
  // "2) Ortega": a number of a list.
  return c === ')' && /(?:^|\n)[ \t]*\d{1,2}\)$/.test(view.slice(Math.max(0, place - 6), place));
}

function readWords(view: string, start: number, least: number): readonly string[] {
  let place = start;
  if (view.charAt(place - 1) === '-') place -= 1;
  else {
    if (isQuote(view.charAt(place - 1))) place -= 1;
    const spaced = place;
    while (place > least && isSpace(view.charAt(place - 1))) place -= 1;
    if (place === spaced) return [];
    if (isQuote(view.charAt(place - 1)) && !isLetter(view, place - 1)) place -= 1;
  }
  if (!isLetter(view, place - 1)) return [];
  const words: string[] = [];
  while (words.length < MAX_LEFT_WORDS) {
    while (place > least && !isLetter(view, place - 1)) {
      if (view.charAt(place - 1) === '\n') return words;
      place -= 1;
    }
    const end = place;
    while (place > least && isLetter(view, place - 1)) place -= 1;
    if (place === end) break;
    words.push(view.slice(place, end).toLowerCase());
  }
  return words;
}

function isAfterAge(view: string, start: number): boolean {
  if (view.charAt(start - 1) !== ' ' || !/[MFmfdoys,:]/.test(view.charAt(start - 2))) return false;
  return AGE_BEFORE.test(view.slice(Math.max(0, start - MAX_AGE_CHARACTERS), start));
}

function isAfterRole(view: string, start: number, least: number): boolean {
  let place = start;
  while (place > least && ' \t"*(:='.includes(view.charAt(place - 1))) place -= 1;
  if (place === start) return false;
  let from = place;
  while (from > least && isLetter(view, from - 1)) from -= 1;
  return from < place && (lookUpIn(view, from, place) & (ROLE | TITLE)) !== 0;
}

function readHeading(view: string, start: number, least: number): string {
  let place = start;
  while (place > least && isSpace(view.charAt(place - 1))) place -= 1;
  if (view.charAt(place - 1) !== ':') return '';
  place -= 1;
  const end = place;
  while (place > least && isLetter(view, place - 1)) place -= 1;
  return view.slice(place, end).toLowerCase();
}

function isLetter(view: string, place: number): boolean {
  return view.charAt(place) === "'" || (isWordAt(view, place) && !isDigit(view.charCodeAt(place)));
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isQuote(c: string): boolean {
  return c === '"' || c === "'" || c === '(';
}

function isSpace(c: string): boolean {
  return c === ' ' || c === '\t';
}
