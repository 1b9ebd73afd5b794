import {
  CITY_MAJOR,
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
import { isNameLike, isWordLike } from '../lexicon/name-like.ts';
import { isAcronym, isAcronymRow } from './acronym.ts';
import { isAssistant } from './assistant.ts';
import { wordAfter, wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import {
  AFTER_ANY,
  AUXILIARY,
  BASE_VERBS,
  BELONGINGS,
  FAMILY_AFTER,
  KIN,
  NAMED_AFTER,
  PERSON_AFTER,
  PERSON_BEFORE,
  PERSON_BEFORE_STRONG,
  PERSON_DOES,
  PERSON_IS,
  VERB_BEFORE,
} from './cues.ts';
import { isBareEponym } from './eponym.ts';
import { BRAND, isBaseVerb, isInTerms, isOfThing } from './person-thing.ts';
import type { Word } from './run.ts';

/** What a word can be besides a part of a name. */
export const ORDINARY = WORD | MEDICAL | MONTH | COUNTRY | STATE | STREET | ROLE;
/** A word of no list that is shorter is no name. */
export const MIN_UNKNOWN_CHARACTERS = 3;
export const MIN_UPPER_CHARACTERS = 4;
/** Before a name in capitals that is not a usual one. */
const UPPER_BEFORE: ReadonlySet<string> = new Set(
  'by to per from pt patient nurse with told called'.split(' '),
);

/** An unknown word in the middle of a sentence, if it is at least this long, is rather a name than not. */
const MIN_LONE_CHARACTERS = 5;

/** Symbols of elements that are names of people elsewhere. */
const ELEMENTS: ReadonlySet<string> = new Set('na mg cl ca fe li co he be al mn'.split(' '));

/** "Ed takes warfarin", "Ty's log", "Ng, 45": two letters that are a name, where somebody is told of. */
function isShortName(claims: Claims, index: number): boolean {
  const word = claims.run.words[index] as Word;
  const after = wordAfter(claims, index);
  const { flags } = word;
  if (word.upper || (flags & NAME) === 0 || (flags & WORD_COMMON) !== 0) return false;
  if (word.possessive || (wordBefore(claims, index) === 'by' && (flags & GIVEN_COMMON) !== 0)) return true;
  if (ELEMENTS.has(word.text)) return word.text === 'al' && PERSON_DOES.has(after);
  // "can Ty go home"
  if (AUXILIARY.has(wordBefore(claims, index)) && BASE_VERBS.has(after)) return true;
  return PERSON_AFTER.has(after) || claims.run.apposition;
}

/** Before what is taken, used or chosen. */
const TAKEN_BEFORE: ReadonlySet<string> = new Set(
  `take takes taking took taken use uses using used start started starting stop stopped stopping prescribe prescribed try
  tried trying inject injected apply vs versus than via install open run runs order ordered dose doses add added hold
  resume restart switch switched swallow drink drinks eat eats wear wears buy bought cover covers`.split(
    /\s+/,
  ),
);

/** Words that some are called, and that stand with a capital in forms, code and directions. */
export const NO_NAMES: ReadonlySet<string> = new Set(
  `true false null none yes no north south east west case code type class born level real key data web drive
  epic pap cell bank line chart note see minor link block store naw nah yeah yup nope fine gonna wanna dunno alright welp um uh spina max`.split(
    /\s+/,
  ),
);

/** What a patient is in a handoff, behind the name. */
const IN_STATE: ReadonlySet<string> = new Set(
  'stable sick ok okay better worse asleep awake npo dnr full critical home intubated tachy febrile hypotensive satting gone going coming doing'.split(
    ' ',
  ),
);

/** "the Hendersons". */
function isFamily(word: Word, before: string): boolean {
  if (before !== 'the' || !word.text.endsWith('s') || (word.flags & WORD) !== 0) return false;
  return (lookUp(word.text.slice(0, -1)) & FAMILY) !== 0;
}

/** "Fennimore agrees": somebody whom the text has named before. What is a word as well may be that here. */
function isMentioned({ mentions }: Claims, word: Word, before: string, sentenceStart: boolean): boolean {
  if (mentions.isEmpty || !mentions.has(word.text)) return false;
  const short = word.text.length < MIN_UNKNOWN_CHARACTERS;
  if ((word.flags & ORDINARY) === 0 && !short) return true;
  if (short && ((word.flags & (ORDINARY | STATE_CODE)) !== 0 || ELEMENTS.has(word.text))) return false;
  return !sentenceStart && !word.upper && !/^(?:the|a|an)$/.test(before);
}

/** "Frederick the Great": a name before the article. */
function isBehindName(claims: Claims, index: number): boolean {
  const before = claims.run.words[index - 2];
  return (
    before !== undefined &&
    !before.link &&
    (before.flags & (NAME | WORD)) === (before.flags & NAME) &&
    (before.flags & NAME) !== 0
  );
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
  if (isMentioned(claims, word, wordBefore(claims, index), sentenceStart)) return 0.5;
  if (isAssistant(claims, index, after)) return 0;
  // "the DAT is positive", "DEA has": three capitals, and no usual name.
  if (
    word.upper &&
    !claims.run.shouted &&
    word.text.length < MIN_UPPER_CHARACTERS &&
    (flags & (GIVEN_COMMON | FAMILY_COMMON)) === 0
  )
    return 0;
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
  // "Brónach had her IUD placed".
  const hers = does && /^(?:her|his|their)$/.test(claims.run.right[1] ?? '');
  if (
    hers &&
    !word.upper &&
    (flags & (ORDINARY & ~WORD)) === 0 &&
    ((flags & WORD) === 0 || (flags & NAME) !== 0)
  )
    return 0.45;
  if (isFamily(word, before)) return 0.5;
  // "Birdsong's wife": only people have one.
  if (word.possessive && KIN.has(after) && (flags & (ROLE | MEDICAL | COUNTRY | STATE)) === 0) return 0.5;
  if ((next === undefined || next.link) && isOfThing(word, before, after, acts)) return 0;
  // "the Allegra", "a Pap": a thing, unless somebody's family or child follows.
  if (
    /^(?:the|a|an)$/.test(before) &&
    !acts &&
    !word.possessive &&
    !FAMILY_AFTER.has(after) &&
    !isBehindName(claims, index)
  )
    return 0;
  // "The Apgar was 8"
  if (before === 'the' && (flags & EPONYM) !== 0 && !word.possessive && !FAMILY_AFTER.has(after)) return 0;
  if (NO_NAMES.has(word.text) && !acts && !PERSON_BEFORE_STRONG.has(before)) return 0;
  // "Hutchins in 518": a surname at the start, if a town as well.
  const town = FAMILY_COMMON | CITY_WORD;
  const bare =
    (flags & town) === town && !isWord && (flags & (CITY_MAJOR | MEDICAL)) === 0 && !isBareEponym(word);
  if (bare && !word.upper && (after === 'in' || after === '')) return 0.45;
  // "Rich called about results".
  if (does && PERSON_DOES.has(after) && (flags & (GIVEN | FAMILY_COMMON)) !== 0 && (flags & MEDICAL) === 0)
    return 0.45;
  if (does && (flags & GIVEN) !== 0 && (flags & (WORD_COMMON | MEDICAL | MONTH | ROLE)) === 0) return 0.45;
  const cue = PERSON_BEFORE.has(before) || VERB_BEFORE.has(before);
  if (word.upper) {
    // Capitals alone are an abbreviation, unless the list is sure.
    const town =
      (isWord && !(UPPER_BEFORE.has(before) && (flags & FAMILY_COMMON) !== 0)) ||
      ((flags & CITY_WORD) !== 0 && (flags & FAMILY_COMMON) === 0);
    // "LABS FOR OYELARAN": among ordinary words in capitals a name is one that is nothing else.
    const least = (flags & GIVEN_COMMON) !== 0 ? MIN_UNKNOWN_CHARACTERS : MIN_UPPER_CHARACTERS;
    if (
      claims.run.shouted &&
      word.gap !== 'hyphen' &&
      word.text.length >= least &&
      !isWord &&
      !isBareEponym(word) &&
      !isAcronymRow(claims.run.words, index)
    ) {
      const usual = (flags & (GIVEN | FAMILY_COMMON)) !== 0 || word.text.length > MIN_UPPER_CHARACTERS;
      if ((flags & NAME) !== 0 && usual) return 0.45;
      if (flags === 0 && (cue || does) && isNameLike(word.text)) return 0.4;
    }
    if (word.text.length < MIN_UPPER_CHARACTERS || town || isAcronym(claims, index)) return 0;
    if (ordinary && !claims.run.left.afterAge && !UPPER_BEFORE.has(before)) return 0;
    if ((flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0 || ((flags & NAME) !== 0 && does)) return 0.5;
    const { afterAge, afterRole } = claims.run.left;
    const told = index === 0 && (afterAge || afterRole);
    if (told && ((flags & NAME) !== 0 || (flags === 0 && isNameLike(word.text)))) return 0.45;
    // "charted by GREENFIELD", "called to OYELARAN": who does or hears it.
    const named =
      ((flags & NAME) !== 0 && (flags & (WORD_COMMON | MEDICAL | ROLE)) === 0) ||
      (flags === 0 && isNameLike(word.text));
    return named && word.text.length > MIN_UPPER_CHARACTERS && UPPER_BEFORE.has(before) ? 0.45 : 0;
  }
  if ((flags & NAME) === 0) {
    const { apposition } = claims.run;
    const { afterAge, afterRole } = claims.run.left;
    if (PERSON_BEFORE_STRONG.has(before) || owns || apposition || afterAge || (afterRole && index === 0))
      return 0.5;
    if (PERSON_DOES.has(after) && does) return 0.45;
    if (BRAND.test(word.text) || isInTerms(claims, index)) return 0;
    // "took Relyvrio", "Relyvrio 10 mg": what is taken or counted.
    if (!acts && (TAKEN_BEFORE.has(before) || (index === claims.run.words.length - 1 && claims.run.numbered)))
      return 0;
    if (word.possessive && after !== '' && !sentenceStart) return 0.45;
    if (sentenceStart && (acts || after === '') && isNameLike(word.text)) return 0.4;
    const told = cue && !/^(?:and|or|for|with|is|to)$/.test(before);
    if (sentenceStart || (!acts && !told && isWordLike(word.text))) return 0;
    return acts || cue || word.text.length >= MIN_LONE_CHARACTERS ? 0.4 : 0;
  }
  if ((flags & GIVEN) !== 0 && !ordinary) return 0.6;
  if ((flags & GIVEN_COMMON) !== 0 && !isWord) return 0.6;
  if ((flags & GIVEN) !== 0 && word.possessive && BELONGINGS.has(after)) return 0.5;
  // "Whitfield's potassium", "Macaluso refusing meds", "Brandvold at bedside"
  const told = (AFTER_ANY.has(after) || /(?:ing|ed|[^s]s)$/.test(after)) && !isBareEponym(word);
  // A town that is a usual surname is somebody or somewhere, and masked either way.
  const somebody = !ordinary || (!isWord && (flags & FAMILY_COMMON) !== 0 && (flags & CITY_MAJOR) === 0);
  if ((flags & NAME) !== 0 && somebody && told && (next === undefined || next.link)) return 0.45;
  const theirs = word.possessive && after !== '' && !NAMED_AFTER.has(after) && !isBareEponym(word);
  if (theirs && (flags & NAME) !== 0 && (flags & (ORDINARY & ~WORD)) === 0 && (flags & WORD_COMMON) === 0)
    return 0.45;
  if ((flags & FAMILY) !== 0 && !ordinary && (!sentenceStart || (flags & EPONYM) === 0)) return 0.5;
  // Alone in its field or cell: "Team: Okeke (MD)". "Sgarbossa negative" is a sign.
  const alone = after === '' || IN_STATE.has(after) || (flags & FAMILY_COMMON) !== 0;
  if ((flags & FAMILY) !== 0 && somebody && (acts || (!isBareEponym(word) && alone))) return 0.5;
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
    ((flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0 ||
      ((flags & GIVEN) !== 0 && (flags & WORD_COMMON) === 0)) &&
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
  // "Gray 4, Pink 0" counts.
  const counted = isWord && /^ \d{1,2}(?!\d)/.test(claims.run.behind);
  if (!sentenceStart && claims.run.words.length === 1 && !counted && (flags & (MEDICAL | MONTH)) === 0)
    return 0.45;
  if ((flags & CITY_WORD) !== 0 && (flags & (WORD | MEDICAL | STATE)) === 0 && !(sentenceStart && !acts))
    return 0.5;
  const weak = (flags & MEDICAL) !== 0 || (index > 0 && isWord);
  return (flags & FAMILY) !== 0 && PERSON_BEFORE_STRONG.has(before) && !weak ? 0.5 : 0;
}
