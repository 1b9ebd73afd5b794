import { negate } from '#core/pattern/chars.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import type { CompiledRule, Located } from '../rule.ts';
import { Claims } from './claim.ts';
import { findOrganizations } from './organization.ts';
import { findPersons } from './person.ts';
import { findPlaces } from './place.ts';
import { LINKS, readRun } from './run.ts';
import { CAPITALS, isWordAt, kindOf, UPPER, WORD_UNITS } from './units.ts';

/** Stand for sets that no pattern can name without being slow to read. */
const CAPITAL = "\\x01(?:\\x02|')*";
const SPACES = ' {1,2}';
const LINK = `(?:${LINKS})(?:\\.?${SPACES}|[-'])`;
const JOIN = `(?:[-/.]|[,.]?${SPACES}(?:&${SPACES})?(?:${LINK}){0,3})`;
/** All that readRun may read, and nothing that goes on for ever in ordinary text. */
const RUN = `${CAPITAL}(?:${JOIN}${CAPITAL})*(?:,?${SPACES}\\x02+){0,2}`;

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
    const claims = new Claims(readRun(view, place, end));
    findOrganizations(claims);
    findPlaces(claims);
    findPersons(claims);
    located.push(...claims.located);
    place = Math.max(claims.run.end, place + 1);
  }
  return located;
}
