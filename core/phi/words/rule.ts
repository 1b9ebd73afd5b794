import { negate } from '#core/pattern/chars.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import { CITY_FIRST, CITY_WORD, COMPANY, EPONYM, FACILITY, NAME, WORD } from '../lexicon/flags.ts';
import type { CompiledRule, Located } from '../rule.ts';
import { Claims } from './claim.ts';
import { findOrganizations, SMALL_HEADS } from './organization.ts';
import { findPersons } from './person.ts';
import { findPlaces } from './place.ts';
import { LINKS, type Run, readRun } from './run.ts';
import { CAPITALS, isWordAt, kindOf, UPPER, WORD_UNITS } from './units.ts';

/** Stand for sets that no pattern can name without being slow to read. */
const CAPITAL = "\\x01(?:\\x02|')*";
const SPACES = ' {1,2}';
const LINK = `(?:${LINKS})(?:\\.?${SPACES}|[-'])`;
const JOIN = `(?:[-/.]|[,.]?${SPACES}(?:&${SPACES})?(?:${LINK}){0,3})`;
/** All that readRun may read, and nothing that goes on for ever in ordinary text. */
const RUN = `${CAPITAL}(?:${JOIN}${CAPITAL})*(?:,?${SPACES}\\x02+){0,2}`;

const NOT_PLAIN = NAME | CITY_WORD | CITY_FIRST | EPONYM | FACILITY | COMPANY;

const NOT_ALPHANUMERIC: PatternNode = { kind: 'set', set: negate([0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]) };

/**
 * Finds people, places and organisations by what their words are and what stands around them: lists say what a
 * word can be, the run of capitalised words and its neighbours say what it is.
 */
export const WORDS_RULE: CompiledRule = {
  entities: ['PERSON', 'ORGANIZATION', 'CITY', 'STREET_ADDRESS'],
  context: NOT_ALPHANUMERIC,
  watched: withSets(parsePattern(RUN)),
  locate,
};

/** One ordinary word, as sentences begin with: the most of what there is to read. */
function isPlain({ words, right }: Run): boolean {
  const [word] = words;
  if (word === undefined || words.length > 1 || (word.flags & WORD) === 0) return false;
  return (word.flags & NOT_PLAIN) === 0 && !SMALL_HEADS.has(right[0] ?? '');
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

function locate(view: string, from: number, limit: number, end: number): readonly Located[] {
  const located: Located[] = [];
  for (let place = from; place < limit; ) {
    if (kindOf(view.charCodeAt(place)) !== UPPER || isWordAt(view, place - 1)) {
      place += 1;
      continue;
    }
    const run = readRun(view, place, end);
    place = Math.max(run.end, place + 1);
    if (isPlain(run)) continue;
    const claims = new Claims(run);
    findOrganizations(claims);
    findPlaces(claims);
    findPersons(claims);
    located.push(...claims.located);
  }
  return located;
}
