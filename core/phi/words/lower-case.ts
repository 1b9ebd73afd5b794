import type { Rule } from '../engine/rule.ts';
import {
  CITY_FIRST,
  CITY_WORD,
  COUNTRY,
  EPONYM,
  FAMILY,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  NAME,
  PARTICLE,
  ROLE,
  STATE,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp, lookUpIn } from '../lexicon/look-up.ts';
import { placePhrase } from '../lexicon/phrase.ts';
import { anyOf } from './any-of.ts';
import { LOWER_CITIES, LOWER_FAMILY, LOWER_GIVEN, LOWER_ORGANIZATIONS } from './lower-names.ts';

const CUE = `(?:pt|patient|patients?'? name|named|name|names|called|to|before|after|w/|girlfriend|boyfriend|partner|roommate|aunt|uncle|cousin|grandma|grandpa|nurse|dr|for|with|by|from|re|about|regarding|mom|dad|mother|father|wife|husband|daughter|son|sister|brother|baby|client|resident|hi|hello|hey|thanks|dear|i'm|i am|this is|its|it's|saw|see|seeing|met|told|asked|page|paged|text|texted|look at|care of|records of|check on|and)`;
const NOT_ALONE = WORD | MEDICAL | ROLE | EPONYM | COUNTRY;
/** What may stand behind a place. */
const AFTER_PLACE =
  /^(?:and|or|on|for|with|who|today|tomorrow|yesterday|last|since|but|is|was|at|by|office|area|clinic|[a-z]{2})$/;
/** Words that are in no list and name what every hospital has. */
const KINDS = /^(?:snf|childrens|rehab|walk-in|outpt|inpt|tele|peds|icu|er|ed|onc|ortho|med)$/;
const INITIAL_CHARACTERS = 3;
const WORD_FORM = `[a-zà-öø-ÿ][a-zà-öø-ÿ'-]{1,24}`;

/** Tells by the lists whether a text's word in small letters may begin a value; one with more than letters may. */
function beginsWith(fits: (flags: number) => boolean): (text: string, place: number) => boolean {
  return (text, place) => {
    let end = place;
    let unit = text.charCodeAt(end);
    for (; unit >= SMALL_A && unit <= SMALL_Z; unit = text.charCodeAt(end)) end += 1;
    return unit === HYPHEN || unit === APOSTROPHE || unit > LAST_ASCII || fits(lookUpIn(text, place, end));
  };
}

