import {
  CITY_FIRST,
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
  STATE_CODE,
  STREET,
  TITLE,
  WEEKDAY,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { placePhrase } from '../lexicon/phrase.ts';
import { wordAfter, wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import { NAMED_AFTER, PERSON_AFTER, PLACE_BEFORE, RESIDENCE_BEFORE } from './cues.ts';
import { isAmongEponyms, isBareEponym } from './eponym.ts';
import { claimHome, claimKind, claimLittle, claimNatural } from './place-kind.ts';
import { claimMade } from './place-made.ts';
import type { Word } from './run.ts';
import { isAmongTerms, isTermTown } from './term-place.ts';

const STREETS = new Set(
  'street avenue road boulevard lane drive parkway highway terrace st ave rd blvd ln'.split(' '),
);
const MAX_CITY_WORDS = 3;
/** A shorter word before a full stop is an abbreviation as often. */
const MIN_LONE_CHARACTERS = 4;
/** No place of the lists has more words. */
const MAX_PHRASE_WORDS = 6;
const NO_PLACE = MONTH | WEEKDAY | TITLE | CREDENTIAL | ROLE | STATE | COUNTRY | MEDICAL;

/** Finds cities, counties and streets in a run. */
export function findPlaces(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i < words.length; i++) {
    if (claims.taken(i)) continue;
    if (
      claimStreet(claims, i) ||
      claimBeforeState(claims, i) ||
      claimPhrase(claims, i) ||
      claimLittle(claims, i) ||
      claimKind(claims, i) ||
      claimNatural(claims, i) ||
      claimHome(claims, i) ||
      claimMade(claims, i)
    )
      continue;
    claimSingle(claims, i);
  }
}

/** "on Elm Street": a street without its number. */
function claimStreet(claims: Claims, index: number): boolean {
  const { words } = claims.run;
  let to = index;
  while (
    to < words.length &&
    to - index < MAX_CITY_WORDS &&
    (to === index || (words[to] as Word).gap === 'space')
  ) {
    const word = words[to] as Word;
    if (to > index && STREETS.has(word.text) && (word.flags & STREET) !== 0) {
      const before = wordBefore(claims, index);
      const long = word.text.length > 2;
      if (wordAfter(claims, to) === 'journal') return false;
      if (!long && !PLACE_BEFORE.has(before) && before !== 'on') return false;
      if (((words[index] as Word).flags & (MEDICAL | WEEKDAY)) !== 0) return false;
      claims.claim({ entity: 'STREET_ADDRESS', rule: 'street.name', score: 0.6 }, index, to + 1);
      return true;
    }
    to += 1;
  }
  return false;
}

/** "Cedar Rapids, IA" and "Tulsa Oklahoma": whatever stands before a state is a place. */
function claimBeforeState(claims: Claims, index: number): boolean {
  const { words } = claims.run;
  for (let to = index + 1; to <= Math.min(words.length - 1, index + MAX_CITY_WORDS); to++) {
    const state = words[to] as Word;
    if (state.gap !== 'comma' && state.gap !== 'space' && state.gap !== 'hyphen') return false;
    const isCode = state.upper && state.text.length === 2 && (state.flags & STATE_CODE) !== 0;
    const isName = (state.flags & STATE) !== 0 && !state.upper;
    if (!isCode && !isName) {
      if (state.gap === 'comma' || claims.taken(to)) return false;
      continue;
    }
    const span = words.slice(index, to);
    const known =
      span.length > 1 &&
      placePhrase(
        span.map((word) => word.text),
        0,
      ) === span.length;
    const city = known || (span.length === 1 && ((span[0] as Word).flags & CITY_WORD) !== 0);
    // "LA grade B": of an oesophagus.
    if (isCode && /^(?:grade|class)$/.test(wordAfter(claims, to))) return false;
    // MD, PA and DO are degrees as well; IN, OR and ME are words in a text of capitals.
    if (isCode && !city && (state.flags & CREDENTIAL) !== 0) return false;
    if (!city && (state.gap !== 'comma' || span.some((word) => (word.flags & NO_PLACE) !== 0))) return false;
    // "the Canadian CT Head Rule"
    if (isCode && state.gap === 'space' && ((span[0] as Word).flags & COUNTRY) !== 0) return false;
    // "Nelson, Conn, Addison": diseases in a row.
    if (isName && (state.flags & EPONYM) !== 0 && ((span[0] as Word).flags & EPONYM) !== 0) return false;
    // "Maine, Vermont": states in a row.
    if (isName && span.length === 1 && ((span[0] as Word).flags & STATE) !== 0) return false;
    if (!city && isName && (state.flags & NAME) !== 0 && !isPlaceCue(claims, index)) return false;
    if (span.every((word) => word.upper) && !city && state.gap !== 'comma') return false;
    claims.claim({ entity: 'CITY', rule: 'city.state', score: 0.85 }, index, to);
    return true;
  }
  return false;
}

function isPlaceCue(claims: Claims, index: number): boolean {
  return PLACE_BEFORE.has(wordBefore(claims, index));
}

/** Regions and a classification that begin as cities do. */
const REGIONS = /^(?:new england|new york (?:heart|state)|rocky mountain|west nile)/;

/** "Salt Lake City": a known place of several words. */
function claimPhrase(claims: Claims, index: number): boolean {
  const { words } = claims.run;
  if (((words[index] as Word).flags & CITY_FIRST) === 0) return false;
  let end = index + 1;
  while (end < words.length && !claims.taken(end) && /^(?:space|hyphen|stop)$/.test((words[end] as Word).gap))
    end += 1;
  if (end - index < 2) return false;
  const span = words.slice(index, Math.min(end, index + MAX_PHRASE_WORDS));
  const length = placePhrase(
    span.map((word) => word.text),
    0,
  );
  if (length < 2 || REGIONS.test(span.map((word) => word.text).join(' '))) return false;
  if (isTermTown(claims, index, index + length)) return false;
  const phrase = span.slice(0, length);
  const cue = isPlaceCue(claims, index);
  // Names of people and ordinary words are cities too: "Sun City", "Grand Rapids", "Santa Ana", "Mary Esther".
  const person = phrase.every((word) => (word.flags & NAME) !== 0 && (word.flags & CITY_WORD) === 0);
  const ordinary = phrase.every((word) => (word.flags & (WORD_COMMON | MEDICAL)) !== 0);
  if ((person || ordinary) && !cue) return false;
  if (NAMED_AFTER.has(wordAfter(claims, index + length - 1)) && !cue) return false;
  // "San Francisco Syncope Rule"
  const next = words[index + length];
  if (next?.gap === 'space' && !next.link && (next.flags & MEDICAL) !== 0 && !cue) return false;
  claims.claim({ entity: 'CITY', rule: 'city.known', score: 0.75 }, index, index + length);
  return true;
}

/** "Marburg, Norwalk, Coxsackie": in a row with things of medicine. */
function isBesideTerm(claims: Claims, index: number): boolean {
  const { words } = claims.run;
  const [before, word, next] = [words[index - 1], words[index] as Word, words[index + 1]];
  const isTerm = (other: Word | undefined) =>
    other !== undefined &&
    !other.upper &&
    (other.flags & MEDICAL) !== 0 &&
    (other.flags & (NAME | CITY_WORD)) === 0;
  return (word.gap === 'comma' && isTerm(before)) || (next?.gap === 'comma' && isTerm(next));
}

function claimSingle(claims: Claims, index: number): void {
  const word = claims.run.words[index] as Word;
  const told = (word.flags & CITY_MAJOR) !== 0 && RESIDENCE_BEFORE.has(wordBefore(claims, index));
  if (word.link || word.initial || (word.flags & (told ? NO_PLACE & ~(MEDICAL | COUNTRY) : NO_PLACE)) !== 0)
    return;
  // "America/Chicago" is a time zone.
  if (
    word.gap === 'slash' &&
    /^(?:america|europe|asia|africa|us|pacific|australia|canada)$/.test(
      claims.run.words[index - 1]?.text ?? '',
    )
  ) {
    claims.exclude(index - 1, index + 1);
    return;
  }
  // "Hb Chesapeake", "He drives a Tacoma", "Tokyo 2018": what is called after a town.
  const article = /^(?:a|an)$/.test(wordBefore(claims, index)) && (word.flags & NAME) === 0;
  const whole = word.gap !== 'hyphen' && claims.run.words[index + 1]?.gap !== 'hyphen';
  const term = whole && (isAmongTerms(claims, index, index + 1) || isTermTown(claims, index, index + 1));
  if ((word.flags & CITY_WORD) !== 0 && (article || term)) {
    claims.exclude(index, index + 1);
    return;
  }
  const { shouted } = claims.run;
  if (word.upper ? (word.flags & CITY_MAJOR) === 0 && !shouted : !word.regular) return;
  const before = wordBefore(claims, index);
  const after = wordAfter(claims, index);
  const next = claims.run.words[index + 1];
  const follows = next !== undefined && next.gap !== 'comma' && next.gap !== 'stop' && !next.link;
  // "LIVES IN GALLUP WITH WIFE", "seen in Gallup ER"
  const apart =
    next?.upper === true &&
    !/^[ivx]+$/.test(next.text) &&
    (next.flags & (shouted ? WORD_COMMON | MEDICAL | MONTH : MEDICAL)) !== 0;
  const joined = follows && !apart;
  if (NAMED_AFTER.has(after) || word.possessive) return;
  const found = { entity: 'CITY', rule: 'city.word', score: 0.6 } as const;
  const isCity = (word.flags & CITY_WORD) !== 0;
  // "at our Chandler location".
  if (isCity && /^(?:location|office|campus|branch|area|store|site|resident|native)$/.test(after)) {
    claims.claim(found, index, index + 1);
    return;
  }
  // "4410 N Lamar Blvd Austin"
  const street = claims.run.words[index - 1];
  if (isCity && street !== undefined && STREETS.has(street.text) && word.gap === 'space') {
    claims.claim(found, index, index + 1);
    return;
  }
  const isWord = (word.flags & (WORD | WORD_COMMON)) !== 0;
  if (isCity && PLACE_BEFORE.has(before) && !joined && !(claims.run.left.first && index === 0)) {
    const named = (word.flags & NAME) !== 0 && PERSON_AFTER.has(after);
    // "to Austin" and "at Jackson" may be people, but they are somebody's or somewhere, and masked either way.
    const part = before === 'of' && (isWord || (word.flags & (NAME | EPONYM)) !== 0);
    if (!named && !part) claims.claim(found, index, index + 1);
    return;
  }
  // "Fargo. Sore throat for 3 days": a sentence of its own.
  const lone =
    index === 0 && (next === undefined || next.gap === 'stop') && claims.run.left.first && word.stop;
  if (isCity && lone && !isWord && !isBareEponym(word) && word.text.length > MIN_LONE_CHARACTERS) {
    claims.claim({ ...found, score: 0.45 }, index, index + 1);
    return;
  }
  // "Lawton 5/8", "Dubin-Johnson, Gilbert": scales and diseases that are called after towns.
  const graded = claims.run.numbered && next === undefined && index === 0;
  if ((word.flags & EPONYM) !== 0 && (graded || isAmongEponyms(claims, index, index + 1))) return;
  if (word.upper && (word.flags & CITY_MAJOR) === 0) return;
  if (isCity && isBesideTerm(claims, index)) return;
  // "Liverpool interaction checker" at the start of a sentence.
  if (
    index === 0 &&
    claims.run.left.first &&
    /^[a-z]/.test(claims.run.right[0] ?? '') &&
    !/^(?:is|and|or|area|resident|native|on|in|at|for|to|by|with|pt|patient|pts|clinic|office|er|ed|hospital|lady|man|woman|guy|family|pharmacy|location|crew|site)$/.test(
      after,
    )
  )
    return;
  if (isCity && !isWord && !joined && (word.flags & (NAME | EPONYM)) === 0) {
    claims.claim(found, index, index + 1);
    return;
  }
  // "Miami" is a collar and "Flagstaff" a word, but not where a place is told.
  const listed =
    word.gap === 'comma' ||
    (next?.gap === 'comma' && index > 0) ||
    (index === 0 && !claims.run.left.first && before === '');
  const common = (word.flags & WORD_COMMON) !== 0;
  if (
    (word.flags & CITY_MAJOR) !== 0 &&
    !joined &&
    !common &&
    (listed || (!isWord && (word.flags & EPONYM) === 0))
  ) {
    claims.claim(found, index, index + 1);
    return;
  }
  const unknown = (word.flags & ~(NAME | CITY_WORD | CITY_FIRST)) === 0 && !word.upper;
  if (unknown && RESIDENCE_BEFORE.has(before) && !joined && word.text.length > 3) {
    claims.claim({ ...found, score: 0.5 }, index, index + 1);
  }
}
