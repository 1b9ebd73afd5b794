import { WORD_COMMON } from '../lexicon/flags.ts';
import { lookUpIn } from '../lexicon/look-up.ts';
import { type Left, readLeft } from './left.ts';
import { DIGIT, kindOf, LOWER, OTHER, UPPER } from './units.ts';

/** A run that goes on longer than this is cut: no name has so many words. */
const MAX_WORDS = 24;
/** A word that is longer is no name; the automaton's cap is the same. */
const MAX_WORD_CHARACTERS = 40;
/** Small words that stand inside names. What else is small ends a run. */
export const LINKS =
  'of|the|and|at|for|de|la|las|los|del|della|van|von|der|den|ten|ter|di|da|dos|das|du|le|bin|bint|ibn|al|el|y|e|st|zu';
export const LINK_WORDS: ReadonlySet<string> = new Set(LINKS.split('|'));
const MAX_LINKS = 3;
const APOSTROPHE = 0x27;
const FULL_STOP = 0x2e;
const SMALL_S = 0x73;
const CAPITAL_S = 0x53;
const APPOSITION = /^, (?:a |an |the |who |whose |aged? |my |our |her |his |\d{1,3}\b)/;
const MAX_APPOSITION_CHARACTERS = 8;
/** "McDonald", "O'Brien", "LaShawn", "De'Andre", "N'Diaye". */
const REGULAR =
  /^(?:Ma?c|De|Di|Du|Da|Ja|Ke|Jo|Sha|La|Le|Lee|Van|Von|Fitz|Al|El|Mc|St|Mary|Rae|\p{Lu}\p{Ll}{0,2}')?\p{Lu}[\p{Ll}']*$/u;
const MAX_RIGHT_WORDS = 2;
/** "Allegra 180 mg": no more than the run's own end may be read. */
const DOSE =
  /^ (?:0$|\d{1,4} ?(?:mg|mcg|ug|g|gm|gram|grams|ml|units?|iu|meq|tabs?|puffs?|caps?|tablets?|pills?|q?[bt]?id|qd|qhs|daily|po|iv|im)$)/;
const MAX_DOSE_CHARACTERS = 14;
const MAX_BEHIND_CHARACTERS = 40;
/** How a word is joined to the one before it. */
export type Gap = 'none' | 'space' | 'hyphen' | 'comma' | 'stop' | 'and' | 'slash';

export class Word {
  readonly start: number;
  /** Behind the last letter: without a possessive `'s` and without a full stop. */
  readonly end: number;
  readonly flags: number;
  readonly gap: Gap;
  /** A small word such as `of`, which is never the first or the last of a run. */
  readonly link: boolean;
  readonly possessive: boolean;
  readonly upper: boolean;
  /** Written as names are: one capital in front, or as in McDonald, O'Brien and DeShawn. */
  readonly regular: boolean;
  /** A full stop follows directly. */
  readonly stop: boolean;
  readonly #view: string;
  #text: string | undefined;

  constructor(view: string, start: number, end: number, gap: Gap, link: boolean, letters: Letters) {
    this.start = start;
    this.end = end;
    this.gap = gap;
    this.link = link;
    this.flags = lookUpIn(view, start, end);
    this.possessive = letters.possessive;
    this.upper = letters.small === 0;
    this.regular = isRegular(view, start, end, letters);
    this.stop = letters.stop;
    this.#view = view;
  }

  /** In small letters, without a possessive. */
  get text(): string {
    this.#text ??= this.#view.slice(this.start, this.end).toLowerCase();
    return this.#text;
  }

  /** One letter, with or without its full stop. */
  get initial(): boolean {
    return this.end - this.start === 1;
  }
}

/** What the letters of a word are. */
interface Letters {
  readonly capitals: number;
  readonly small: number;
  readonly digits: number;
  readonly possessive: boolean;
  readonly stop: boolean;
}

const LINK_LETTERS: Letters = { capitals: 0, small: 1, digits: 0, possessive: false, stop: false };

