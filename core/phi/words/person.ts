import {
  CITY_MAJOR,
  COMPANY,
  COUNTRY,
  CREDENTIAL,
  EPONYM,
  FACILITY,
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
  TITLE,
  WEEKDAY,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import { isAcronymPair } from './acronym.ts';
import { isAssistant } from './assistant.ts';
import { wordAfter } from './beside.ts';
import { BRANDS, isBrand } from './brand.ts';
import type { Claims } from './claim.ts';
import { isEponymRow } from './eponym.ts';
import { findUnnamed } from './organization-around.ts';
import { judgeOne, MIN_UNKNOWN_CHARACTERS, ORDINARY } from './person-judge.ts';
import { judgeSeveral } from './person-several.ts';
import { findBySlot, isLead } from './person-slot.ts';
import { isNamedThing } from './person-thing.ts';
import { isTitledName } from './person-titled.ts';
import type { Word } from './run.ts';
import { isAmongTerms } from './term-place.ts';

/** Words that no name has in it, whatever else they can be. */
const NEVER = TITLE | CREDENTIAL | ROLE | WEEKDAY | COMPANY | FACILITY | COUNTRY | STATE;
const MAX_NAME_WORDS = 5;
/** In capitals a shorter word of no list is an abbreviation. */
const MIN_UNKNOWN_UPPER_CHARACTERS = 6;

/** In capitals a shorter word before a degree is rather an abbreviation. */
const MIN_CREDITED_CHARACTERS = 4;

/** Of what its place alone tells. */
const SLOT_SCORE = 0.45;

/** Finds people's names among the words of a run that are nothing else. */
export function findPersons(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i < words.length; ) {
    // "0081937-A. Mick D.": the end of a number.
    if (i === 0 && (words[0] as Word).initial && /\d-?$/.test(claims.run.ahead)) {
      i = 1;
      continue;
    }
    // "<Holder>": the name of an element.
    if (i === 0 && /<\/?$/.test(claims.run.ahead) && ((words[0] as Word).flags & WORD) !== 0) break;
    if (!claims.taken(i) && isTitledName(claims, i)) {
      claims.claim({ entity: 'PERSON', rule: 'person.slot', score: SLOT_SCORE }, i, i + 1);
      break;
    }
    const begins = mayBegin(words[i] as Word) || (words.length === 1 && isMercy(words[i] as Word));
    if (claims.taken(i) || !begins || isRoleOf(words, i)) {
      i += 1;
      continue;
    }
    const to = nameEnd(claims, i);
    const from = i;
    i = to;
    judge(claims, from, to);
  }
  findUnnamed(claims);
}

/** "Driver Clint Haugen": what somebody is stands before the name. */
function isRoleOf(words: readonly Word[], index: number): boolean {
  const [word, next] = [words[index] as Word, words[index + 1]];
  return (
    (word.flags & ROLE) !== 0 &&
    next !== undefined &&
    next.gap === 'space' &&
    !next.link &&
    (next.flags & NAME) !== 0
  );
}

function mayBegin(word: Word): boolean {
  return !word.link && isPart(word);
}

/** A usual name of hospitals, with more words then. */
function isMercy(word: Word): boolean {
  return word.text === 'mercy';
}

/** Whether the word may be a part of a name. */
function isPart(word: Word): boolean {
  const { flags } = word;
  if (!word.upper && !word.regular) return false;
  const never = flags & NEVER;
  const surname = (flags & FAMILY_COMMON) !== 0 && (never === ROLE || never === STATE);
  if ((flags & NEVER) !== 0 && (flags & GIVEN_COMMON) === 0 && !surname) return false;
  if (word.text === 'dear') return false;
  if (word.initial) return word.text !== 'i';
  if (word.text.startsWith("i'")) return false;
  if ((flags & NAME) !== 0) return true;
  // In no list: a name from elsewhere, a brand, a misspelt word.
  const least = word.upper ? MIN_UNKNOWN_UPPER_CHARACTERS : MIN_UNKNOWN_CHARACTERS;
  return (flags & ORDINARY) === 0 && word.text.length >= least;
}

/** "Lena Probe", "Gaspard Whitlow": behind a name that is certain a rarer word with a capital is a surname. */
function isSurname(before: Word, word: Word): boolean {
  const certain = (before.flags & GIVEN) !== 0 && (before.flags & (WORD | MEDICAL)) === 0 && !before.upper;
  return (
    certain &&
    word.gap === 'space' &&
    word.regular &&
    !word.upper &&
    (word.flags === WORD || word.flags === MEDICAL)
  );
}

