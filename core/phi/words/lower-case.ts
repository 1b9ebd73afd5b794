import type { Rule } from '../engine/rule.ts';
import {
  CITY_WORD,
  COUNTRY,
  EPONYM,
  FAMILY,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  MONTH,
  NAME,
  PARTICLE,
  ROLE,
  STATE,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import { anyOf } from './any-of.ts';
import { NAMED_AFTER } from './cues.ts';
import { LOWER_EPONYMS, LOWER_PEOPLE } from './lower-names.ts';

const CUE = `(?:pt|patient|patients?'? name|named|name|names|called|to|before|after|w/|girlfriend|boyfriend|partner|roommate|aunt|uncle|cousin|grandma|grandpa|nurse|dr|for|with|by|from|re|about|regarding|mom|dad|mother|father|wife|husband|daughter|son|sister|brother|baby|client|resident|hi|hello|hey|thanks|dear|i'm|i am|this is|its|it's|saw|see|seeing|met|told|asked|page|paged|text|texted|look at|care of|records of|check on|and|that|because|when|if|is|was|or|but|than|of|on|per|cc|attn|remind|schedule|reschedule|book|refer|discharge|discharged|admit|admitted|transfer|transferred|consult|move|send|give|is it|did|does|has|can|my|our|old|little|poor|good|neighbor|boss|friend|landlord|sitter|mrs|mr|ms|miss|aka|née|nee|alias|not|w)`;
const NOT_ALONE = WORD | MEDICAL | ROLE | EPONYM | COUNTRY;
const NAME_ALONE = { any: NAME, none: NOT_ALONE };
const INITIAL_CHARACTERS = 3;
/** A rarer name has more, one that does what things do as well one more. */
const MIN_ACTOR_CHARACTERS = 3;
/** Behind "by", "and" and the like a shorter name must be a usual one. */
const MIN_RARE_CHARACTERS = 5;
export const WORD_FORM = `[a-zà-öø-ÿ][a-zà-öø-ÿ'-]{1,24}`;

/** How many names one pattern may have. */
const PORTION = 420;

function portions(names: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(names.length / PORTION) }, (_, part) =>
    names.slice(part * PORTION, (part + 1) * PORTION),
  );
}