function isRegular(view: string, start: number, end: number, { capitals, digits, small }: Letters): boolean {
  if (digits > 0) return false;
  return capitals <= 1 || (small > 0 && REGULAR.test(view.slice(start, end)));
}

/** Capitalised words that stand together, and the small words around them. */
export class Run {
  readonly words: readonly Word[];
  /** Up to two small words after it, the nearest first. */
  readonly right: readonly string[];
  /** Where each of `right` ends. */
  readonly rightEnds: readonly number[];
  /** Whether who it is follows: "Brooks, a 7-year-old", "Kim, 42". */
  readonly apposition: boolean;
  /** Whether a figure follows, or a Roman one: "Naranjo 6", "Forrest III". */
  readonly numbered: boolean;
  /** Whether a dose follows: "Allegra 180 mg", "Dex 0.6". */
  readonly dosed: boolean;
  /** Whether a hyphen and a small word follow: "White-coat hypertension". */
  readonly compound: boolean;
  /** Behind its last word: where the reader goes on. */
  readonly end: number;
  readonly #view: string;
  /** Nothing from here on may be looked at. */
  readonly #until: number;
  #left: Left | undefined;
  #shouted: boolean | undefined;

  constructor(view: string, words: readonly Word[], place: number, end: number) {
    const right = readRight(view, place, end);
    this.words = words;
    this.right = right.words;
    this.rightEnds = right.ends;
    this.apposition =
      view.charAt(place) === ',' &&
      APPOSITION.test(view.slice(place, Math.min(place + MAX_APPOSITION_CHARACTERS, end + 1)));
    this.numbered =
      view.charAt(place) === ' ' && place + 1 < end + 1 && kindOf(view.charCodeAt(place + 1)) === DIGIT;
    this.dosed = this.numbered && DOSE.test(view.slice(place, Math.min(place + MAX_DOSE_CHARACTERS, end)));
    this.compound = view.charAt(place) === '-' && place < end && kindOf(view.charCodeAt(place + 1)) === LOWER;
    this.end = place;
    this.#view = view;
    this.#until = end;
  }

  /** What stands behind it, as far as it may be looked at. */
  get behind(): string {
    return this.#view.slice(this.end, Math.min(this.#until, this.end + MAX_BEHIND_CHARACTERS));
  }

  /** The characters directly before it, of whatever sort. */
  get ahead(): string {
    const start = this.words[0]?.start ?? 0;
    return this.#view.slice(Math.max(0, start - MAX_BEHIND_CHARACTERS), start);
  }

  /** Whether ordinary words of it are written in capitals: then those say nothing of the others. */
  get shouted(): boolean {
    this.#shouted ??= this.words.some(
      (word) => word.upper && !word.initial && (word.flags & WORD_COMMON) !== 0 && word.end - word.start > 2,
    );
    return this.#shouted;
  }

  /** What stands before it. */
  get left(): Left {
    this.#left ??= readLeft(this.#view, this.words[0]?.start ?? 0);
    return this.#left;
  }
}

/** Reads the run that begins at a capital letter. Nothing from `end` on becomes part of it. */
export function readRun(view: string, start: number, end: number): Run {
  const words: Word[] = [];
  let place = start;
  let gap: Gap = 'none';
  for (;;) {
    const word = readWord(view, place, end, gap);
    words.push(word);
    place = wordEnd(word);
    if (words.length >= MAX_WORDS) break;
    const join = readJoin(view, place, end);
    if (join === undefined) break;
    for (const [from, to] of join.links) words.push(new Word(view, from, to, 'space', true, LINK_LETTERS));
    place = join.place;
    gap = join.gap;
  }
  return new Run(view, words, place, end);
}

