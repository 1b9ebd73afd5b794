import {
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

/** What small towns, villages and homes end with: "Rooks Bend", "Sunrise Acres". */
const ENDINGS = words(
  `creek bend grove ridge hollow landing junction crossing crossings mills valley harbor harbour bay lake lakes hills gap
  ferry fork forks rapids prairie bluff bluffs glen woods shores acres meadows pines oaks village island isle cove mesa
  canyon flats plains brook river gardens estates commons corners quarry knob mound basin narrows bayou hamlet ranch
  hill park gulch springs falls heights beach`,
);
/** What they begin with: "Lake Wendell", "Port Renner". */
const BEGINNINGS = words('lake port cape rancho bayou glen mount mt camp isla villa mission casa rio sierra loma');
/** Behind a place's name it is what was found there: "Rift Valley fever". */
const FOUND_THERE = words('fever virus encephalitis water');
const NO_PLACE = MONTH | WEEKDAY | TITLE | CREDENTIAL | ROLE | COUNTRY | MEDICAL;
/** A town's own name has more letters. */
const MIN_CHARACTERS = 3;

/** "near Rooks Bend", "from Port Renner": a town that no list has, by the way such towns are called. */
export function claimNatural(claims: Claims, index: number): boolean {
  const { words: all, left } = claims.run;
  const [word, next] = [all[index] as Word, all[index + 1]];
  if (next === undefined || next.gap !== 'space' || next.link || claims.taken(index + 1)) return false;
  if (word.upper || next.upper || !word.regular || !next.regular || next.possessive || word.possessive)
    return false;
  const ends = ENDINGS.has(next.text);
  if (!ends && !BEGINNINGS.has(word.text)) return false;
  const own = ends ? word : next;
  if (!isOwnName(own)) return false;
  const cue = PLACE_BEFORE.has(wordBefore(claims, index));
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

function isOwnName(word: Word): boolean {
  if (word.text.length < MIN_CHARACTERS || GENERIC.has(word.text)) return false;
  if ((word.flags & NO_PLACE) !== 0 || (word.flags & STATE) !== 0) return false;
  return (word.flags & EPONYM) === 0 || !isBareEponym(word);
}