/** Where the words that may be one name end. */
function nameEnd(claims: Claims, from: number): number {
  const { words } = claims.run;
  let to = from + 1;
  let comma = false;
  while (to < words.length && to - from < MAX_NAME_WORDS && !claims.taken(to)) {
    const word = words[to] as Word;
    const before = words[to - 1] as Word;
    if (before.possessive) break;
    if (word.link) {
      const next = words[to + 1];
      if ((word.flags & PARTICLE) === 0 || next === undefined || !isPart(next)) break;
      to += 1;
      continue;
    }
    if (word.gap === 'slash' || word.gap === 'and' || !(isPart(word) || isSurname(before, word))) break;
    if (word.gap === 'stop' && !before.initial && (before.text.length > 2 || before.upper)) break;
    if (word.gap === 'comma') {
      // "ABDI-WARSAME, OLIVIA", "WHITE, ANGELICA E"
      const hyphened = to - from === 2 && before.gap === 'hyphen' && !comma;
      if (
        hyphened &&
        ((before.flags | word.flags) & EPONYM) === 0 &&
        word.upper === before.upper &&
        (word.flags & GIVEN) !== 0
      ) {
        comma = true;
        to += 1;
        continue;
      }
      if ((before.flags & MONTH) !== 0) break;
      if (before.upper && isAcronymPair(before, word)) break;
      if (to - from === 1 && isEponymRow(words, from, to)) break;
      // One comma parts a surname from a given name.
      if (!comma && to - from === 1 && isUpperPair(before, word)) {
        comma = true;
        to += 1;
        continue;
      }
      const initial = word.initial && (word.stop || to === words.length - 1);
      if (comma || to - from > 1 || !isTurned(before, word) || !(initial || (word.flags & GIVEN) !== 0))
        break;
      if ((before.flags & CITY_MAJOR & word.flags) !== 0) break;
      comma = true;
    }
    to += 1;
  }
  while (to > from + 1 && ((words[to - 1] as Word).link || isStrayInitial(words, from, to - 1))) to -= 1;
  return to;
}

/** "KVIRIKASHVILI, SARA", "CHAPMAN, THILINI": one of them is in no list. */
function isUpperPair(before: Word, word: Word): boolean {
  if (!before.upper || !word.upper || before.initial || word.initial) return false;
  const known =
    (before.flags & FAMILY) !== 0 && (before.flags & WORD) === 0
      ? word.flags === 0
      : before.flags === 0 && (word.flags & GIVEN) !== 0;
  return known && ((before.flags | word.flags) & (MEDICAL | WORD_COMMON)) === 0;
}

/** Whether the word before a comma can be a surname. */
function isTurned(before: Word, word: Word): boolean {
  if ((before.flags & FAMILY) !== 0) return true;
  const given = (word.flags & GIVEN) !== 0 && (word.flags & (WORD | MEDICAL)) === 0;
  return given && ((before.flags & NAME) !== 0 || (before.flags === 0 && isNameLike(before.text)));
}

/** A letter at the end is the start of an initialled surname ("Anna S.") only behind a given name. */
function isStrayInitial(words: readonly Word[], from: number, index: number): boolean {
  const word = words[index] as Word;
  if (!word.initial) return false;
  // "R.T."
  if (word.stop && words.slice(from, index).every((other) => other.initial && other.stop)) return false;
  const before = words[from] as Word;
  const unknown =
    (before.flags & NAME) === 0 && !(before.flags === 0 && word.stop && isNameLike(before.text));
  return unknown || (!word.stop && index === from + 1 && (before.flags & GIVEN) === 0);
}

function judge(claims: Claims, from: number, to: number): void {
  const { words, left } = claims.run;
  const span = words.slice(from, to).filter((word) => !word.link);
  const last = span.at(-1) as Word;
  const after = wordAfter(claims, to - 1);
  const sentenceStart = from === 0 && left.first;
  const credential = hasCredential(words[to]);
  const brand = span.length === 1 ? isBrand(claims, from, after) : span.every(({ text }) => BRANDS.has(text));
  if (brand || (!credential && (isNamedThing(claims, span, after, to) || isAmongTerms(claims, from, to)))) {
    claims.exclude(from, to);
    return;
  }
  let score =
    span.length === 1
      ? judgeOne(claims, from, last, after, sentenceStart)
      : judgeSeveral(claims, from, span, after, sentenceStart);
  if (score === 0 && credential && isCredited(span)) score = 0.6;
  if (score > 0) {
    claims.claim({ entity: 'PERSON', rule: 'person.words', score }, from, to);
    return;
  }
  if (span.length === 1 && isAssistant(claims, from, after)) return;
  const end = findBySlot(claims, from, to);
  if (end > 0) claims.claim({ entity: 'PERSON', rule: 'person.slot', score: SLOT_SCORE }, from, end);
  // "Friend Tavrish Oblenko": the sentence's own first word, which some are called as well.
  else if (sentenceStart && to - from > 1 && isLeading(words, from)) judge(claims, from + 1, to);
}

/** Whether the sentence's first word stands before a name, and is no given name itself. */
function isLeading(words: readonly Word[], from: number): boolean {
  const [word, next] = [words[from] as Word, words[from + 1] as Word];
  return (
    isLead(word) && (word.flags & GIVEN_COMMON) === 0 && next.gap === 'space' && !next.link && !next.initial
  );
}

/** "Toomey, PA-C": a degree follows. */
function hasCredential(next: Word | undefined): boolean {
  if (next === undefined || !next.upper || next.text.length < 2 || (next.flags & CREDENTIAL) === 0)
    return false;
  if (/^[ivx]+$/.test(next.text)) return false;
  return next.gap === 'comma' || next.gap === 'space';
}

/** Whether a degree can be that of these words. */
function isCredited(span: readonly Word[]): boolean {
  const last = span.at(-1) as Word;
  if (span.every((word) => word.initial)) return false;
  return span.length > 1
    ? (last.flags & MEDICAL) === 0
    : ((last.flags & (WORD_COMMON | MEDICAL)) === 0 ||
        (!last.upper &&
          (last.flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0 &&
          (last.flags & MEDICAL) === 0)) &&
        (!last.upper || (last.text.length >= MIN_CREDITED_CHARACTERS && (last.flags & FAMILY) !== 0));
}
