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
  ROLE,
  STATE,
  STATE_CODE,
  STREET,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import type { Claims } from './claim.ts';
import {
  AUXILIARY,
  BELONGINGS,
  PERSON_AFTER,
  PERSON_BEFORE,
  PERSON_BEFORE_STRONG,
  PERSON_DOES,
  PERSON_IS,
  VERB_BEFORE,
} from './cues.ts';
import { BRAND, isBaseVerb, isInTerms, isOfThing } from './person-thing.ts';
import { wordAfter, wordBefore } from './place.ts';
import type { Word } from './run.ts';

/** What a word can be besides a part of a name. */
export const ORDINARY = WORD | MEDICAL | MONTH | COUNTRY | STATE | STREET | ROLE;
/** A word of no list that is shorter is no name. */
export const MIN_UNKNOWN_CHARACTERS = 3;
/** Tests and scores that are written as given names in capitals. */
const UPPER_TERMS: ReadonlySet<string> = new Set('elisa grace clara sara alice caspar'.split(' '));

const MIN_UPPER_CHARACTERS = 4;

/** An unknown word in the middle of a sentence, if it is at least this long, is rather a name than not. */
const MIN_LONE_CHARACTERS = 5;

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

export function judgeOne(
  claims: Claims,
  index: number,
  word: Word,
  after: string,
  sentenceStart: boolean,
): number {
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
  // "White is asking for it".
  const asks = does && /^(?:is|was)$/.test(after) && PERSON_IS.has(claims.run.right[1] ?? '');
  if (asks && (flags & MEDICAL) === 0 && ((flags & NAME) !== 0 || flags === 0) && !word.upper) return 0.45;
  const acts = does || owns || claims.run.apposition;
  if (isFamily(word, before)) return 0.5;
  if ((next === undefined || next.link) && isOfThing(word, before, after, acts)) return 0;
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

/** Capitals beside an initial: no word, or one that is a usual surname too. */
function isUpperName(word: Word): boolean {
  if ((word.flags & (WORD | MEDICAL)) === 0) return true;
  return (word.flags & FAMILY_COMMON) !== 0 && (word.flags & MEDICAL) === 0;
}

export function judgeSeveral(
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
  if (full.length > 1 && full.every((word) => word.upper)) {
    const given = full.some((word) => (word.flags & GIVEN) !== 0 && (word.flags & WORD_COMMON) === 0);
    const family = full.some((word) => (word.flags & FAMILY) !== 0);
    if (given && family && full.every((word) => (word.flags & NAME) !== 0) && sure.length > 0) return 0.7;
    // "KOWALCZYK, ANNA": the comma says that both are names.
    // "EUGENE MILLER": both are usual names, if a town and a word as well.
    const [one, two] = full as [Word, Word];
    const usual = (one.flags & GIVEN_COMMON) !== 0 && (two.flags & FAMILY) !== 0 && full.length === 2;
    if (usual && full.every((word) => (word.flags & (WORD_COMMON | MEDICAL)) === 0)) return 0.6;
    const behind = two.gap === 'comma' && (two.flags & GIVEN) !== 0 && (one.flags & FAMILY) !== 0;
    // One is in no list: "JAMES QUETZALCOATL", "CHAPMAN, THILINI".
    const beside = full.length === 2 && full.some((word) => word.flags === 0);
    const sided =
      beside &&
      full.some((word) => (word.flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0 && (word.flags & WORD) === 0);
    if (sided && full.every((word) => (word.flags & (WORD | MEDICAL)) === 0)) return 0.55;
    if (behind && full.every((word) => (word.flags & (WORD_COMMON | MEDICAL)) === 0)) return 0.6;
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
    if (word.upper) return stopped && word.text.length >= MIN_UPPER_CHARACTERS && isUpperName(word) ? 0.6 : 0;
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
