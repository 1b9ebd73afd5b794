import {
  CREDENTIAL,
  EPONYM,
  FAMILY,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  NAME,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import {
  AFTER_ANY,
  AFTER_WHOLE,
  AUXILIARY,
  BASE_VERBS,
  FAMILY_AFTER,
  KIN,
  LAWS,
  NAMED_AFTER,
  PERSON_AFTER,
  PERSON_BEFORE_STRONG,
  PERSON_DOES,
  PERSON_IS,
  VERB_BEFORE,
} from './cues.ts';
import { isAmongEponyms, isBareEponym, isGraded, WHOLE_EPONYMS } from './eponym.ts';
import type { Word } from './run.ts';

/** Eponyms that are things by themselves, and do what people do. */
const THINGS: ReadonlySet<string> = new Set(
  'foley hickman groshong swan bovie doppler holter kocher debakey port jackson bier'.split(' '),
);

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

/** Before a formula or a score: "use Sheiner-Tozer". */
const USED_BEFORE =
  /^(?:use|using|used|calculate|calculated|compute|apply|modified|revised|via|explain|define|versus|vs)$/;
/** Behind a whole name too it is a thing. */
const NAMED_STRICTLY =
  /^(?:syndromes?|classification|criteria|signs?|scale|staging|phenomenon|maneuver|formula|equation|quotes?)$/;

/** Of what follows a family's name what a disease has as well. */
const CHARTED: ReadonlySet<string> = new Set(['case', 'chart']);

/** What is called after who has thought of it. */
const THOUGHT: ReadonlySet<string> = new Set(
  `theory theories model models theorem stages hierarchy taxonomy framework philosophy paradox principle principles criteria
  classification postulates formula equation rule rules factors triangle triad wheel typology definition experiment experiments
  paradigm maxim imperative dichotomy novice concept concepts pyramid ladder tasks domains postulate observation`.split(
    /\s+/,
  ),
);

/** What an eponym alone has behind it when it is a thing, and people's names too. */
const EPONYM_AFTER: ReadonlySet<string> = new Set(
  'result results carrier status positive negative pos neg equivocal downgoing upgoing'.split(' '),
);

/** "Parkinson's disease", "Guillain-Barré syndrome", "Glasgow Coma Scale". */
export function isNamedThing(claims: Claims, span: readonly Word[], after: string, to: number): boolean {
  const last = span.at(-1) as Word;
  const eponym = span.some((word) => (word.flags & EPONYM) !== 0);
  const next = claims.run.words[to];
  const { left } = claims.run;
  // "73 y/o, Mohs at the ala": behind a comma what was done to somebody.
  const done =
    span.length === 1 &&
    isBareEponym(last) &&
    (last.flags & FAMILY_COMMON) === 0 &&
    /, $/.test(claims.run.ahead);
  const who = span[0] === claims.run.words[0] && ((left.afterAge && !done) || left.afterRole);
  const medical =
    next !== undefined && (next.flags & MEDICAL) !== 0 && next.gap === 'space' && !who && !next.upper;
  const thing = NAMED_AFTER.has(after) || medical;
  if (last.possessive && KIN.has(after)) return false;
  // "the Graves kid"
  if (
    FAMILY_AFTER.has(after) &&
    !CHARTED.has(after) &&
    /^(?:the|our|this)$/.test(wordBefore(claims, to - span.length))
  )
    return false;
  if (WHOLE_EPONYMS.has(span.map((word) => word.text).join(' '))) return true;
  if (span.length > 1 && span[1]?.gap === 'comma') {
    // "WATSON, DAVID" is somebody.
    const given =
      (span[1].flags & GIVEN_COMMON) !== 0 &&
      (span[0] as Word).upper === span[1].upper &&
      (next === undefined || next.gap !== 'comma');
    if (THINGS.has((span[0] as Word).text) || (!given && span.every((word) => (word.flags & EPONYM) !== 0)))
      return true;
    if (given && !thing) return false;
  }
  // "Cohen d", "Ana o 3", "Harrell's C"
  if (span.length === 1 && /^[dohrj]$/.test(after)) return true;
  if (last.possessive && next?.initial === true && !next.stop && next.text !== 'k') return true;
  if (span.length === 1 && next === undefined && claims.run.compound && !who) return true;
  // "Lewis a antibody"
  if (
    eponym &&
    /^[ab]$/.test(after) &&
    /^(?:antibody|antigen|neg|pos|negative|positive)$/.test(claims.run.right[1] ?? '')
  )
    return true;
  if (LAWS.has(after) && (last.flags & GIVEN_COMMON) === 0) return true;
  if (last.possessive && /^laws?$/.test(after)) return true;
  // "Roy's model", "Yalom's factors": what somebody has thought of.
  if (last.possessive && THOUGHT.has(after) && (last.flags & GIVEN_COMMON) === 0) return true;
  if (isGraded(span) && !who && !claims.run.apposition) return true;
  if (THINGS_OF_PLACES.has(`${(span[0] as Word).text} ${span[1]?.text ?? next?.text}`)) return true;
  // "the Harvey-Bradshaw index", "Roland-Morris 12", "Lauge-Hansen SER"
  const pair = span.length === 2 && span[1]?.gap === 'hyphen' && !last.possessive && !who;
  const short =
    next?.upper === true && next.gap === 'space' && !last.upper && (next.flags & CREDENTIAL) === 0;
  if (pair && (thing || (claims.run.numbered && next === undefined) || short)) return true;
  if (pair && isRarePair(claims, span, after, to)) return true;
  if (pair && USED_BEFORE.test(wordBefore(claims, to - span.length))) return true;
  // "Tanaka et al.": who wrote a paper.
  if (after === 'et' && /^als?$/.test(claims.run.right[1] ?? '')) return true;
  if (span.length > 1 && !last.possessive && NAMED_STRICTLY.test(after)) return true;
  const whole =
    span.length > 1 && !eponym && ((span[0] as Word).flags & GIVEN) !== 0 && (last.flags & FAMILY) !== 0;
  if (
    thing &&
    !whole &&
    !last.possessive &&
    span.every((word) => (word.flags & GIVEN_COMMON) === 0 || (word.flags & EPONYM) !== 0)
  )
    return true;
  if (!eponym) {
    const told = who || claims.run.apposition || PERSON_AFTER.has(after) || last.possessive;
    return !told && span.length === 1 && isAmongEponyms(claims, to - 1, to);
  }
  // "Was Miles given": who is asked about.
  const asked = span.length === 1 && (last.flags & GIVEN_COMMON) !== 0;
  if (asked && !thing && AUXILIARY.has(wordBefore(claims, to - 1))) return false;
  if (thing || EPONYM_AFTER.has(after)) return true;
  if (who) return false;
  if (isTermPlace(claims, to - span.length)) return true;
  if (!span.some(isBareEponym)) return isAmongThings(claims, span, after, to);
  // Alone, or hyphened with others, an eponym is the thing itself ("Crohn's", "Foley").
  const [only] = span as [Word];
  if (span.length === 1 && !THINGS.has(only.text) && (only.flags & FAMILY) !== 0) {
    const given = (only.flags & GIVEN_COMMON) !== 0;
    return !(
      isDoing(claims, to, after) ||
      // "Reed has croup"
      (given && PERSON_AFTER.has(after)) ||
      PERSON_BEFORE_STRONG.has(wordBefore(claims, to - 1)) ||
      VERB_BEFORE.has(wordBefore(claims, to - 1)) ||
      (/^(?:by|per)$/.test(wordBefore(claims, to - 1)) && after === '') ||
      /^(?:today|tomorrow|yesterday|tonight|again|please|pls|asap)$/.test(after) ||
      claims.run.apposition ||
      claims.run.left.afterRole ||
      (left.afterAge && !done)
    );
  }
  return (
    span.length === 1 ||
    span.every((word, i) => (word.flags & EPONYM) !== 0 && (i === 0 || word.gap === 'hyphen'))
  );
}

/** "May-Thurner", "Riva-Rocci": one of the two is hardly anybody's name, and nobody is told of. */
function isRarePair(claims: Claims, span: readonly Word[], after: string, to: number): boolean {
  if (claims.run.apposition || PERSON_DOES.has(after) || KIN.has(after)) return false;
  const before = wordBefore(claims, to - span.length);
  if (PERSON_BEFORE_STRONG.has(before) || VERB_BEFORE.has(before)) return false;
  // "Jean-Luc"
  const [one, two] = span as [Word, Word];
  if ((one.flags & GIVEN_COMMON) !== 0 && (two.flags & GIVEN) !== 0) return false;
  return span.some((word) => isBareEponym(word) && (word.flags & (FAMILY_COMMON | GIVEN_COMMON)) === 0);
}

/** Before a disease, a test or a tool, whatever it is called after. */
const TERM_BEFORE: ReadonlySet<string> = new Set(
  `suspect suspected suspecting treat treating treats causes cause calculate calculated compute perform performed apply
  explain compare define versus vs modified revised positive negative possible probable likely recurrent acute chronic
  severe mild classic use using used via post pre bilateral left right unilateral congenital`.split(/\s+/),
);
const TERM_PAIRS =
  /^(?:out (?:rule|ruled|ruling)|of (?:history|hx|sign|signs|workup|case|cases|diagnosis|repair|stigmata|risk|grade|stage|type)|with (?:diagnosed|consistent|compatible)|for (?:concern|positive|negative|concerning|criteria|meets|screen|tested))$/;

function isTermPlace(claims: Claims, from: number): boolean {
  const before = wordBefore(claims, from);
  if (TERM_BEFORE.has(before)) return true;
  return from === 0 && TERM_PAIRS.test(claims.run.left.words.slice(0, 2).join(' '));
}

/** Whether who stands there does what people do: more than to be negative or to have been placed. */
function isDoing(claims: Claims, to: number, after: string): boolean {
  if (!PERSON_AFTER.has(after)) return false;
  if (PERSON_DOES.has(after) || claims.run.words.length > to) return true;
  if (
    !/^(?:is|was|has|had|will|would|can|could|should|did|does|shows|showed|seems|looks|appears|appeared|remains|found|seen|received|got|gets|needs|stopped|started|continued|completed|aged|scheduled|returned|takes|took)$/.test(
      after,
    )
  )
    return true;
  const next = claims.run.right[1] ?? '';
  return PERSON_IS.has(next) || /^(?:a|an|her|his|here|been|in|at|on|to|not|home|still|also|and)$/.test(next);
}

/** Usual names that stand in a row with diseases and tools, behind "the", or before a figure or a thing. */
function isAmongThings(claims: Claims, span: readonly Word[], after: string, to: number): boolean {
  const { words, numbered } = claims.run;
  const from = words.indexOf(span[0] as Word);
  const last = span.at(-1) as Word;
  const isThing = (word: Word | undefined): boolean =>
    word !== undefined && !word.link && (word.flags & (EPONYM | MEDICAL)) !== 0 && !word.upper;
  const next = words[to];
  const before = words[from - 1];
  const beside =
    (next !== undefined && /^(?:comma|hyphen|slash)$/.test(next.gap) && isThing(next)) ||
    (/^(?:comma|hyphen|slash)$/.test((span[0] as Word).gap) && isThing(before)) ||
    (before?.link === true && isThing(words[from - 2])) ||
    (next?.link === true && isThing(words[to + 1]));
  if (span.length > 1) return false;
  if (beside || (numbered && next === undefined) || /^[ivx]+$/.test(next?.text ?? '-')) return true;
  if (last.possessive || next !== undefined) return false;
  const neighbour = wordBefore(claims, from);
  if (/^(?:the|positive|negative|modified|revised)$/.test(neighbour)) return !FAMILY_AFTER.has(after);
  const people = PERSON_AFTER.has(after) || AFTER_ANY.has(after) || isBaseVerb(after) || after === '';
  return !people && !PERSON_BEFORE_STRONG.has(neighbour) && !VERB_BEFORE.has(neighbour);
}

/** "the Luhn algorithm", "Lily pads": one thing with the small word behind it. */
export function isOfThing(word: Word, before: string, after: string, acts: boolean): boolean {
  if (after === '' || acts || word.possessive || PERSON_AFTER.has(after) || AFTER_ANY.has(after))
    return false;
  if (AFTER_WHOLE.has(after) && !/^(?:the|a|an)$/.test(before)) return false;
  if (/^(?:the|a|an)$/.test(before)) return !FAMILY_AFTER.has(after);
  const surname = (word.flags & FAMILY) !== 0 && (word.flags & (WORD | MEDICAL)) === 0 && /ing$/.test(after);
  const charted = /^(?:chart|labs?|notes?|meds|results|visit|appointment|records?)$/.test(after);
  if (charted && (word.flags & NAME) !== 0 && (word.flags & (WORD_COMMON | MEDICAL | EPONYM)) === 0)
    return false;
  const onlyName = (word.flags & NAME) !== 0 && (word.flags & (WORD | MEDICAL | EPONYM)) === 0;
  const thingWord = onlyName ? /(?:tion|ology|ity|ness)$/.test(after) : isThingWord(after);
  const seldom = (word.flags & (GIVEN | FAMILY_COMMON)) === 0 && !surname && thingWord;
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
