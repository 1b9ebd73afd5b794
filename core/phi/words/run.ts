import { lookUpIn } from '../lexicon/look-up.ts';
import { type Left, readLeft } from './left.ts';
import { isWordAt, kindOf, LOWER, OTHER, UPPER } from './units.ts';

/** A run that goes on longer than this is cut: no name has so many words. */
const MAX_WORDS = 24;
/** A word that is longer is no name; the automaton's cap is the same. */
const MAX_WORD_CHARACTERS = 40;
/** Small words that stand inside names. What else is small ends a run. */
export const LINKS =
  'of|the|and|at|for|de|la|las|los|del|della|van|von|der|den|ten|ter|di|da|dos|das|du|le|bin|bint|ibn|al|el|y|e|st|zu';
const LINK_WORDS: ReadonlySet<string> = new Set(LINKS.split('|'));
const MAX_LINKS = 3;
const APPOSITION = /^, (?:a |an |the |who |whose |aged? |my |our |her |his |\d{1,3}\b)/;
const MAX_APPOSITION_CHARACTERS = 8;
const REGULAR = /^(?:Ma?c|O'|D'|De|Di|Du|La|Le|Van|Von|Fitz|Al|El|Mc|St)?\p{Lu}[\p{Ll}']*$/u;
const MAX_RIGHT_WORDS = 2;

/** How a word is joined to the one before it. */
export type Gap = 'none' | 'space' | 'hyphen' | 'comma' | 'stop' | 'and' | 'slash';

export interface Word {
  readonly start: number;
  /** Behind the last letter: without a possessive `'s` and without a full stop. */
  readonly end: number;
  /** In small letters, without a possessive. */
  readonly text: string;
  readonly flags: number;
  readonly gap: Gap;
  /** A small word such as `of`, which is never the first or the last of a run. */
  readonly link: boolean;
  readonly upper: boolean;
  /** Written as names are: one capital in front, or as in McDonald, O'Brien and DeShawn. */
  readonly regular: boolean;
  /** One letter, with or without its full stop. */
  readonly initial: boolean;
  readonly possessive: boolean;
  /** A full stop follows directly. */
  readonly stop: boolean;
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
  /** Behind its last word: where the reader goes on. */
  readonly end: number;
  readonly #view: string;
  #left: Left | undefined;

  constructor(view: string, words: readonly Word[], place: number, end: number) {
    const right = readRight(view, place, end);
    this.words = words;
    this.right = right.words;
    this.rightEnds = right.ends;
    this.apposition =
      view.charAt(place) === ',' &&
      APPOSITION.test(view.slice(place, Math.min(place + MAX_APPOSITION_CHARACTERS, end + 1)));
    this.end = place;
    this.#view = view;
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
    const word = readWord(view, place, end, gap, false);
    words.push(word);
    place = wordEnd(word);
    if (words.length >= MAX_WORDS) break;
    const join = readJoin(view, place, end);
    if (join === undefined) break;
    for (const [from, to] of join.links) words.push(linkWord(view, from, to));
    place = join.place;
    gap = join.gap;
  }
  return new Run(view, words, place, end);
}

function readWord(view: string, start: number, end: number, gap: Gap, link: boolean): Word {
  const most = Math.min(end, start + MAX_WORD_CHARACTERS);
  let to = start;
  let lower = false;
  while (to < most) {
    const kind = kindOf(view.charCodeAt(to));
    if (kind === OTHER && !(view.charAt(to) === "'" && to + 1 < most && isWordAt(view, to + 1))) break;
    if (kind === LOWER) lower = true;
    to += 1;
  }
  const possessive = to - start > 2 && /^'[sS]$/.test(view.slice(to - 2, to));
  const last = possessive ? to - 2 : to;
  const text = view.slice(start, last).toLowerCase();
  return {
    start,
    end: last,
    text,
    flags: lookUpIn(view, start, last),
    gap,
    link,
    upper: !lower || (possessive && !/\p{Ll}/u.test(view.slice(start, last))),
    regular: REGULAR.test(view.slice(start, last)),
    initial: last - start === 1,
    possessive,
    stop: to < end && view.charAt(to) === '.',
  };
}

function linkWord(view: string, start: number, end: number): Word {
  const text = view.slice(start, end);
  return {
    start,
    end,
    text,
    flags: lookUpIn(view, start, end),
    gap: 'space',
    link: true,
    upper: false,
    regular: true,
    initial: false,
    possessive: false,
    stop: false,
  };
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
