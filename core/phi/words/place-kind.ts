import {
  CITY_MAJOR,
  CITY_WORD,
  COUNTRY,
  CREDENTIAL,
  EPONYM,
  MEDICAL,
  MONTH,
  NAME,
  ROLE,
  STATE,
  TITLE,
  WEEKDAY,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { wordAfter, wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import { NAMED_AFTER, PLACE_BEFORE } from './cues.ts';
import { isBareEponym } from './eponym.ts';
import { GENERIC } from './organization-words.ts';
import type { Word } from './run.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Kinds of places that stand behind their name, and before it. */
const KINDS = new Set([
  'county',
  'township',
  'parish',
  'borough',
  'heights',
  'beach',
  'springs',
  'falls',
  'city',
]);
const KIND_OF = /^(?:city|town|county|village|borough|township)$/;
/** Programs and languages that things are done in. */
const PROGRAMS = new Set(
  'node next vue excel word slack teams epic outlook chrome safari edge zoom python java rust go swift windows cloud docs sheets canvas drive stata spark docker'.split(
    ' ',
  ),
);

/** What small towns, villages and homes end with: "Rooks Bend", "Sunrise Acres". */
const ENDINGS = words(
  `creek bend grove ridge hollow landing junction crossing crossings mills valley harbor harbour bay lake lakes hills gap
  ferry fork forks rapids prairie bluff bluffs glen woods shores acres meadows pines oaks village island isle cove mesa
  canyon flats plains brook river gardens estates commons corners quarry knob mound basin narrows bayou hamlet ranch
  hill park gulch springs falls heights beach`,
);
/** What they begin with: "Lake Wendell", "Port Renner". */
const BEGINNINGS = words(
  'lake port cape rancho bayou glen mount mt camp isla villa mission casa rio sierra loma',
);
/** The same where a word before tells that it is a place. */
const WEAK_ENDINGS = words('town side end district quarter station point haven view pointe bottoms');
const WEAK_BEGINNINGS = words('east west north south upper lower midtown downtown old big fort');
/** Behind a place's name it is what was found there: "Rift Valley fever". */
const FOUND_THERE = words('fever virus encephalitis water');
const NO_PLACE = MONTH | WEEKDAY | TITLE | CREDENTIAL | ROLE | COUNTRY | MEDICAL;
/** A town's own name has more letters. */
const MIN_CHARACTERS = 3;

/** "Little Haiti", "Little Italy": a neighbourhood. */
export function claimLittle(claims: Claims, index: number): boolean {
  const [word, next] = [claims.run.words[index] as Word, claims.run.words[index + 1]];
  if (word.text !== 'little' || next?.gap !== 'space' || next.link || claims.taken(index + 1)) return false;
  if ((next.flags & (COUNTRY | CITY_MAJOR)) === 0) return false;
  claims.claim({ entity: 'CITY', rule: 'city.kind', score: 0.7 }, index, index + 2);
  return true;
}

/** "Marin County", "County of Kern". */
export function claimKind(claims: Claims, index: number): boolean {
  const { words, right, rightEnds } = claims.run;
  const word = words[index] as Word;
  const next = words[index + 1];
  // "Cook County": what is a cook as well.
  const county =
    next !== undefined && /^(?:county|parish)$/.test(next.text) && (word.flags & CITY_WORD) !== 0;
  if ((word.flags & (county ? NO_PLACE & ~ROLE : NO_PLACE)) !== 0 || word.link) return false;
  const found = { entity: 'CITY', rule: 'city.kind', score: 0.75 } as const;
  if (next !== undefined && next.gap === 'space' && KINDS.has(next.text) && !claims.taken(index + 1)) {
    const plain = (word.flags & WORD_COMMON) !== 0 && claims.run.left.first && index === 0;
    if (plain || /^(?:county|city)$/.test(word.text)) return false;
    claims.claim(found, index, index + 2);
    return true;
  }
  if (index === words.length - 1 && /^(?:county|township|parish)$/.test(right[0] ?? '')) {
    claims.claim(found, index, index + 1, rightEnds[0]);
    return true;
  }
  if (KIND_OF.test(word.text) && next?.text === 'of' && words[index + 2] !== undefined) {
    if (((words[index + 2] as Word).flags & (WORD_COMMON | MEDICAL)) !== 0) return false;
    claims.claim(found, index, index + 3);
    return true;
  }
  return false;
}

/** "near Rooks Bend", "from Port Renner": a town that no list has, by the way such towns are called. */
export function claimNatural(claims: Claims, index: number): boolean {
  const { words: all, left } = claims.run;
  const [word, next] = [all[index] as Word, all[index + 1]];
  if (next === undefined || next.gap !== 'space' || next.link || claims.taken(index + 1)) return false;
  if (word.upper || next.upper || !word.regular || !next.regular || next.possessive || word.possessive)
    return false;
  const cue = PLACE_BEFORE.has(wordBefore(claims, index));
  const ends = ENDINGS.has(next.text) || (cue && WEAK_ENDINGS.has(next.text));
  if (!ends && !BEGINNINGS.has(word.text) && !(cue && WEAK_BEGINNINGS.has(word.text))) return false;
  const own = ends ? word : next;
  if (!isOwnName(own, cue)) return false;
  const first = left.first && index === 0;
  // A sentence begins with a word that is none elsewhere: "Hidden Valley is far".
  if (!cue && first && (word.flags & WORD) !== 0) return false;
  if (!cue && ((own.flags & WORD_COMMON) !== 0 || (!ends && (own.flags & NAME) === 0 && own.flags !== 0)))
    return false;
  const after = wordAfter(claims, index + 1);
  if (NAMED_AFTER.has(after) || FOUND_THERE.has(after)) return false;
  claims.claim({ entity: 'CITY', rule: 'city.natural', score: 0.5 }, index, index + 2);
  return true;
}

/** Where somebody lives, was born or comes from, before "in" and the like. */
const LIVING = words(
  `lives live lived living moved born raised resides residing grew home house farm back works worked working apartment trailer
  cabin family parents relatives stays staying retired relocated arrived drove flew commutes resident native`,
);

/** "lives in Verdigris": a town that is called like a rarer word. */
export function claimHome(claims: Claims, index: number): boolean {
  const { words: all, left } = claims.run;
  const word = all[index] as Word;
  const [near = '', further = ''] = left.words;
  if (index !== 0 || all.length > 1 || !/^(?:in|from|near|to|outside|around|of)$/.test(near)) return false;
  if (!LIVING.has(further) || PROGRAMS.has(word.text) || !word.regular || word.upper || word.possessive)
    return false;
  if (word.text.length < MIN_CHARACTERS || (word.flags & (NO_PLACE | STATE | WORD_COMMON)) !== 0)
    return false;
  if (NAMED_AFTER.has(wordAfter(claims, index))) return false;
  claims.claim({ entity: 'CITY', rule: 'city.home', score: 0.5 }, index, index + 1);
  return true;
}

function isOwnName(word: Word, cue: boolean): boolean {
  if (word.text.length < MIN_CHARACTERS || GENERIC.has(word.text)) return false;
  const none = cue && (word.flags & NAME) !== 0 ? NO_PLACE & ~MEDICAL : NO_PLACE;
  if ((word.flags & (none | STATE)) !== 0) return false;
  return (word.flags & EPONYM) === 0 || !isBareEponym(word);
}
