import {
  CITY_WORD,
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
  STATE_CODE,
  STREET,
  TITLE,
  WEEKDAY,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import type { Claims } from './claim.ts';
import {
  AFTER_ANY,
  AUXILIARY,
  BASE_VERBS,
  BELONGINGS,
  FAMILY_AFTER,
  LAWS,
  NAMED_AFTER,
  PERSON_AFTER,
  PERSON_BEFORE,
  PERSON_BEFORE_STRONG,
  PERSON_DOES,
  VERB_BEFORE,
} from './cues.ts';
import { findUnnamed } from './organization.ts';
import { wordAfter, wordBefore } from './place.ts';
import type { Word } from './run.ts';

/** Eponyms that are things by themselves, and do what people do. */
const THINGS: ReadonlySet<string> = new Set(
  'foley hickman groshong swan bovie doppler holter kocher debakey port jackson bier'.split(' '),
);
/** Signs and murmurs that are called by the whole name of somebody. */
const WHOLE_EPONYMS: ReadonlySet<string> = new Set([
  'austin flint',
  'graham steell',
  'carey coombs',
  'argyll robertson',
  'marcus gunn',
  'ramsay hunt',
  'foster kennedy',
  'charles bonnet',
  'gordon holmes',
  'pel ebstein',
]);
/** Regions, diseases and companies that are named with what people are called. */
const THINGS_OF_PLACES: ReadonlySet<string> = new Set([
  'west nile',
  'rocky mountain',
  'saudi arabia',
  'boston scientific',
  'new england',
  'vinci robot',
  'tai chi',
]);
/** What an eponym alone has behind it when it is a thing, and people's names too. */
const EPONYM_AFTER: ReadonlySet<string> = new Set(
  'result results carrier status positive negative'.split(' '),
);
/** Tests and scores that are written as given names in capitals. */
const UPPER_TERMS: ReadonlySet<string> = new Set('elisa grace clara sara alice caspar'.split(' '));
/** Words that no name has in it, whatever else they can be. */
const NEVER = TITLE | CREDENTIAL | ROLE | WEEKDAY | COMPANY | FACILITY | COUNTRY | STATE;
const ORDINARY = WORD | MEDICAL | MONTH | COUNTRY | STATE | STREET | ROLE;
const MIN_UNKNOWN_CHARACTERS = 3;
const MIN_UPPER_CHARACTERS = 4;
/** An unknown word in the middle of a sentence, if it is at least this long, is rather a name than not. */
const MIN_LONE_CHARACTERS = 5;
const MAX_NAME_WORDS = 5;

/** Finds people's names among the words of a run that are nothing else. */
export function findPersons(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i < words.length; ) {
    if (claims.taken(i) || !mayBegin(words[i] as Word) || isRoleOf(words, i)) {
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

/** Whether the word may be a part of a name. */
function isPart(word: Word): boolean {
  const { flags } = word;
  if (!word.upper && !word.regular) return false;
  const surname = (flags & FAMILY_COMMON) !== 0 && (flags & NEVER) === ROLE;
  if ((flags & NEVER) !== 0 && (flags & GIVEN_COMMON) === 0 && !surname) return false;
  if (word.text === 'dear') return false;
  if (word.initial) return word.text !== 'i';
  if (word.text.startsWith("i'")) return false;
  if ((flags & NAME) !== 0) return true;
  // In no list: a name from elsewhere, a brand, a misspelt word.
  return (flags & ORDINARY) === 0 && word.text.length >= MIN_UNKNOWN_CHARACTERS && !word.upper;
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
    if (word.gap === 'slash' || word.gap === 'and' || !isPart(word)) break;
    if (word.gap === 'stop' && !before.initial && before.text.length > 2) break;
    if (word.gap === 'comma') {
      if ((before.flags & MONTH) !== 0) break;
      // One comma parts a surname from a given name.
      const initial = word.initial && (word.stop || to === words.length - 1);
      if (comma || to - from > 1 || (before.flags & FAMILY) === 0 || !(initial || (word.flags & GIVEN) !== 0))
        break;
      if ((before.flags & CITY_WORD & word.flags) !== 0) break;
      comma = true;
    }
    to += 1;
  }
  while (to > from + 1 && ((words[to - 1] as Word).link || isStrayInitial(words, from, to - 1))) to -= 1;
  return to;
}

/** A letter at the end is the start of an initialled surname ("Anna S.") only behind a given name. */
function isStrayInitial(words: readonly Word[], from: number, index: number): boolean {
  const word = words[index] as Word;
  if (!word.initial) return false;
  // "R.T."
  if (word.stop && words.slice(from, index).every((other) => other.initial && other.stop)) return false;
  const before = words[from] as Word;
  return (before.flags & NAME) === 0 || (!word.stop && index === from + 1 && (before.flags & GIVEN) === 0);
}

function judge(claims: Claims, from: number, to: number): void {
  const { words, left } = claims.run;
  const span = words.slice(from, to).filter((word) => !word.link);
  const last = span.at(-1) as Word;
  const after = wordAfter(claims, to - 1);
  const sentenceStart = from === 0 && left.first;
  const credential = hasCredential(words[to]);
  if (!credential && isNamedThing(claims, span, after, to)) {
    claims.exclude(from, to);
    return;
  }
  let score =
    span.length === 1
      ? judgeOne(claims, from, last, after, sentenceStart)
      : judgeSeveral(claims, from, span, after, sentenceStart);
  if (score === 0 && credential && isCredited(span)) score = 0.6;
  if (score > 0) claims.claim({ entity: 'PERSON', rule: 'person.words', score }, from, to);
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
    : (last.flags & (WORD_COMMON | MEDICAL)) === 0 && !last.upper;
}

/** "Parkinson's disease", "Guillain-Barré syndrome", "Glasgow Coma Scale". */
function isNamedThing(claims: Claims, span: readonly Word[], after: string, to: number): boolean {
  const last = span.at(-1) as Word;
  const eponym = span.some((word) => (word.flags & EPONYM) !== 0);
  const next = claims.run.words[to];
  const { left } = claims.run;
  const who = span[0] === claims.run.words[0] && (left.afterAge || left.afterRole);
  const medical =
    next !== undefined && (next.flags & MEDICAL) !== 0 && next.gap === 'space' && !who && !next.upper;
  const thing = NAMED_AFTER.has(after) || medical;
  if (WHOLE_EPONYMS.has(span.map((word) => word.text).join(' '))) return true;
  if (span.length > 1 && span[1]?.gap === 'comma') {
    if (THINGS.has((span[0] as Word).text) || span.every((word) => (word.flags & EPONYM) !== 0)) return true;
  }
  if (LAWS.has(after) && (last.flags & GIVEN_COMMON) === 0) return true;
  if (THINGS_OF_PLACES.has(`${(span[0] as Word).text} ${span[1]?.text ?? next?.text}`)) return true;
  if (
    thing &&
    !last.possessive &&
    span.every((word) => (word.flags & GIVEN_COMMON) === 0 || (word.flags & EPONYM) !== 0)
  )
    return true;
  if (!eponym) return false;
  if (thing || EPONYM_AFTER.has(after)) return true;
  if (who) return false;
  // Alone, or hyphened with others, an eponym is the thing itself ("Crohn's", "Foley").
  const [only] = span as [Word];
  if (span.length === 1 && !THINGS.has(only.text) && (only.flags & FAMILY) !== 0) {
    return !(
      PERSON_AFTER.has(after) ||
      PERSON_BEFORE_STRONG.has(wordBefore(claims, to - 1)) ||
      VERB_BEFORE.has(wordBefore(claims, to - 1)) ||
      (/^(?:by|per)$/.test(wordBefore(claims, to - 1)) && after === '') ||
      claims.run.apposition ||
      claims.run.left.afterRole ||
      claims.run.left.afterAge
    );
  }
  return (
    span.length === 1 ||
    span.every((word, i) => (word.flags & EPONYM) !== 0 && (i === 0 || word.gap === 'hyphen'))
  );
}

/** "the Luhn algorithm", "Lily pads": one thing with the small word behind it. */
function isOfThing(word: Word, before: string, after: string, acts: boolean): boolean {
  if (after === '' || acts || word.possessive || PERSON_AFTER.has(after) || AFTER_ANY.has(after))
    return false;
  if (/^(?:the|a|an)$/.test(before)) return !FAMILY_AFTER.has(after);
  const seldom = (word.flags & (GIVEN | FAMILY_COMMON)) === 0 && isThingWord(after);
  const plain =
    ((word.flags & WORD) !== 0 || seldom) && !PERSON_BEFORE.has(before) && !VERB_BEFORE.has(before);
  return plain && !(AUXILIARY.has(before) && isBaseVerb(after));
}

/** A small word for a thing: of medicine, in the plural, or something done. */
function isThingWord(after: string): boolean {
  return (lookUp(after) & MEDICAL) !== 0 || /(?:[^s]s|ing|tion|ology|ity|ness)$/.test(after);
}

/** Ends that drugs and brands have, and few names. */
const BRAND =
  /(?:rix|lix|vax|nase|zyme|cort|derm|dyne|lyte|mab|nib|cept|tide|pril|sartan|statin|azole|cillin|mycin|vance|zine|nol|tol|lol|vir|gel|plex|xis|qis|zyl|zol|vyn|tiq|ium|emia|itis|osis|afil|oxin|toin|pam|lam)$/;

/** Whether what stands beside it in a row with commas or "and" is a thing of medicine. */
function isInTerms(claims: Claims, index: number): boolean {
  const { words } = claims.run;
  const isTerm = (other: Word | undefined) =>
    other !== undefined &&
    !other.upper &&
    !other.link &&
    (other.flags & MEDICAL) !== 0 &&
    (other.flags & NAME) === 0;
  const next = words[index + 1];
  const before = words[index - 1];
  return (
    ((words[index] as Word).gap === 'comma' && isTerm(before)) ||
    (next?.gap === 'comma' && isTerm(next)) ||
    (before?.link === true && isTerm(words[index - 2])) ||
    (next?.link === true && isTerm(words[index + 2]))
  );
}

/** What stands behind somebody in a question: "need", "extubated", "taking". */
function isBaseVerb(after: string): boolean {
  return BASE_VERBS.has(after) || /(?:ed|ing)$/.test(after);
}

/** Symbols of elements that are names of people elsewhere. */
const ELEMENTS: ReadonlySet<string> = new Set('na mg cl ca fe li co he be al mn'.split(' '));

/** "Ed takes warfarin", "Ty's log", "Ng, 45": two letters that are a name, where somebody is told of. */
function isShortName(claims: Claims, index: number): boolean {
  const word = claims.run.words[index] as Word;
  const after = wordAfter(claims, index);
  if (word.upper || (word.flags & NAME) === 0 || (word.flags & WORD_COMMON) !== 0) return false;
  if (word.possessive) return true;
  if (ELEMENTS.has(word.text)) return word.text === 'al' && PERSON_DOES.has(after);
  return PERSON_AFTER.has(after) || claims.run.apposition;
}

/** "the Hendersons". */
function isFamily(word: Word, before: string): boolean {
  if (before !== 'the' || !word.text.endsWith('s') || (word.flags & WORD) !== 0) return false;
  return (lookUp(word.text.slice(0, -1)) & FAMILY) !== 0;
}

function judgeOne(claims: Claims, index: number, word: Word, after: string, sentenceStart: boolean): number {
  const { flags } = word;
  if (word.initial) return 0;
  // "Na", "Li", "Ma": too short to be a name on its own.
  if (word.text.length < MIN_UNKNOWN_CHARACTERS && !PERSON_BEFORE_STRONG.has(wordBefore(claims, index))) {
    return isShortName(claims, index) ? 0.45 : 0;
  }
  const before = wordBefore(claims, index);
  const isWord = (flags & (ORDINARY | STATE_CODE)) !== 0;
  const ordinary = isWord || (flags & CITY_WORD) !== 0;
  const owns = word.possessive && BELONGINGS.has(after);
  // "Long Walks" is a heading.
  const next = claims.run.words[index + 1];
  const does = PERSON_AFTER.has(after) && (next === undefined || next.link);
  const acts = does || owns || claims.run.apposition;
  if (isFamily(word, before)) return 0.5;
  if (isOfThing(word, before, after, acts)) return 0;
  // "Rich called about results".
  if (does && PERSON_DOES.has(after) && (flags & (GIVEN | FAMILY_COMMON)) !== 0 && (flags & MEDICAL) === 0)
    return 0.45;
  if (does && (flags & GIVEN) !== 0 && (flags & (WORD_COMMON | MEDICAL | MONTH | ROLE)) === 0) return 0.45;
  const cue = PERSON_BEFORE.has(before) || VERB_BEFORE.has(before);
  if (word.upper) {
    // Capitals alone are an abbreviation, unless the list is sure.
    if (word.text.length < MIN_UPPER_CHARACTERS || ordinary || UPPER_TERMS.has(word.text)) return 0;
    return (flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0 || ((flags & NAME) !== 0 && does) ? 0.5 : 0;
  }
  if ((flags & NAME) === 0) {
    const { apposition } = claims.run;
    const { afterAge, afterRole } = claims.run.left;
    if (PERSON_BEFORE_STRONG.has(before) || owns || apposition || afterAge || (afterRole && index === 0))
      return 0.5;
    if (PERSON_DOES.has(after) && does) return 0.45;
    if (BRAND.test(word.text) || isInTerms(claims, index)) return 0;
    if (word.possessive && after !== '' && !sentenceStart) return 0.45;
    return (acts || cue || word.text.length >= MIN_LONE_CHARACTERS) && !sentenceStart ? 0.4 : 0;
  }
  if ((flags & GIVEN) !== 0 && !ordinary) return 0.6;
  if ((flags & GIVEN_COMMON) !== 0 && !isWord) return 0.6;
  if ((flags & GIVEN) !== 0 && word.possessive && BELONGINGS.has(after)) return 0.5;
  if ((flags & FAMILY) !== 0 && !ordinary && !sentenceStart) return 0.5;
  // Alone in its field or cell: "Team: Okeke (MD)". "Sgarbossa negative" is a sign.
  const alone = after === '' || (flags & FAMILY_COMMON) !== 0;
  if ((flags & FAMILY) !== 0 && !ordinary && (acts || ((flags & EPONYM) === 0 && alone))) return 0.5;
  if (
    (flags & MONTH) !== 0 &&
    !(acts && (owns || PERSON_DOES.has(after) || /^(?:has|had|doesn|didn|was)$/.test(after)))
  )
    return 0;
  if (
    (flags & (ROLE | COUNTRY | STATE)) !== 0 &&
    !acts &&
    !PERSON_BEFORE_STRONG.has(before) &&
    !claims.run.left.afterRole &&
    !claims.run.left.afterAge
  )
    return 0;
  // "Does Price need".
  if (
    (flags & MEDICAL) === 0 &&
    (flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0 &&
    AUXILIARY.has(before) &&
    isBaseVerb(after)
  )
    return 0.45;
  // "Cardio wants Baker NPO", "thinks Price has".
  if (
    (flags & (FAMILY_COMMON | GIVEN_COMMON)) !== 0 &&
    !sentenceStart &&
    VERB_BEFORE.has(before) &&
    (flags & MEDICAL) === 0
  ) {
    return 0.45;
  }
  if ((flags & GIVEN) !== 0 && (flags & MEDICAL) === 0 && !sentenceStart && (cue || acts)) return 0.5;
  const role = claims.run.left.afterRole && index === 0 && (flags & (MEDICAL | MONTH)) === 0;
  if (role || claims.run.left.afterAge || (claims.run.apposition && (flags & MEDICAL) === 0)) return 0.5;
  if ((flags & GIVEN_COMMON) !== 0 && acts && (flags & MEDICAL) === 0) return 0.5;
  // In the middle of a sentence, alone: a word that is written with a capital is a name.
  if (!sentenceStart && claims.run.words.length === 1 && (flags & (MEDICAL | MONTH)) === 0) return 0.45;
  if ((flags & CITY_WORD) !== 0 && (flags & (WORD | MEDICAL | STATE)) === 0 && !(sentenceStart && !acts))
    return 0.5;
  const weak = (flags & MEDICAL) !== 0 || (index > 0 && isWord);
  return (flags & FAMILY) !== 0 && PERSON_BEFORE_STRONG.has(before) && !weak ? 0.5 : 0;
}

function judgeSeveral(
  claims: Claims,
  from: number,
  span: readonly Word[],
  after: string,
  sentenceStart: boolean,
): number {
  const full = span.filter((word) => !word.initial);
  const names = full.filter((word) => (word.flags & NAME) !== 0);
  const sure = full.filter(
    (word) => (word.flags & NAME) !== 0 && (word.flags & (ORDINARY | CITY_WORD)) === 0,
  );
  if (full.length === 0) {
    // "R.T.", "J. B.": who is meant must be said around it.
    const { apposition } = claims.run;
    const { afterAge } = claims.run.left;
    const who =
      apposition || afterAge || PERSON_AFTER.has(after) || PERSON_BEFORE_STRONG.has(wordBefore(claims, from));
    return who && span.every((word) => word.stop) && span.length > 1 ? 0.5 : 0;
  }
  if (full.every((word) => word.upper)) {
    const given = full.some((word) => (word.flags & GIVEN) !== 0 && (word.flags & WORD_COMMON) === 0);
    const family = full.some((word) => (word.flags & FAMILY) !== 0);
    if (given && family && full.every((word) => (word.flags & NAME) !== 0) && sure.length > 0) return 0.7;
    // "KOWALCZYK, ANNA": the comma says that both are names.
    const hyphen = full.length === 2 && full[1]?.gap === 'hyphen' && names.length > 0;
    if (
      hyphen &&
      full.every((word) => (word.flags & (WORD | MEDICAL | COUNTRY | STATE)) === 0 && word.text.length > 2)
    ) {
      return full.some((word) => (word.flags & FAMILY_COMMON) !== 0) ? 0.55 : 0;
    }
    const comma = full.length > 1 && full[1]?.gap === 'comma' && ((full[1]?.flags ?? 0) & GIVEN) !== 0;
    return comma && full.every((word) => (word.flags & (WORD | MEDICAL)) === 0) ? 0.6 : 0;
  }
  if (full.length === 1) {
    // With an initial: "J. Lee", "Anna S."
    const [word] = full as [Word];
    const stopped = span.some((other) => other.initial && other.stop);
    if (word.upper)
      return stopped && word.text.length >= MIN_UPPER_CHARACTERS && (word.flags & (WORD | MEDICAL)) === 0
        ? 0.6
        : 0;
    if (sure.length === 1) return 0.7;
    if (stopped && (word.flags & (WORD | MEDICAL)) === 0) return 0.55;
    return (word.flags & (NAME | MEDICAL)) !== 0 && (word.flags & WORD_COMMON) === 0 && !sentenceStart
      ? 0.55
      : 0;
  }
  const [head] = full as [Word];
  const tail = full.at(-1) as Word;
  if (sure.length > 0) return (head.flags & GIVEN) !== 0 ? 0.85 : 0.7;
  if (names.length === full.length) {
    // All of them are words too: "Will Young", "Grace Long". A sentence may begin with the first.
    const pair = (head.flags & GIVEN) !== 0 && (tail.flags & FAMILY) !== 0;
    const other =
      full.every((word) => (word.flags & ORDINARY) === 0) &&
      full.some((word) => (word.flags & GIVEN_COMMON) !== 0);
    if (!pair) return other ? 0.6 : 0;
    if (!sentenceStart) return 0.65;
    return PERSON_AFTER.has(after) || (head.flags & WORD_COMMON) === 0 ? 0.6 : 0;
  }
  if (names.length > 0) {
    const given = (head.flags & GIVEN_COMMON) !== 0 && (tail.flags & ORDINARY) === 0;
    return sentenceStart && (head.flags & WORD) !== 0 && !given ? 0 : 0.6;
  }
  // None is in a list.
  if (PERSON_BEFORE.has(wordBefore(claims, from)) || PERSON_AFTER.has(after)) return 0.5;
  return sentenceStart ? 0 : 0.5;
}
