import { EPONYM, FAMILY, FAMILY_COMMON, GIVEN, GIVEN_COMMON, MEDICAL, NAME, WORD } from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import type { Claims } from './claim.ts';
import {
  AFTER_ANY,
  AUXILIARY,
  BASE_VERBS,
  FAMILY_AFTER,
  LAWS,
  NAMED_AFTER,
  PERSON_AFTER,
  PERSON_BEFORE_STRONG,
  VERB_BEFORE,
} from './cues.ts';
import { wordBefore } from './place.ts';
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

/** "Parkinson's disease", "Guillain-Barré syndrome", "Glasgow Coma Scale". */
export function isNamedThing(claims: Claims, span: readonly Word[], after: string, to: number): boolean {
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
export function isOfThing(word: Word, before: string, after: string, acts: boolean): boolean {
  if (after === '' || acts || word.possessive || PERSON_AFTER.has(after) || AFTER_ANY.has(after))
    return false;
  if (/^(?:the|a|an)$/.test(before)) return !FAMILY_AFTER.has(after);
  const seldom = (word.flags & (GIVEN | FAMILY_COMMON)) === 0 && isThingWord(after);
  const plain =
    ((word.flags & WORD) !== 0 || seldom) && !PERSON_BEFORE_STRONG.has(before) && !VERB_BEFORE.has(before);
  return plain && !(AUXILIARY.has(before) && isBaseVerb(after));
}

/** A small word for a thing: of medicine, in the plural, or something done. */
function isThingWord(after: string): boolean {
  return (lookUp(after) & MEDICAL) !== 0 || /(?:[^s]s|ing|tion|ology|ity|ness)$/.test(after);
}

/** Ends that drugs and brands have, and few names. */
export const BRAND =
  /(?:rix|lix|vax|nase|zyme|cort|derm|dyne|lyte|mab|nib|cept|tide|pril|sartan|statin|azole|cillin|mycin|vance|zine|nol|tol|lol|vir|gel|plex|xis|qis|zyl|zol|vyn|tiq|ium|emia|itis|osis|afil|oxin|toin|pam|lam)$/;

/** Whether what stands beside it in a row with commas or "and" is a thing of medicine. */
export function isInTerms(claims: Claims, index: number): boolean {
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
export function isBaseVerb(after: string): boolean {
  return BASE_VERBS.has(after) || /(?:ed|ing)$/.test(after);
}
