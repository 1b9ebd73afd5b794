import {
  CITY_WORD,
  COUNTRY,
  EPONYM,
  FAMILY,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  NAME,
  PARTICLE,
  ROLE,
  WORD,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import type { Rule } from '../rule.ts';
import { anyOf } from './any-of.ts';
import { LOWER_FAMILY, LOWER_GIVEN } from './lower-names.ts';

const CUE = `(?:pt|patient|patients?'? name|named|name|names|called|to|before|after|w/|girlfriend|boyfriend|partner|roommate|aunt|uncle|cousin|grandma|grandpa|nurse|dr|for|with|by|from|re|about|regarding|mom|dad|mother|father|wife|husband|daughter|son|sister|brother|baby|client|resident|hi|hello|hey|thanks|dear|i'm|i am|this is|its|it's|saw|see|seeing|met|told|asked|page|paged|text|texted|and)`;
const NOT_ALONE = WORD | MEDICAL | ROLE | EPONYM | COUNTRY;
const WORD_FORM = `[a-zà-öø-ÿ][a-zà-öø-ÿ'-]{1,24}`;

/** Names that need no cue; in parts, since the automaton bounds the size of one pattern. */
const KNOWN_RULES: readonly Rule[] = [
  LOWER_GIVEN.filter((name) => name < 'k'),
  LOWER_GIVEN.filter((name) => name >= 'k'),
  LOWER_FAMILY,
].map((names, part) => ({
  entity: 'PERSON',
  name: `person.lower-case-known-${part + 1}`,
  score: 0.6,
  value: `${anyOf(names)}(?:'s|,? ${WORD_FORM}(?: ${WORD_FORM})?)?`,
  check: checkKnownName,
}));

/**
 * Names in small letters, as people type them: the words after a cue that are names in the lists and nothing
 * else. A single one must be a usual given name.
 */
export const LOWER_CASE_RULES: readonly Rule[] = [
  ...KNOWN_RULES,
  {
    entity: 'PERSON',
    name: 'person.lower-case-possessive',
    score: 0.5,
    value: `${WORD_FORM}'s`,
    check: checkLowerCaseWord,
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case',
    score: 0.6,
    before: `${CUE}(?:'s)?[ :,]{1,2}`,
    value: `${WORD_FORM}(?: ${WORD_FORM}){0,3}`,
    check: checkLowerCaseName,
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case-named',
    score: 0.6,
    before: `(?:pt|patient|named|name|name is|mr|mrs|ms|dr|miss|w/|\\d{1,3} ?(?:yo ?)?[mfMF])\\.?[ :,]{1,2}`,
    value: WORD_FORM,
    check: checkLowerCaseWord,
  },
];

/** The known name, and what follows it while that can only be a name too. */
function checkKnownName(value: string): number {
  let end = 0;
  for (const { 0: word, index } of value.matchAll(/[^ ,]+/g)) {
    const plain = word.replace(/'s$/, '');
    const flags = plain.split('-').reduce((all, part) => all | lookUp(part), 0);
    const name = (flags & NAME) !== 0 && (flags & (WORD | MEDICAL | ROLE)) === 0;
    if (end > 0 && !name) break;
    end = index + plain.length;
    if (plain !== word) break;
  }
  return end;
}

/** Any word of the lists that is a name and nothing else. */
function checkLowerCaseWord(value: string): number {
  const plain = value.replace(/'s$/, '');
  const flags = plain.split('-').reduce((all, part) => all | lookUp(part), 0);
  return (flags & NAME) !== 0 && (flags & NOT_ALONE) === 0 ? plain.length : 0;
}

function checkLowerCaseName(value: string): number {
  let end = 0;
  let names = 0;
  let sure = 0;
  let given = false;
  for (const { 0: word, index } of value.matchAll(/[^ ]+/g)) {
    const plain = word.replace(/'s$/, '');
    const flags = plain.split('-').reduce((all, part) => all | lookUp(part), 0);
    if (names > 0 && (flags & PARTICLE) !== 0) continue;
    if ((flags & (NAME | WORD | MEDICAL)) !== 0 && (flags & NAME) === 0) break;
    // After one name that is certain, a word of no list is its surname.
    if ((flags & NAME) === 0 && sure === 0) break;
    if (
      (flags & (WORD | ROLE | MEDICAL)) !== 0 &&
      !(sure > 0 && (flags & FAMILY) !== 0 && (flags & ROLE) === 0)
    )
      break;
    names += 1;
    if ((flags & (WORD | MEDICAL | CITY_WORD)) === 0 && (flags & NAME) !== 0) sure += 1;
    if ((flags & GIVEN_COMMON) !== 0 && names === 1) given = true;
    end = index + plain.length;
    if (plain !== word) break;
  }
  const first = lookUp(/^[^ ']+/.exec(value)?.[0] ?? '');
  return sure > 0 && (names > 1 ? (first & (GIVEN | FAMILY)) !== 0 : given) ? end : 0;
}
