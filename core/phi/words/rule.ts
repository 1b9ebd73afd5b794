import type { PatternNode } from '#core/pattern/node.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import type { Mentions } from '../engine/mentions.ts';
import type { Located } from '../engine/rule.ts';
import type { RunReader } from '../engine/search.ts';
import {
  CITY_FIRST,
  CITY_WORD,
  COMPANY,
  EPONYM,
  FACILITY,
  MEDICAL,
  NAME,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUpIn } from '../lexicon/look-up.ts';
import { Claims } from './claim.ts';
import { KNOWN_FIRST } from './known-organizations.ts';
import { excludeNamedThings } from './named-things.ts';
import { findOrganizations, SMALL_HEADS } from './organization.ts';
import { findPersons } from './person.ts';
import { findPlaces } from './place.ts';
import { LINK_WORDS, LINKS, readRun } from './run.ts';
import { CAPITALS, isWordAt, kindOf, UPPER, WORD_UNITS } from './units.ts';

/** Stand for sets that no pattern can name without being slow to read. */
const CAPITAL = "\\x01(?:\\x02|')*";
const SPACES = ' {1,2}';
const LINK = `(?:${LINKS})(?:\\.?${SPACES}|[-'])`;
const JOIN = `(?:[-/.]|[,.]?${SPACES}(?:&${SPACES})?(?:${LINK}){0,3})`;
/** All that readRun may read, and nothing that goes on for ever in ordinary text. */
const RUN = `${CAPITAL}(?:${JOIN}${CAPITAL})*(?:,?${SPACES}\\x02+){0,2}`;

const SPACE = 0x20;
const COMMA = 0x2c;
/** What neither a name nor what tells one goes on behind. */
const ENDS: ReadonlySet<number> = new Set(Array.from(':\n\r;|)"%=#*?!', (c) => c.charCodeAt(0)));
/** Before the town in which somebody lives, was born or works. */
const TOWN_BEFORE =
  /(?:liv(?:es?|ed|ing)|born|raised|moved|home|house|family|work(?:s|ed|ing)?|up|resid(?:es|ing)|native|resident) (?:in|to|near|from|outside|around|of) $/;
const TOWN_BEFORE_CHARACTERS = 20;
const NOT_PLAIN = NAME | CITY_WORD | CITY_FIRST | EPONYM | FACILITY | COMPANY;

/** What a run of words may be, for the automaton. */
export const RUN_PATTERN: PatternNode = withSets(parsePattern(RUN));

/**
 * Finds people, places and organisations by what their words are and what stands around them: lists say what a
 * word can be, the run of capitalised words and its neighbours say what it is.
 */
export const WORDS_READER: RunReader = {
  entities: ['PERSON', 'ORGANIZATION', 'CITY', 'STREET_ADDRESS'],
  begins: (text, start) => kindOf(text.charCodeAt(start)) === UPPER && !isWordAt(text, start - 1),
  read,
};

/**
 * Where a single ordinary word ends that begins at a capital and leads to no other: most of what there is to read,
 * at the start of every sentence. -1 when there is more to it.
 */
function plainEnd(view: string, start: number, end: number, mentions: Mentions): number {
  let to = start + 1;
  while (to < end && isSmall(view.charCodeAt(to))) to += 1;
  if (to === start + 1) while (to < end && isLarge(view.charCodeAt(to))) to += 1;
  const flags = lookUpIn(view, start, to);
  if ((flags & (WORD | MEDICAL)) === 0 || (flags & NOT_PLAIN) !== 0) return -1;
  if (!mentions.isEmpty && mentions.has(view.slice(start, to).toLowerCase())) return -1;
  // "in Verdigris": a rarer word may be a town.
  if (
    (flags & (WORD_COMMON | MEDICAL)) === 0 &&
    TOWN_BEFORE.test(view.slice(Math.max(0, start - TOWN_BEFORE_CHARACTERS), start))
  )
    return -1;
  // "Aetna" and "UPS" are companies; "Target" begins sentences.
  const isWord = (flags & WORD) !== 0 && !isLarge(view.charCodeAt(start + 1));
  if (!isWord && KNOWN_FIRST.has(view.slice(start, to).toLowerCase())) return -1;
  if (to >= end) return to;
  const unit = view.charCodeAt(to);
  if (unit === COMMA || unit === SPACE) {
    const next = to + (unit === COMMA ? 2 : 1);
    if (unit === COMMA && view.charCodeAt(to + 1) !== SPACE) return -1;
    let behind = next;
    while (behind < end && isSmall(view.charCodeAt(behind))) behind += 1;
    if (behind === next) return isDigit(view.charCodeAt(next)) && unit === SPACE ? to : -1;
    const word = view.slice(next, behind);
    return LINK_WORDS.has(word) || SMALL_HEADS.has(word) ? -1 : to;
  }
  return ENDS.has(unit) ? to : -1;
}

function isSmall(unit: number): boolean {
  return unit >= 0x61 && unit <= 0x7a;
}

function isLarge(unit: number): boolean {
  return unit >= 0x41 && unit <= 0x5a;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** The pattern with the reader's letters in the places of the two signs. */
function withSets(node: PatternNode): PatternNode {
  switch (node.kind) {
    case 'set':
      if (node.set[0] === 1) return { kind: 'set', set: CAPITALS };
      return node.set[0] === 2 ? { kind: 'set', set: WORD_UNITS } : node;
    case 'concat':
    case 'alternate':
      return { ...node, nodes: node.nodes.map(withSets) };
    case 'repeat':
      return { ...node, node: withSets(node.node) };
    default:
      return node;
  }
}

function read(text: string, start: number, end: number, mentions: Mentions, found: Located[]): number {
  const plain = plainEnd(text, start, end, mentions);
  if (plain > 0) return plain;
  const run = readRun(text, start, end);
  const claims = new Claims(run, mentions);
  excludeNamedThings(claims);
  findOrganizations(claims);
  findPlaces(claims);
  findPersons(claims);
  found.push(...claims.located);
  return run.end;
}
