import {
  CITY_FIRST,
  CITY_MAJOR,
  COUNTRY,
  FAMILY,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  MONTH,
  NAME,
  ROLE,
  STATE,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { isNameLike, isWordLike } from '../lexicon/name-like.ts';
import { wordAfter, wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import {
  AFTER_ANY,
  AUXILIARY,
  BASE_VERBS,
  BELONGINGS,
  KIN,
  PERSON_AFTER,
  PERSON_BEFORE_STRONG,
  PERSON_DOES,
  PERSON_IS,
  VERB_BEFORE,
} from './cues.ts';
import { isBareEponym } from './eponym.ts';
import { NO_NAMES } from './person-judge.ts';
import { BRAND, isBaseVerb } from './person-thing.ts';
import type { Word } from './run.ts';

/**
 * How surely somebody stands in a place of a sentence, whatever the word there is: nothing tells, as things stand there
 * as well, mostly people, only people.
 */
type Slot = 0 | 1 | 2 | 3;

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Behind a name, with what `PERSON_DOES` has: what things never do. */
const ONLY_PEOPLE = words(
  `tolerated underwent visited attended weighs died tried likes snores snored coughs coughed itches limps wheezes faints
  fainted bled cried yelled screamed slept ate drank smoked drives drove sleeps texted emailed faxed wrote replied messaged
  consented withdrew enrolled quit claims claimed confirmed endorses endorsed describes described wonders wondered worries
  worried hopes forgot remembers understands understood disagrees verbalized ambulated ambulates voided eloped overdosed
  delivered breastfeeds resides immigrated retired graduated plays sings swims runs jogs cooks lost drank skips skipped
  swallowed ingested inhaled choked slipped tripped twisted sprained crashed injured relapsed resigned stepped
  scratched bumped punched pooped peed spiked desatted coded seized fainted dropped threw outgrew begged
  whose who presented presents returned complains`,
);
/** Behind a name: mostly people. */
const MOSTLY_PEOPLE = words(
  `takes took got had developed completed noted noticed broke gained passed moved left seems turned keeps brought ran
  suffered speaks spoke signed requested requests received gave needed wanted did does doesn didn isn wasn hasn hadn`,
);
/** Behind "is" and "was", with what `PERSON_IS` has. */
const PERSON_WAS = words(
  `born seen transferred diagnosed referred told hospitalized hospitalised brought sent treated evaluated married
  divorced widowed retired deceased unconscious lethargic combative agitated oriented afebrile jaundiced dizzy depressed
  suicidal homeless unemployed pregnant breastfeeding drinking smoking taking having getting coming going doing being
  planning trying living staying working upset worried nervous scared angry tired hungry thirsty sick drunk coughing
  bleeding wheezing due scheduled ready back home here still on in not my our his her stable npo`,
);
/** Behind "will", "can", "may" and the like, with what `BASE_VERBS` has. */
const PERSON_WILL = words(
  `return come go see call follow stay schedule bring visit move arrive leave walk sleep travel fly work drive drink smoke
  eat talk speak ask tell pay sign decide`,
);
const HAS = /^(?:a|an|her|his|no|chronic|type|stage|two|three|had|not|been)$/;
const MODAL = words('will would can could should may might must');
/** Before a name, with what `PERSON_BEFORE_STRONG` has: only people. */
const ONLY_BEFORE = words(
  `friend classmate coworker co-worker supervisor manager attending resident veteran np pa rn lpn cna pct emt crna aprn fnp
  pcp subject participant client stepmother stepfather stepdaughter stepson landlord babysitter nanny boyfriend
  girlfriend husband's wife's mum mommy daddy grandma grandpa mr mrs ms miss dr tell remind ask`,
);
/** Before a name: mostly people. */
const MOSTLY_BEFORE = words(
  `give gave giving refer referred referring schedule rescheduled page paged call called text texted email emailed see saw
  for with regarding about per by behalf told asked reminded counsel counseled educate transfer transferred discharge
  discharged admit admitted cc thank thanks meet met`,
);
/** Small words that begin a sentence before a name, so that the name's capital is its own. */
const LEADS = words(
  `refer give call tell remind ask schedule page text email see saw meet transfer discharge admit thank friend neighbor
  neighbour for with per by about regarding does did can could should would will is was has had when if after before since
  because why and but so np pa rn lpn cna attending resident subject participant client brother sister son daughter mother
  father mom dad husband wife partner baby aunt uncle cousin nephew niece grandma grandpa nurse patient pt from discharged
  admitted transferred told asked called texted paged emailed met gave referred`,
);
/** Behind "the Graves": they are somebody's. */
const FAMILY_OF = words(
  'family kid kids boy boys girl girls twins twin baby child children siblings brothers sisters couple household infant',
);
/** What a product has. */
const OF_DRUGS =
  /^(?:labels?|dose|doses|dosing|mechanism|efficacy|effectiveness|price|pricing|cost|side|approval|package|manufacturer|safety|trials?|interactions?|half|onset|patent|website|app|api|software|users?|team|new|latest|own|first|best|main|default)$/;
/** Behind two people. */
const COUPLES = words(
  `are were have had want wanted both live lived need needed came come arrived asked ask say said called think feel deny report`,
);
/** Whether a word begins a sentence before a name. */
export function isLead(word: Word): boolean {
  return LEADS.has(word.text) || (word.flags & ROLE) !== 0;
}

/** Ordinary words that people are called too, and that mostly begin a sentence as something else. */
const SELDOM = words(
  `case will may long young old strong short best price major chance art grace mark bill white black brown green grey gray
  rich poor frank good day bed room chart stone church field fields case hall north south east west north park page new
  close low high light love power early late early sharp moody savage bishop judge pope king queen duke prince baron`,
);

/** What somebody does, has and is behind the word at `last`. */
function slotAfter(claims: Claims, last: number): Slot {
  const { run } = claims;
  const word = run.words[last] as Word;
  const after = wordAfter(claims, last);
  const next = run.words[last + 1];
  if (next !== undefined && !next.link) return 0;
  const behind = next === undefined ? (run.right[1] ?? '') : '';
  if (FAMILY_OF.has(after) && /^(?:the|this|that|our)$/.test(wordBefore(claims, last))) return 3;
  if (word.possessive) {
    if (KIN.has(after)) return 3;
    if (BELONGINGS.has(after) || (lookUp(after) & MEDICAL) !== 0) return 2;
    // "Iosefa's donor": of no list, and nothing that a drug has.
    if (word.flags === 0 && after !== '' && !OF_DRUGS.test(after)) return 2;
    return last > 0 || !run.left.first ? 1 : 0;
  }
  if (next === undefined && run.apposition) return 2;
  // "Has Grace outgrown her": what is somebody's own.
  if (/^(?:her|his|their)$/.test(behind) && AUXILIARY.has(wordBefore(claims, last))) return 3;
  if (ONLY_PEOPLE.has(after)) return 3;
  if (PERSON_DOES.has(after)) return after === 'reports' || after === 'states' || after === 'calls' ? 2 : 3;
  if (after === 'is' || after === 'was') {
    if (PERSON_IS.has(behind)) return 3;
    return PERSON_WAS.has(behind) ? 2 : 1;
  }
  if (after === 'has') return HAS.test(behind) || (lookUp(behind) & MEDICAL) !== 0 ? 2 : 1;
  if (MODAL.has(after)) return PERSON_WILL.has(behind) ? 2 : BASE_VERBS.has(behind) ? 1 : 0;
  return MOSTLY_PEOPLE.has(after) ? 2 : 0;
}

/** Who is told of before the word at `from`. */
function slotBefore(claims: Claims, from: number): Slot {
  const { run } = claims;
  const before = wordBefore(claims, from);
  if (from === 0 && (run.left.afterAge || (run.left.afterRole && !run.numbered))) return 3;
  if (ONLY_BEFORE.has(before) || PERSON_BEFORE_STRONG.has(before)) return 3;
  return MOSTLY_BEFORE.has(before) ? 2 : 0;
}

/** Behind a name that something is for, or to whom it is said. */
const DONE =
  /^(?:eligible|allowed|able|allergic|pregnant|safe|stable|ready|old|ill|sick|immune|positive|negative|taken|told|put|sent|given|drawn|done|due|only|twice|once|both|who|which|either|ever|any|instead|yet|ok|okay)$/;

/** Whether the word behind makes one thing with the word at `last`: "people with Mondini dysplasia", not "give Ivy ibuprofen". */
function isThingBehind(claims: Claims, from: number, last: number): boolean {
  const after = wordAfter(claims, last);
  if (
    after === '' ||
    AFTER_ANY.has(after) ||
    PERSON_AFTER.has(after) ||
    isBaseVerb(after) ||
    DONE.test(after)
  )
    return false;
  return !VERB_BEFORE.has(wordBefore(claims, from));
}

/** Whether the capital of a word is its own: in the middle of a sentence, or behind its first word when that is a small one. */
function isOwnCapital(claims: Claims, index: number): boolean {
  const { words: all, left } = claims.run;
  if (index === 0) return !left.first;
  const lead = all[0] as Word;
  return index === 1 && LEADS.has(lead.text) && (all[1] as Word).gap === 'space' && !lead.upper;
}

/**
 * Judges by the place alone, what nothing else has told: words that are names and ordinary words too, and words of no
 * list. The more a word means besides, the surer its place must be. Where the name ends, from `from` on; 0 for none.
 */
export function findBySlot(claims: Claims, from: number, to: number): number {
  const span = claims.run.words.slice(from, to).filter((word) => !word.link);
  const full = span.filter((word) => !word.initial);
  if (full.length === 1 && full[0]?.upper === true) return isShoutedName(claims, full[0]) ? to : 0;
  if (full.length === 0 || full.some((word) => word.upper || !word.regular)) return 0;
  const tail = surnameAfter(claims, full, to);
  const last = tail === undefined ? to - 1 : to;
  const slot = slotOf(claims, from, last);
  if (tail !== undefined) return slot === 3 ? to + 1 : 0;
  const next = claims.run.words[to];
  if (next !== undefined && !next.link && next.gap === 'space') return 0;
  if (full.length > 1) return isPair(full, slot) ? to : 0;
  const word = full[0] as Word;
  // "L. Quick was", "J. Stone is".
  const initial = span.length > 1 && span.some((other) => other.initial && other.stop);
  const only = (word.flags & (WORD | MEDICAL | STATE | COUNTRY)) === 0;
  if (span.length > 1 && word === span[0] && (word.flags & GIVEN_COMMON) !== 0 && only) return to;
  // "(b) L. Quick chronic hives": further on in the alphabet than choices go.
  const lettered = span[0]?.initial === true && /^[g-z]$/.test((span[0] as Word).text) && from === 0;
  if (initial && lettered && (word.flags & FAMILY_COMMON) !== 0 && (word.flags & MEDICAL) === 0) return to;
  if (initial) return slot > 0 && (word.flags & FAMILY) !== 0 && (word.flags & MEDICAL) === 0 ? to : 0;
  if (slot === 0 && isCouple(claims, from)) return to;
  const own = isOwnCapital(claims, from);
  // "Is Blessing eligible", "Was Miles given": a name's capital.
  const asked = own && from === 1 && slot < 2 && !isThingBehind(claims, from, last) ? 2 : slot;
  return isSomebody(word, asked, own) ? to : 0;
}

/** "HOPE is refusing her chemo": a given name in capitals begins the sentence, and who does what only people do. */
function isShoutedName(claims: Claims, word: Word): boolean {
  const { words: all, left } = claims.run;
  if (all.length > 1 || !left.first || (word.flags & GIVEN) === 0) return false;
  if ((word.flags & (MEDICAL | COUNTRY | STATE | MONTH | ROLE)) !== 0) return false;
  return slotAfter(claims, 0) === 3;
}

function slotOf(claims: Claims, from: number, last: number): Slot {
  const after = slotAfter(claims, last);
  const told = slotBefore(claims, from);
  const before = after === 0 && isThingBehind(claims, from, last) ? 0 : told;
  return Math.max(after, before) as Slot;
}

/** "Sunny Day wants": the ordinary word with a capital behind a given name, at the end of the run. */
function surnameAfter(claims: Claims, full: readonly Word[], to: number): Word | undefined {
  const [head] = full as [Word];
  const next = claims.run.words[to];
  if (full.length > 1 || next === undefined || claims.run.words.length > to + 1 || claims.taken(to))
    return undefined;
  const plain = (next.flags & WORD) !== 0 && (next.flags & ~(WORD | WORD_COMMON | CITY_FIRST)) === 0;
  const given =
    (head.flags & GIVEN) !== 0 && (head.flags & (MEDICAL | ROLE | MONTH)) === 0 && !head.possessive;
  return given && plain && next.gap === 'space' && next.regular && !next.upper ? next : undefined;
}

/** "Sunny and Ivy are carriers": two given names of which people tell something. */
function isCouple(claims: Claims, index: number): boolean {
  const { words: all, right } = claims.run;
  const at = all[index + 1]?.text === 'and' ? index : all[index - 1]?.text === 'and' ? index - 2 : -1;
  const [one, other] = [all[at], all[at + 2]];
  if (one === undefined || other === undefined || all.length > at + 3) return false;
  if (!COUPLES.has(right[0] ?? '')) return false;
  return [one, other].every(
    (word) => (word.flags & GIVEN) !== 0 && (word.flags & (MEDICAL | MONTH)) === 0 && !SELDOM.has(word.text),
  );
}

/** A given name and a surname that are words too, at the start of a sentence: "Hope Winters snores". */
function isPair(full: readonly Word[], slot: Slot): boolean {
  const [head, tail] = [full[0] as Word, full.at(-1) as Word];
  if (full.some((word) => (word.flags & (MEDICAL | ROLE | COUNTRY | STATE | MONTH)) !== 0)) return false;
  // "Winters, Hope"
  if (tail.gap === 'comma' && (head.flags & FAMILY_COMMON) !== 0 && (tail.flags & GIVEN_COMMON) !== 0)
    return slot >= 2;
  const named = (head.flags & GIVEN) !== 0 && (tail.flags & FAMILY) !== 0;
  if (!named) return slot === 3 && full.some((word) => (word.flags & NAME) !== 0 || word.flags === 0);
  return slot >= 2 || (head.flags & GIVEN_COMMON) !== 0;
}

function isSomebody(word: Word, slot: Slot, ownCapital: boolean): boolean {
  const { flags, text } = word;
  if (slot === 0 || text.length < 3 || NO_NAMES.has(text)) return false;
  if ((flags & MONTH) !== 0 && (word.possessive || /^(?:june|april)$/.test(text)) && (flags & GIVEN) !== 0)
    return slot >= 2;
  if ((flags & (MEDICAL | COUNTRY | STATE | MONTH | ROLE)) !== 0) {
    const usual = (flags & GIVEN_COMMON) !== 0 && (flags & (MEDICAL | COUNTRY | STATE | ROLE)) === 0;
    return slot === 3 && usual;
  }
  if (isBareEponym(word))
    return (flags & GIVEN_COMMON) !== 0 ? slot >= 2 : slot === 3 && (flags & FAMILY_COMMON) !== 0;
  if (flags === 0) {
    if (BRAND.test(text)) return false;
    return slot === 3 || (slot === 2 && (isNameLike(text) || !isWordLike(text)));
  }
  if ((flags & NAME) === 0) return false;
  if ((flags & CITY_MAJOR) !== 0) return slot === 3;
  const usual = (flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0;
  if ((flags & (WORD | WORD_COMMON)) === 0) return slot >= 1;
  if ((flags & WORD_COMMON) === 0 && !SELDOM.has(text)) return slot >= 2;
  if (ownCapital && usual) return slot >= 2;
  return slot === 3 && usual && !SELDOM.has(text);
}