function readWord(view: string, start: number, end: number, gap: Gap): Word {
  const most = Math.min(end, start + MAX_WORD_CHARACTERS);
  let to = start;
  let capitals = 0;
  let small = 0;
  let digits = 0;
  for (; to < most; to++) {
    const unit = view.charCodeAt(to);
    const kind = kindOf(unit);
    if (kind === LOWER) small += 1;
    else if (kind === UPPER) capitals += 1;
    else if (kind === DIGIT) digits += 1;
    else if (unit !== APOSTROPHE || to + 1 >= most || kindOf(view.charCodeAt(to + 1)) === OTHER) break;
  }
  const last = view.charCodeAt(to - 1);
  const possessive =
    to - start > 2 && view.charCodeAt(to - 2) === APOSTROPHE && (last === SMALL_S || last === CAPITAL_S);
  if (possessive && last === SMALL_S) small -= 1;
  const letters = {
    capitals,
    small,
    digits,
    possessive,
    stop: to < end && view.charCodeAt(to) === FULL_STOP,
  };
  return new Word(view, start, possessive ? to - 2 : to, gap, false, letters);
}

/** Behind the word, its possessive included. */
function wordEnd(word: Word): number {
  return word.end + (word.possessive ? 2 : 0);
}

/** What leads from the end of a word to the next capital: a separator, and small words perhaps. */
function readJoin(
  view: string,
  from: number,
  end: number,
): { gap: Gap; place: number; links: [number, number][] } | undefined {
  let place = from;
  let gap: Gap = 'space';
  const c = view.charAt(place);
  if (c !== ' ' && c !== ',' && c !== '.' && c !== '-' && c !== '/') return undefined;
  if (c === '-' || c === '/') {
    gap = c === '-' ? 'hyphen' : 'slash';
    place += 1;
    return isCapital(view, place, end) ? { gap, place, links: [] } : undefined;
  }
  if (c === ',') gap = 'comma';
  if (c === '.') gap = 'stop';
  if (gap !== 'space') place += 1;
  if (gap === 'stop' && isCapital(view, place, end)) return { gap, place, links: [] };
  const spaced = skipSpaces(view, place, end);
  if (spaced === undefined) return undefined;
  place = spaced;
  if (view.charAt(place) === '&' && gap === 'space') {
    const behind = skipSpaces(view, place + 1, end);
    return behind !== undefined && isCapital(view, behind, end)
      ? { gap: 'and', place: behind, links: [] }
      : undefined;
  }
  const links: [number, number][] = [];
  while (!isCapital(view, place, end)) {
    let to = place;
    while (to < end && kindOf(view.charCodeAt(to)) === LOWER) to += 1;
    if (links.length === MAX_LINKS || gap === 'stop' || !LINK_WORDS.has(view.slice(place, to)))
      return undefined;
    links.push([place, to]);
    if (view.charAt(to) === '-' || view.charAt(to) === "'") {
      place = to + 1;
      if (!isCapital(view, place, end)) return undefined;
      break;
    }
    if (view.charAt(to) === '.') to += 1;
    const behind = skipSpaces(view, to, end);
    if (behind === undefined) return undefined;
    place = behind;
  }
  return { gap, place, links };
}

/** The place behind one or two spaces. */
function skipSpaces(view: string, from: number, end: number): number | undefined {
  if (from >= end || view.charAt(from) !== ' ') return undefined;
  return view.charAt(from + 1) === ' ' ? from + 2 : from + 1;
}

function isCapital(view: string, place: number, end: number): boolean {
  return place < end && kindOf(view.charCodeAt(place)) === UPPER;
}

function readRight(view: string, from: number, end: number): { words: string[]; ends: number[] } {
  const words: string[] = [];
  const ends: number[] = [];
  let place = from;
  while (words.length < MAX_RIGHT_WORDS) {
    const start = skipSpaces(view, place, end);
    if (start === undefined) break;
    let to = start;
    while (to < end && kindOf(view.charCodeAt(to)) === LOWER) to += 1;
    if (to === start) break;
    words.push(view.slice(start, to));
    ends.push(to);
    place = to;
  }
  return { words, ends };
}