const SMALL_A = 0x61;
const SMALL_Z = 0x7a;
const HYPHEN = 0x2d;
const APOSTROPHE = 0x27;
const LAST_ASCII = 0x7f;
const beginsName = beginsWith((flags) => (flags & NAME) !== 0 && (flags & (WORD | ROLE | MEDICAL)) === 0);
const beginsLoneName = beginsWith((flags) => (flags & NAME) !== 0 && (flags & NOT_ALONE) === 0);
const beginsPlace = beginsWith((flags) => (flags & (CITY_WORD | CITY_FIRST)) !== 0);

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
    begins: beginsName,
    value: `${WORD_FORM}(?: ${WORD_FORM}){0,3}`,
    check: checkLowerCaseName,
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case-named',
    score: 0.6,
    before: `(?:pt|patient|named|name|name is|mr|mrs|ms|dr|miss|coach|nurse|teacher|daughter|son|wife|husband|sister|brother|mom|dad|mother|father|aunt|uncle|cousin|girlfriend|boyfriend|partner|roommate|neighbor|neighbour|grandson|granddaughter|grandma|grandpa|nephew|niece|stepson|stepdaughter|fiance|fiancee|caregiver|look at|check on|records of|care of|translate for|note for|letter for|labs for|call|text|email|thank you|(?:dr|doctor|nurse|pcp) is|wm\\.|rn|(?:help|spoke|seen|appt|visit|fu|f/u|here|was|is) w|w/|\\d{1,3} ?(?:yo ?)?[mfMF])\\.?[ :,]{1,2}`,
    begins: beginsLoneName,
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
    begins: beginsLoneName,
    value: `${WORD_FORM},? (?:in|rm|room|bed) #?\\d{1,4}`,
    check: (value) => checkLowerCaseWord(value.replace(/,? (?:in|rm|room|bed) #?\d+$/, '')),
  },
  {
    entity: 'PERSON',
    name: 'person.lower-case-handle',
    score: 0.5,
    anywhere: true,
    before: '(?:^|[ \\n])@',
    value: WORD_FORM,
    check: checkLowerCaseWord,
  },
  {
    entity: 'CITY',
    name: 'city.lower-case-known',
    score: 0.6,
    value: anyOf(LOWER_CITIES),
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-known',
    score: 0.6,
    value: anyOf(LOWER_ORGANIZATIONS),
  },
  {
    entity: 'CITY',
    name: 'city.lower-case',
    score: 0.5,
    before:
      '(?:in|from|near|outside|around|to|lives? in|moved to|visiting|downtown|at (?:our|the)|in (?:our|the)) ',
    begins: beginsPlace,
    value: `${WORD_FORM}(?: ${WORD_FORM}){0,2}`,
    check: checkLowerCaseCity,
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case',
    score: 0.6,
    before: '(?:at|from|to|in|hx|by|via|per|of|into|the|near|for|works|via) ',
    value:
      "(?:[a-z][a-z'-]{2,20} ){1,3}(?:hospital|medical center|med center|clinic|snf|manor|nursing home|rehab|nursing and rehab|care center|health center|hospice|high school|middle school|elementary|elementary school|university|college|pharmacy|surgery center|urgent care|cancer center|childrens|dialysis|orthopedics|dermatology|pediatrics|cardiology|oncology|physical therapy|family medicine|internal medicine|family practice|eye center|behavioral health|pain institute|(?:dermatology|cardiology|oncology|orthopedic|medical|dental|surgical|health) (?:group|associates|partners|center))",
    check: checkLowerCaseOrganization,
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-of',
    score: 0.6,
    value: '(?:university|college) of [a-z]{3,20}',
    check: (value) => ((lookUp(value.replace(/^.* /, '')) & (CITY_WORD | STATE)) === 0 ? 0 : value.length),
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-saint',
    score: 0.6,
    value: "(?:st|saint)\\.? [a-z]{3,15}(?:'s|s)?(?: (?:hospital|medical center|clinic|health|er|ed|icu))?",
    check: checkSaint,
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

/** A word after "name": one that is a usual name, if an ordinary word as well. */
function checkLabelledName(value: string): number {
  const word = value.replace(/,.*$/, '');
  const flags = lookUp(word);
  const usual = (flags & (FAMILY_COMMON | GIVEN_COMMON)) !== 0 && (flags & (MEDICAL | WORD_COMMON)) === 0;
  return usual ? word.length : 0;
}

/** The place that the words begin with, the longest that is known. */
function checkLowerCaseCity(value: string): number {
  const words = value.split(' ');
  const count = placePhrase(words, 0);
  const phrase = words.slice(0, count);
  // "to high point" and "in spring valley" may be a place; words of every day alone are none.
  if (count > 1 && phrase.some((word) => (lookUp(word) & (WORD | MEDICAL)) === 0))
    return phrase.join(' ').length;
  const [word = '', next = ''] = words;
  const flags = lookUp(word);
  if ((flags & CITY_WORD) === 0 || (flags & (WORD | MEDICAL | ROLE | COUNTRY | STATE)) !== 0) return 0;
  return (flags & EPONYM) !== 0 && next !== '' && !AFTER_PLACE.test(next) ? 0 : word.length;
}

/** A place of care by its kind, when one of its own words is no ordinary one. */
function checkLowerCaseOrganization(value: string): number {
  const own = value.split(' ').filter((word) => (lookUp(word) & (WORD_COMMON | MEDICAL | ROLE)) === 0);
  const named = own.some((word) => {
    const flags = lookUp(word);
    return (flags & (NAME | CITY_WORD)) !== 0 || (flags & WORD) === 0;
  });
  return named && !KINDS.test(own.join(' ')) ? value.length : 0;
}

/** "st marys", "st. luke's": behind a saint comes a given name. */
function checkSaint(value: string): number {
  const [, name = '', kind] = /^\S+ ([a-z]+)(?:'s)?(?: (.*))?$/.exec(value) ?? [];
  const plain = name.replace(/s$/, '');
  const given = (lookUp(plain) & GIVEN_COMMON) !== 0 || (lookUp(name) & GIVEN_COMMON) !== 0;
  const plural = name.endsWith('s') || value.includes("'s");
  return given && (plural || kind !== undefined) ? value.length : 0;
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
