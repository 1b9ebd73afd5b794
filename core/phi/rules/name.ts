import {
  EPONYM,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  NAME,
  ROLE,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';

/** Within classes of patterns: letters of Latin, the last two ranges with those of Romanian and Vietnamese. */
export const LETTER = 'A-Za-zÀ-ÖØ-öø-ſƀ-ɏḀ-ỿ';
export const UPPER = 'A-ZÀ-ÖØ-ÞĀ-ſƀ-ɏḀ-ỿ';

/** Words that follow a label or a title and are no part of a name: they end it. Lower case. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about able account activity acute address admission admitted advocate affairs age aged agreed agrees alert allergies
  also am an and any appeared appears appointment approval are arrived as asked assessment assistant at back bed been
  being birth but by called came can care careful center chart chief cleared clinic comfortable complained complaining
  complains complaint compliance concern condition confirmed consent contact continues could counseling current
  currently data date day declined demographics denied denies department details developed diagnosis did died discharge
  discharged discussed dob does doing dosage dose education email encounter engagement enrolled er every exam
  examination experience experienced fax feels felt female first follow following for friday from full gave gender
  given goals going got group had handbook has have he hello her here him his history home hospital how however i id
  identifier identification if in info information instructed instructions insurance intake is issues it january
  february march april june july august september october november december joined just known label last left level
  list lives location made male man manager map may medical medication medications medicare member mentioned met
  monday mr mrn mrs ms must my na name needs new next no none not note notes notified now nurse number of off office
  old on only onset or orders our outcome outcomes overall pain phone physician plan please population portal positive
  presented presenting presents prior privacy procedure profile progress provided provider questionnaire rated reason
  received record records refused refuses registration rehab relation reported reports request requested requests
  resting results returned returns review rights room safe safety sat satisfaction saturday saw say says screening seen
  service services session setting sex she should shows since sleeping sleeps so ssn stable started stated states
  status still stopped strong such suffers summary sunday support surgery survey take taken takes tbd tel telephone
  that the their them n/a then there these they this those thursday time to today told tolerated took transfer transport
  treatment tuesday type unable under underwent unknown until up update upon used uses verbalized verified very via
  visit visits vitals volume waiting wants was we wednesday week well went were what when where which while who whose
  will with without woman works worse would year years yes yesterday yo you your zip google ok okay hi hey yep nope sure thanks thank lol looks oh hmm naw nah yeah yup uh um
  well ugh amen wow gosh alright fine hiya howdy gee ouch ow mhm mm sorta kinda gotcha nothing everything maybe both neither
  actually honestly i'd i've i'll i'm it's that's what's there's he's she's they're we're you're can't don't didn't i`.split(
    /\s+/,
  ),
);
/** Of these, surnames that many have: behind a given name and before nothing, or before a comma and a given name. */
const SURNAMES: ReadonlySet<string> = new Set(['strong', 'may', 'will', 'still', 'march', 'august']);
const TITLES: ReadonlySet<string> = new Set([
  'dr',
  'mr',
  'mrs',
  'ms',
  'miss',
  'prof',
  'doctor',
  'professor',
  'rev',
]);
/** As programs call things: `createClient`. Not "deShawn", "vanDyke" and "mcNeil". */
const CAMEL_CASE = /^(?!(?:d[aeiu]|l[aeo]|ma?c|van|von|del|des|[jk]e|ja|ra|sha|ty|st|o)[A-Z])[a-z]+[A-Z]/;
/** As programs call types: `SignedHead`, `OrderService`. */
const PASCAL_CASE = /^([A-Z][a-z]{3,})(?:[A-Z][a-z]+)+$/;
/** What follows a name when it is written in capitals. */
const CREDENTIALS: ReadonlySet<string> = new Set(
  'MD DO RN NP PA PA-C LPN CNA DDS DMD DVM OD PT OT PHD PSYD PHARMD MPH MSN BSN FNP APRN CRNA FACP FACS LCSW'.split(
    ' ',
  ),
);
const PARTICLES: ReadonlySet<string> = new Set(
  'de la del della van von der den bin ibn al el da dos di du le st'.split(' '),
);

const MAX_SHORT_CHARACTERS = 2;
const UNLIKE_NAMES = WORD_COMMON | MEDICAL | ROLE;
const MAX_LOWER_CASE_WORDS = 3;
/** "J.R." */
const INITIALS = /^(?:\p{L}\.)+$/u;

interface Shape {
  /** Whether words in lower case may be names, when the first one is. */
  readonly lowerCase: boolean;
  readonly minWords: number;
  /** Whether ordinary words end the name: after a label that stands before sentences too. */
  readonly plain: boolean;
}

/** "Dr Pepper", "Dr. Scholl's" and "Mr. Yuk" are no people. */
const TITLED_THINGS =
  /^(?:Pepper|Scholl|Bronner|Seuss|Google|Oz|Yuk|Clean|Potato|Bean|Jackie|Practice|Licensure|Pac-Man|Mary Joseph|Peepers|Bubbles|Monopoly|Hyde|Jekyll|Frankenstein|Strangelove|Watson AI)(?:'s)?(?! [A-Z])/;
/** "Nurse Licensure Compact": a title that is a word as well, and what is done there. */
const DOING = /^[A-Z][a-z]+(?:tion|ure|ment|ity|ance|ence)(?![a-z])/;

/** "Nurse Practitioner", "Clinical Nurse Leader": what a nurse is, and not who. */
const POSTS =
  /^(?:Practitioners?|Leaders?|Educators?|Navigators?|Managers?|Midwi(?:fe|ves)|Anesthetists?|Specialists?|Informaticists?|Residency|Residents?|Externs?|Interns?|Supervisors?|Coordinators?|Consultants?|Staffing|Line|Call|Triage|Visits?|Week|Aides?|Techs?|Unit|Station|Notes?|Assessment|Initials|Signature|Liaison|Recruiter|Executive|Scientist|Examiner|Advocate)(?![a-z])/;

/** "Registered Nurse II", "Dr. Firstname Lastname". */
const RANK = /^(?:[IVX]{2,4}|(?:First|Last)[ _]?[Nn]ame.*)$/;

/** For values after a title: up to the first word that is no part of a name. */
export function checkTitled(value: string): number {
  if (TITLED_THINGS.test(value) || POSTS.test(value) || RANK.test(value)) return 0;
  const doing = DOING.exec(value)?.[0].toLowerCase();
  if (doing !== undefined && (flagsOf(doing) & (WORD | MEDICAL)) !== 0 && (flagsOf(doing) & NAME) === 0)
    return 0;
  return measureName(value, { lowerCase: false, minWords: 1, plain: false });
}

/** For values that begin with a capital: up to the first word that is no part of a name. */
export function checkCapitalised(value: string): number {
  if (TITLED_THINGS.test(value)) return 0;
  return measureName(value, { lowerCase: false, minWords: 1, plain: true });
}

/** For values after a label: in whatever case. */
export function checkAnyCase(value: string): number {
  return measureName(value, { lowerCase: true, minWords: 1, plain: true });
}

/** For values after a label that is used for things too: two words at least. */
export function checkFullName(value: string): number {
  return measureName(value, { lowerCase: true, minWords: 2, plain: true });
}

/** For the one word after a title in lower case. */
export function checkLowerCase(value: string): number {
  if (STOP_WORDS.has(value) || TITLES.has(value)) return 0;
  const flags = flagsOf(value.toLowerCase());
  return (flags & WORD_COMMON) !== 0 && (flags & NAME) === 0 ? 0 : value.length;
}

/** The bits of flags.ts of a word, those of its parts together when it has hyphens. */
export function flagsOf(word: string): number {
  return word.split('-').reduce((all, part) => all | lookUp(part), 0);
}

/** Whether the word is one of the language or of medicine rather than a part of a name. */
function isOrdinary(
  word: string,
  at: { lower: boolean; first: boolean; more: boolean; afterGiven: boolean; afterInitial: boolean },
): boolean {
  const flags = flagsOf(word);
  if ((flags & (WORD | MEDICAL | ROLE)) === 0) return false;
  // "John Q. Public": behind a given name and an initial stands a surname, whatever word it is.
  if (at.afterInitial && !at.lower && (flags & (MEDICAL | ROLE)) === 0) return false;
  // "James Crohn": who a disease is called after has a family.
  if ((flags & EPONYM) !== 0 && at.afterGiven && !at.lower) return false;
  // "Lena Probe": behind a given name a rarer word with a capital is a surname that no list has.
  // "Xi Wu", "Xi": short ones are in the lists as letters and notes, if at all.
  if (at.first && !at.lower && word.length <= MAX_SHORT_CHARACTERS && (flags & UNLIKE_NAMES) === 0)
    return false;
  if ((flags & NAME) === 0)
    return at.lower || !at.afterGiven || (flags & (WORD_COMMON | MEDICAL | ROLE)) !== 0;
  if (at.lower) return (flags & WORD_COMMON) !== 0 || (at.first && !at.more && (flags & GIVEN) === 0);
  return at.first && (flags & WORD_COMMON) !== 0 && (flags & (GIVEN_COMMON | FAMILY_COMMON)) === 0;
}

/** A word that the lists know as a name and as nothing else. */
export function isNameOnly(word: string): boolean {
  const flags = flagsOf(word.toLowerCase());
  return (flags & NAME) !== 0 && (flags & (WORD | MEDICAL | ROLE)) === 0;
}

/** A word that may be a name: one of the lists, or of none at all. */
export function mayBeName(word: string): boolean {
  const flags = flagsOf(word.toLowerCase());
  return (flags & NAME) !== 0 ? (flags & (MEDICAL | ROLE)) === 0 : (flags & (WORD | MEDICAL | ROLE)) === 0;
}

function isLast(value: string, { 0: word, index }: RegExpExecArray): boolean {
  return index + word.length === value.length || word.endsWith("'");
}

/** "Public, John Q.": whether a comma and a given name follow, which no ordinary word has behind it. */
function isTurned(value: string): boolean {
  const given = /^[^ ,]+,(?: {1,2})?(\p{Lu}[\p{L}'-]+)/u.exec(value)?.[1];
  const flags = given === undefined ? 0 : flagsOf(given.toLowerCase());
  return (flags & GIVEN_COMMON) !== 0 && (flags & (MEDICAL | ROLE)) === 0;
}

function isType(word: string): boolean {
  const first = PASCAL_CASE.exec(word)?.[1];
  return first !== undefined && (flagsOf(first.toLowerCase()) & (WORD | NAME)) === WORD;
}

function measureName(value: string, shape: Shape): number {
  let end = 0;
  let words = 0;
  let afterGiven = false;
  let isGiven = false;
  let afterInitial = false;
  let lowerStart = false;
  for (const found of value.matchAll(/[^ ,]+/g)) {
    const word = found[0];
    const plain = word
      .replace(/[.']+$/, '')
      .replace(/'s$/, '')
      .toLowerCase();
    const lower = word.charAt(0) === word.charAt(0).toLowerCase();
    if (TITLES.has(plain) && words === 0) continue;
    const isSurname = !lower && (words === 0 ? isTurned(value) : SURNAMES.has(plain) && isLast(value, found));
    const isStop = plain.length > 1 && (STOP_WORDS.has(plain) || TITLES.has(plain));
    if (isStop && !(isSurname && SURNAMES.has(plain))) break;
    if (words > 0 && CREDENTIALS.has(word.replaceAll('.', ''))) break;
    if (words > 0 && PARTICLES.has(plain)) continue;
    const more = value.length > word.length;
    if (words === 0) lowerStart = lower;
    if (isType(word)) break;
    if (lower && (!(shape.lowerCase && lowerStart) || CAMEL_CASE.test(word))) break;
    // "Patient: a smoker", "CALLER: A seven"
    if (words === 0 && word.length === 1 && (lower || /^. [a-z]/.test(value))) break;
    // "Father: MI at 52".
    if (shape.plain && words === 0 && /^[A-Z]{2,3}$/.test(word) && !/^[A-Z]{2,3},? [A-Z]{2}/.test(value))
      break;
    if (
      shape.plain &&
      plain.length > 1 &&
      !isSurname &&
      isOrdinary(plain, { lower, first: words === 0, more, afterGiven, afterInitial })
    )
      break;
    if (lowerStart && words === MAX_LOWER_CASE_WORDS) break;
    // A comma parts a surname from a given name; a second one begins something else.
    if (value.slice(end, found.index).includes(',') && words > 0 && value.slice(0, end).includes(',')) break;
    end = found.index + word.length;
    words += 1;
    const flags = flagsOf(plain);
    afterInitial = isGiven && plain.length === 1 && !lower;
    isGiven = (flags & GIVEN) !== 0;
    afterGiven = isGiven && (flags & WORD) === 0;
    // A dot after more than an initial ends the sentence.
    if (word.endsWith('.') && word.length > 2 && !INITIALS.test(word)) {
      end -= 1;
      break;
    }
    // name = 'John Smith'
    if (word.endsWith("'")) {
      end -= 1;
      break;
    }
  }
  // "p.o.", "b.i.d."
  if (lowerStart && INITIALS.test(value.slice(0, end))) return 0;
  return words >= shape.minWords ? end : 0;
}
