import type { Rule } from '../engine/rule.ts';
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
  PARTICLE,
  ROLE,
  STATE,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { isWordLike } from '../lexicon/name-like.ts';
import { AFTER_ANY, BASE_VERBS, PERSON_AFTER } from './cues.ts';
import { WORD_FORM } from './lower-case.ts';

const OTHER = MEDICAL | ROLE | COUNTRY | STATE | MONTH;
/** Misspelt words of fewer letters are many. */
const MIN_UNKNOWN_CHARACTERS = 5;
/** How words end that are seldom names. */
const SELDOM_NAME =
  /(?:ed|ing|ly|tion|sion|ment|ness|ies|ous|able|ible|ive|ism|ist|ics|ology|osis|itis|oma|emia|opathy|ectomy|oscopy|plasty|ostomy|otomy|gram|graphy|pril|olol|sartan|statin|azole|cillin|mycin|mab|nib|tide|pine|pam|lam|zine|done|sone|solone|ase|ine|ide|ate|ites?|oid)s?$/;

/** A word of no list that is not spelled as words are. */
function isUnknownName(word: string): boolean {
  return (
    word.length >= MIN_UNKNOWN_CHARACTERS &&
    !SELDOM_NAME.test(word) &&
    !/'(?:ve|re|ll|d|t|m)$/.test(word) &&
    word.split('-').every((part) => lookUp(part) === 0 || (lookUp(part) & (NAME | WORD | OTHER)) === NAME) &&
    !isWordLike(word)
  );
}

function isOnlyName(word: string): boolean {
  const flags = word.split('-').reduce((all, part) => all | lookUp(part), 0);
  return (flags & NAME) !== 0 && (flags & (WORD | OTHER)) === 0;
}

/** Given names that are words too and that stand as names in questions. */
const ASKED: ReadonlySet<string> = new Set(
  `faith grace joy hope rose ruby pearl iris ivy holly amber crystal summer autumn june frank jack bob gene dale dean earl
  lance miles ray rod rusty sonny sunny ward skye destiny trinity genesis serenity harmony melody charity patience precious
  princess olive ginger jasmine violet daisy lily rosemary heather misty candy brandy sherry dakota phoenix jordan israel
  savannah georgia virginia carolina madison jackson cooper carter hunter mason chance chase cash sage willow dawn angel
  heaven royal river brook brooke robin jay ty chip carol bill peg bev deb buddy sterling`.split(/\s+/),
);

/** Rarer ones, which are found where only people stand. */
const WORD_NAMES: ReadonlySet<string> = new Set(
  'jewel clay cliff heath reed glen trey rhodes wade brandy tawny coral opal sable raven wren ash drew rowan blaze ridge stone ford saint royce lark noble cruz diamond chastity trinity essence unique precious treasure passion egypt asia china paris london sydney carson'.split(
    ' ',
  ),
);

function isWordName(word: string): boolean {
  const flags = lookUp(word);
  if ((flags & NAME) === 0 || (flags & (MEDICAL | ROLE)) !== 0) return false;
  if (ASKED.has(word)) return true;
  return (flags & GIVEN_COMMON) !== 0 && (flags & (WORD_COMMON | OTHER | EPONYM)) === 0;
}

/** What somebody is asked about: "ok for surgery", "allergic to". */
const IS =
  '(?:ok|okay|allowed|able|ready|due|allergic|pregnant|stable|going|still|on|safe|cleared|eligible|supposed|overdue|coming|doing|taking|getting|having)';
const NEED =
  '(?:need|have|get|take|require|qualify|still|see|come|go|stop|start|hold|want|eat|drink|use|know|fly|drive|return|call|bring|continue|wait)';