/** Names that need no cue; in parts, since the automaton bounds the size of one pattern. */
const KNOWN_RULES: readonly Rule[] = [...portions(LOWER_PEOPLE), ...portions(LOWER_EPONYMS)].map(
  (names, part) => ({
    entity: 'PERSON',
    name: `person.lower-case-known-${part + 1}`,
    score: 0.6,
    // "polycythemia vera", "aloe vera": Latin.
    unless: `(?i:polycyth(?:a)?emia|aloe|cutis|rubra|conjugata|decidua|p\\.${LOWER_EPONYMS.includes(names[0] ?? '') ? '|the|a|an|this|that|place|placed|insert|inserted|pull|pulled|remove|removed|flush|flushed|swap|exchange' : ''}) |[À-ɏ]`,
    value: `${anyOf(names)}(?:'s|,? ${WORD_FORM}(?: ${WORD_FORM})?)?`,
    check: checkKnownName,
  }),
);

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
    // "Sjögren's" is one word.
    unless: '[À-ɏ]',
    value: `${WORD_FORM}'s`,
    check: checkLowerCaseWord,
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case',
    score: 0.6,
    first: { any: NAME, none: WORD | MEDICAL | ROLE },
    before: `${CUE}(?:'s)?[ :,]{1,2}`,
    value: `${WORD_FORM}(?: ${WORD_FORM}){0,3}`,
    check: checkLowerCaseName,
  },
  {
    // At the start of a line, a sentence or a cell.
    entity: 'PERSON',
    name: 'person.lower-case-first',
    score: 0.6,
    first: { any: GIVEN | FAMILY_COMMON, none: 0 },
    anywhere: true,
    before: '(?:^|\\n|[.?!:;,|\\t] ?|[(>"@-])',
    value: `${WORD_FORM} ${WORD_FORM}`,
    check: checkPair,
  },
  {
    // "kessler is", "bernard wants": who does what people do.
    entity: 'PERSON',
    name: 'person.lower-case-acts',
    score: 0.5,
    first: NAME_ALONE,
    value: `${WORD_FORM} (?:is|was|has|had|says|said|needs|wants|called|calls|came|went|got|gets|took|takes|lives|told|asked|asks|thinks|feels|will|fell|did|does|needed|wanted|reports|denies|refuses|refused|tolerated|missed|doesn't|didn't|isn't|wasn't|won't|can't|here|is here|was here)`,
    check: checkActor,
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case-named',
    score: 0.6,
    first: NAME_ALONE,
    before: `(?:pt|patient|named|name|name is|mr|mrs|ms|dr|miss|coach|nurse|teacher|daughter|son|wife|husband|sister|brother|mom|dad|mother|father|aunt|uncle|cousin|girlfriend|boyfriend|partner|roommate|neighbor|neighbour|grandson|granddaughter|grandma|grandpa|nephew|niece|stepson|stepdaughter|fiance|fiancee|caregiver|look at|check on|records of|care of|translate for|note for|letter for|labs for|call|text|email|thank you|(?:dr|doctor|nurse|pcp) is|wm\\.|rn|(?:help|spoke|seen|appt|visit|fu|f/u|here|was|is) w|w/|(?:put|move|moving|moved|admit|admitting|dc|d/c|page|update on|any update on|seen|is|rm \\d{1,3}|room \\d{1,3}|bed \\d{1,3}|\\d{1,4} \\()|\\d{1,3} ?(?:yo ?)?[mfMF])\\.?[ :,]{1,2}`,
    value: WORD_FORM,
    check: checkLowerCaseWord,
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case-labelled',
    score: 0.5,
    before: '(?:named|(?:pt|patient),? name(?: is)?|, name) ',
    value: `${WORD_FORM}(?:, ?\\d{1,3})?`,
    check: checkLabelledName,
  },
  {
    // "seen by delacroix": whoever does it, when the word is a name and nothing else.
    entity: 'PERSON',
    name: 'person.lower-case-by',
    score: 0.5,
    first: { any: NAME, none: NOT_ALONE | EPONYM | CITY_WORD },
    before:
      '(?:by|per|told|saw|asked|tell|ask|paged|page|call|called|text|texted|thx|thanks|ty|hi|hey|cc|from|and|or|with|w/|for|did|does|has|is|if|that|because) ',
    value: '[a-z][a-z-]{2,20}',
    check: (value) => {
      const flags = lookUp(value);
      const usual = value.length >= MIN_RARE_CHARACTERS || (flags & GIVEN_COMMON) !== 0;
      return usual && (flags & (EPONYM | CITY_WORD)) === 0 ? checkLowerCaseWord(value) : 0;
    },
  },
  {
    // Whoever is somebody's son, or a nurse.
    entity: 'PERSON',
    name: 'person.lower-case-kin',
    score: 0.5,
    first: { any: NAME, none: NOT_ALONE, unknown: true },
    before:
      '(?:(?:my|his|her|their|our|pts|patients) (?:older |younger |little |best |other )?(?:daughter|son|wife|husband|sister|brother|mom|dad|mother|father|aunt|uncle|cousin|girlfriend|boyfriend|partner|roommate|neighbor|neighbour|grandson|granddaughter|grandma|grandpa|nephew|niece|stepson|stepdaughter|fiance|fiancee|friend|boss|landlord|kid|baby|twin|twins|ex)|nurse|dr|mrs?|ms|miss|called|named|nicknamed|nickname is|goes by|name is|names are|translate for|letter for|note for|referral for|records of|results of|look at|check on|tell|ask|its|this is|i am|son of|daughter of|mother of|mom of|wife of|husband of|sister of|brother of|care of)\\.? ',
    value: `${WORD_FORM}(?:'s)?(?: ${WORD_FORM})?`,
    check: checkKin,
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case-initial',
    score: 0.5,
    value: '[a-z]\\. [a-z]{3,20}',
    check: (value) => (checkLowerCaseWord(value.slice(INITIAL_CHARACTERS)) > 0 ? value.length : 0),
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case-bed',
    score: 0.5,
    first: NAME_ALONE,
    value: `${WORD_FORM},? (?:in|rm|room|bed) #?\\d{1,4}`,
    check: (value) => checkLowerCaseWord(value.replace(/,? (?:in|rm|room|bed) #?\d+$/, '')),
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case-handle',
    score: 0.5,
    first: NAME_ALONE,
    anywhere: true,
    before: '(?:^|[ \\n])@',
    value: WORD_FORM,
    check: checkLowerCaseWord,
  },
];

/** The known name, and what follows it while that can only be a name too. */
function checkKnownName(value: string): number {
  const [first = '', second = '', third = ''] = value.split(/,? /);
  // "allen test", "jackson pratt drain": a thing that is called after somebody.
  const eponym = ((lookUp(first) | lookUp(second)) & EPONYM) !== 0;
  if (eponym && (NAMED_AFTER.has(second) || NAMED_AFTER.has(third))) return 0;
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

/** A usual name that is a rarer word as well: "robin", "misty", "sterling". */
export function isWordGiven(word: string): boolean {
  const flags = lookUp(word);
  return (
    (flags & GIVEN) !== 0 && (flags & WORD) !== 0 && (flags & (WORD_COMMON | MEDICAL | ROLE | MONTH)) === 0
  );
}

/** A given name that is a word as well, and a surname that is none: "robin wright", "misty delacroix". */
function checkWordPair(value: string): number {
  const [first = '', second = ''] = value.split(' ');
  const plain = second.replace(/'s$/, '');
  const flags = lookUp(plain);
  const family = (flags & FAMILY_COMMON) !== 0 && (flags & (NOT_ALONE | STATE | MONTH)) === 0;
  return isWordGiven(first) && family ? first.length + 1 + plain.length : 0;
}

/** A given name and another name, each of them nothing else, or spelled as names are. */
function checkPair(value: string): number {
  const pair = checkWordPair(value);
  if (pair > 0) return pair;
  const [first = '', second = ''] = value.split(' ');
  if ((lookUp(first) & (GIVEN | FAMILY_COMMON)) === 0 || checkLowerCaseWord(first) === 0) return 0;
  const family = second.replace(/'s$/, '');
  const named = checkLowerCaseWord(second) > 0 || (lookUp(family) === 0 && isNameLike(family));
  return named ? first.length + 1 + family.length : 0;
}

/** Somebody who acts: a usual name that is nothing else. */
function checkActor(value: string): number {
  const word = value.replace(/ .*$/, '');
  const usual = (lookUp(word) & (GIVEN_COMMON | FAMILY_COMMON)) !== 0;
  // Of the rarer ones only who does what only people do.
  const person = /(?:says|said|needs|wants|called|calls|told|asked|asks|thinks|feels|lives|here)$/.test(
    value,
  );
  // "ed is boarding 9": the emergency department.
  if (/^(?:ed|nan)$/.test(word) && !person) return 0;
  const rare = word.length > (person ? MIN_ACTOR_CHARACTERS : MIN_ACTOR_CHARACTERS + 1);
  return usual || (rare && (lookUp(word) & (EPONYM | CITY_WORD)) === 0) ? checkLowerCaseWord(word) : 0;
}

/** A name of the lists, or a word of none that is spelled as names are. */
function checkKin(value: string): number {
  const [first = '', second] = value.split(' ');
  const isName = (word: string): boolean =>
    checkLowerCaseWord(word) > 0 || (lookUp(word) === 0 && isNameLike(word));
  const word = first.replace(/'s$/, '');
  if (!isName(word)) return 0;
  return second !== undefined && word === first && isName(second) ? value.length : word.length;
}

/** A word after "name": one that is a usual name, if an ordinary word as well. */
function checkLabelledName(value: string): number {
  const word = value.replace(/,.*$/, '');
  const flags = lookUp(word);
  const usual = (flags & (FAMILY_COMMON | GIVEN_COMMON)) !== 0 && (flags & (MEDICAL | WORD_COMMON)) === 0;
  return usual ? word.length : 0;
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
    if (
      (flags & (WORD | MEDICAL)) === 0 &&
      ((flags & CITY_WORD) === 0 ? (flags & NAME) !== 0 : (flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0)
    )
      sure += 1;
    if ((flags & GIVEN_COMMON) !== 0 && names === 1) given = true;
    end = index + plain.length;
    if (plain !== word) break;
  }
  const first = lookUp(/^[^ ']+/.exec(value)?.[0] ?? '');
  return sure > 0 && (names > 1 ? (first & (GIVEN | FAMILY)) !== 0 : given) ? end : 0;
}
