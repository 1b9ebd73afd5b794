import {
  CITY_MAJOR,
  CITY_WORD,
  COUNTRY,
  FAMILY,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  NAME,
  STATE,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import { wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import { PERSON_AFTER, PERSON_BEFORE, PERSON_BEFORE_STRONG } from './cues.ts';
import { MIN_UPPER_CHARACTERS, ORDINARY } from './person-judge.ts';
import type { Word } from './run.ts';

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
    const last = full.at(-1) as Word;
    const turned = last.gap === 'comma' && (last.flags & GIVEN_COMMON) !== 0 && names.length > 0;
    if (turned && full.every((word) => (word.flags & (WORD_COMMON | MEDICAL | COUNTRY)) === 0)) return 0.55;
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
    // "STONE, MELODY 33F"
    const aged = full.length === 2 && two.gap === 'comma' && claims.run.numbered && names.length === 2;
    if (aged && (two.flags & GIVEN) !== 0 && full.every((word) => (word.flags & MEDICAL) === 0)) return 0.55;
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
    // "Marigold T."
    if (
      span.at(-1)?.initial &&
      stopped &&
      (word.flags & GIVEN) !== 0 &&
      (word.flags & (WORD_COMMON | MEDICAL)) === 0
    )
      return 0.5;
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
    // "Gonzalez, Trinity": the comma says that both are names.
    const turned =
      full.length === 2 && tail.gap === 'comma' && (head.flags & FAMILY) !== 0 && (tail.flags & GIVEN) !== 0;
    const plain = full.some((word) => (word.flags & (WORD_COMMON | MEDICAL)) !== 0);
    if (turned && !plain && (head.flags & tail.flags & CITY_MAJOR) === 0) return 0.55;
    if (!pair) return other ? 0.6 : 0;
    if (!sentenceStart) return 0.65;
    return PERSON_AFTER.has(after) || (head.flags & WORD_COMMON) === 0 ? 0.6 : 0;
  }
  if (names.length > 0) {
    const given = (head.flags & GIVEN_COMMON) !== 0 && (tail.flags & ORDINARY) === 0;
    // "Wren Castellane": a name that is a rarer word, and a word of no list.
    const rare = (head.flags & GIVEN) !== 0 && (head.flags & WORD_COMMON) === 0 && tail.flags === 0;
    return sentenceStart && (head.flags & WORD) !== 0 && !given && !rare ? 0 : 0.6;
  }
  // None is in a list.
  if (PERSON_BEFORE.has(wordBefore(claims, from)) || PERSON_AFTER.has(after)) return 0.5;
  const unknown = full.every((word) => word.flags === 0);
  return sentenceStart && !unknown && !full.some((word) => word.flags === 0 && isNameLike(word.text))
    ? 0
    : 0.5;
}