/** The name before what was read to know it by, and a second name behind it. */
function nameIn(value: string, fits: (word: string) => boolean): number {
  const [first = ''] = value.split(/[ ,(']/);
  return fits(first) ? first.length : 0;
}

/** A word that is not part of a thing with the word behind it. */
function checkTold(value: string): number {
  const [first = '', second] = value.split(' ');
  const word = first.replace(/'s$/, '');
  if (!isUnknownName(word)) return 0;
  const goesOn =
    second === undefined ||
    /^(?:are|were)$/.test(second) ||
    AFTER_ANY.has(second) ||
    PERSON_AFTER.has(second) ||
    BASE_VERBS.has(second);
  if (goesOn || first !== word) return word.length;
  // "for oyinkan adewusi": a surname behind it.
  return isUnknownName(second) || isOnlyName(second) ? value.length : 0;
}

/** Names in small letters, of no list or words too, where only people stand. */
export const LOWER_CASE_SLOT_RULES: readonly Rule[] = [
  {
    // "pcp lindqvist": the staff and the patient.
    entity: 'PERSON',
    name: 'person.small-role',
    score: 0.5,
    before:
      '(?:pcp|attending|resident|intern|fellow|np|pa|rn|cna|lpn|md|hospitalist|surgeon|cardiologist|neurologist|oncologist|nephrologist|psychiatrist|therapist|counselor|midwife|pharmacist|dentist|podiatrist|coach|officer|decedent|caller|nok|poa|proxy|emergency contact|next of kin|spouse|client)(?: is|:)? ',
    value: `${WORD_FORM}(?: ${WORD_FORM})?`,
    check: (value) => {
      const [first = '', second = ''] = value.split(' ');
      const fits = (word: string): boolean => isOnlyName(word) || isUnknownName(word);
      if (!fits(first)) return 0;
      return fits(second) ? value.length : first.length;
    },
  },
  {
    // "the social worker (carmelita?", "our chaplain (ignatius)"
    entity: 'PERSON',
    name: 'person.small-role-bracket',
    score: 0.5,
    anywhere: true,
    before:
      '(?:social worker|case manager|sw|cm|chaplain|nurse|aide|tech|neighbor|neighbour|therapist|interpreter|caregiver|sitter|roommate|landlord|friend|doctor|coordinator|midwife|doula|supervisor|manager|coach|teacher|counselor|sponsor|driver|daughter|son|wife|husband|mom|dad|mother|father|sister|brother|aunt|uncle|cousin|niece|nephew|partner|girlfriend|boyfriend) ?\\(',
    value: `${WORD_FORM}[),?.]`,
    check: (value) => {
      const word = value.slice(0, -1);
      return isOnlyName(word) || isUnknownName(word) || isWordName(word) ? word.length : 0;
    },
  },
  {
    // "she's with the lund family"
    entity: 'PERSON',
    name: 'person.small-family',
    score: 0.5,
    before: '(?:the|our) ',
    value: "[a-z][a-z'-]{2,15} (?:family|kids?|twins?|baby|boys|girls|children|brothers|sisters|household)",
    check: (value) =>
      nameIn(value, (word) => {
        const flags = lookUp(word);
        return (flags & FAMILY) !== 0 && (flags & (WORD | OTHER)) === 0;
      }),
  },
  {
    // "whos on tonight, still chen?"
    entity: 'PERSON',
    name: 'person.small-asked-who',
    score: 0.45,
    before: '(?:still|just|maybe|or|its|not|vs|was it|is it|w/|with) ',
    value: '[a-z]{3,15}[?!]',
    check: (value) => {
      const word = value.slice(0, -1);
      const flags = lookUp(word);
      const usual = (flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0;
      return usual && isOnlyName(word) && (flags & (EPONYM | CITY_WORD)) === 0 ? word.length : 0;
    },
  },
  {
    // "hope called, her cough", "destiny cant swallow": a given name that is a word, of which people tell.
    entity: 'PERSON',
    name: 'person.small-word-acts',
    score: 0.45,
    first: { any: GIVEN, none: MEDICAL | ROLE },
    anywhere: true,
    before: '(?:^|\\n|[.?!;] |ok |so |hey |hi |and |but )',
    value: `[a-z]{3,12} (?:called|calls|says|said|needs a|cant|can't|wont|won't|refuses|refused|threw up|vomited|fell|passed out|is here|is coming|is asking|is still|came in|cancelled|canceled|no showed|stopped taking|ran out|took (?:her|his)|has (?:her|his)|lost (?:her|his)|had (?:her|his)|missed (?:her|his)|left ama|didnt|didn't|doesnt|doesn't)`,
    check: (value) => nameIn(value, (word) => isWordName(word) || WORD_NAMES.has(word)),
  },
  {
    // "ask chase if he took it"
    entity: 'PERSON',
    name: 'person.small-word-told',
    score: 0.45,
    first: { any: GIVEN, none: MEDICAL | ROLE },
    before: '(?:ask|tell|text|remind|call|page|asked|told|called|paged) ',
    value: '[a-z]{3,12} (?:if|that|to|when|about|he|she|not|we|i|her|his|back|please|pls|know)',
    check: (value) => nameIn(value, (word) => isWordName(word) || WORD_NAMES.has(word)),
  },
  {
    // "discussed with ntirenga and", "labs for trovatore are"
    entity: 'PERSON',
    name: 'person.small-told',
    score: 0.45,
    first: { any: NAME, none: WORD | OTHER, unknown: true },
    before:
      '(?:(?:discussed|spoke|talked|met|reviewed|staffed|plan|visit|appt|call|f/u) (?:with|w/|w)|(?:labs|note|letter|refill|refills|results|result|script|rx|meds|orders|order|referral|excuse|summary|course|instructions|appeal|auth|update|ecg|ekg|mri|ct|echo|report|care|trials|consult|covering|chart) (?:for|on|of|from)|(?:seen|referred|followed|evaluated|treated|signed|cared for) by|(?:respond|reply|letter|message|msg|email|write|explain) (?:to|from)|(?:saw|see|tell|ask|remind|call|page|text|schedule|refer|counsel|discharge|admit|transfer|update on|news on|news from|word from|behalf of|referring|thank|per|cc|hi|hello|dear|thanks|thx)) ',
    value: `${WORD_FORM}(?:'s)?(?: ${WORD_FORM})?`,
    check: checkTold,
  },
  {
    // "does faith need", "is ray ok for surgery"
    entity: 'PERSON',
    name: 'person.small-asked',
    score: 0.5,
    before:
      '(?:^|\\n|[.?!,:;] |and |but |so |when |why |how |if |what vaccines |when |what )(?i:does|did|can|could|should|is|was|has|will|would) ',
    anywhere: true,
    first: { any: NAME, none: MEDICAL | ROLE },
    value: `[a-z]{2,14} (?:${NEED}|${IS})`,
    check: (value) => nameIn(value, (word) => isWordName(word) || isOnlyName(word)),
  },
  {
    // "what vaccines does faith need"
    entity: 'PERSON',
    name: 'person.small-needs',
    score: 0.5,
    first: { any: NAME, none: MEDICAL | ROLE },
    before: '(?:does|did|should|can|will|would|could) ',
    value: `[a-z]{2,14} ${NEED}`,
    check: (value) => nameIn(value, isWordName),
  },
  {
    // "tell rose (my aunt", "ivy, my daughter"
    entity: 'PERSON',
    name: 'person.small-kin-behind',
    score: 0.5,
    first: { any: NAME, none: MEDICAL | ROLE, unknown: true },
    before: '(?:tell|ask|for|with|named|is|in|and|called|about|from|call|saw|see|let|help|of|does|did|can) ',
    value:
      "[a-z][a-z'-]{2,20},? \\(?(?:(?:she|he)(?:'s|s| is) )?(?:my|his|her|their|our|the|pts|pt's) (?:older |younger |little |late |ex )?(?:husband|wife|mother|father|mom|dad|daughter|son|sister|brother|aunt|uncle|cousin|niece|nephew|grandmother|grandfather|grandma|grandpa|grandson|granddaughter|girlfriend|boyfriend|partner|friend|neighbor|roommate|fiance|fiancee|caregiver|twin)",
    check: (value) => {
      if (!/[,(]/.test(value)) return 0;
      return nameIn(value, (word) => isWordName(word) || isOnlyName(word) || isUnknownName(word));
    },
  },
  {
    // "hx from wife carol: fell": a given name that is a word, behind who it is.
    entity: 'PERSON',
    name: 'person.small-kin-word',
    score: 0.5,
    first: { any: NAME, none: MEDICAL | ROLE },
    before:
      '(?:wife|husband|spouse|son|daughter|mom|mother|dad|father|sister|brother|aunt|uncle|cousin|niece|nephew|partner|girlfriend|boyfriend|friend|neighbor|roommate|grandson|granddaughter|poa|nok|nurse|named|called) ',
    value: '[a-z]{3,14}(?: [a-z]{1,12})?',
    check: (value) => {
      const [first = '', second] = value.split(' ');
      const goesOn = second === undefined || AFTER_ANY.has(second) || PERSON_AFTER.has(second);
      return goesOn && isWordName(first) ? first.length : 0;
    },
  },
  {
    // "pepper mills 45f", "sunny day, 29 yo": a given name that is a word, before an age.
    entity: 'PERSON',
    name: 'person.small-aged',
    score: 0.5,
    first: { any: NAME, none: MEDICAL | ROLE, unknown: true },
    before: '(?:^|\\n|[.?!:;] |for |pt |patient |on |re |about |saw |named |see )',
    anywhere: true,
    value: `${WORD_FORM}(?: ${WORD_FORM})?,? \\(?\\d{1,3} ?(?:yo|y/o|yr|yrs|years? old|f|m|F|M)`,
    check: (value) => {
      const name = value.replace(/,? \(?\d.*$/, '');
      const [first = '', second] = name.split(' ');
      const isFirst = isWordName(first) || isOnlyName(first) || isUnknownName(first);
      if (!isFirst || (lookUp(first) & CITY_WORD & ~GIVEN) !== 0) return 0;
      if (second === undefined) return name.length;
      const flags = lookUp(second);
      return (flags & NAME) !== 0 || flags === 0 ? name.length : 0;
    },
  },
  {
    // "aiyana le goff: done": who speaks, with two names at least.
    entity: 'PERSON',
    name: 'person.small-speaker-full',
    score: 0.5,
    anywhere: true,
    before: '(?:^|\\n)(?:\\[[^\\]\\n]{1,16}\\] |\\d{1,2}:\\d{2} (?:[ap]m )?)?',
    value: "[a-zß-öø-ſ][a-zß-öø-ſ'-]{1,20}(?: [a-zß-öø-ſ][a-zß-öø-ſ'-]{0,20}\\.?){1,2}:",
    check: (value) => {
      const words = value.slice(0, -1).split(' ');
      const flags = words.map((word) => word.split('-').reduce((all, part) => all | lookUp(part), 0));
      const fits = flags.every(
        (flag) => (flag & (OTHER & ~COUNTRY)) === 0 && (flag === 0 || (flag & (NAME | PARTICLE)) !== 0),
      );
      const sure = flags.filter((flag) => (flag & NAME) !== 0 && (flag & WORD) === 0).length;
      return fits && sure > 0 ? value.length - 1 : 0;
    },
  },
];
