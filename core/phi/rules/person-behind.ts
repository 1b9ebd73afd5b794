import { foldCase } from '../engine/fold-case.ts';
import type { Rule } from '../engine/rule.ts';
import {
  NAME as ANY,
  COUNTRY,
  EPONYM,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  MONTH,
  WORD as ORDINARY,
  ROLE as PART,
  STATE,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { isNameLike, isWordLike } from '../lexicon/name-like.ts';
import { AFTER_ANY, PERSON_AFTER } from '../words/cues.ts';
import { flagsOf } from './name.ts';
import { LETTER, UPPER } from './person-around.ts';

const CAPITALISED = `[${UPPER}][a-zß-öø-ſ'’][${LETTER}'-]{1,18}`;
/** One word with a capital or two: of a longer name the last ones. */
const WHO = `${CAPITALISED}(?: ${CAPITALISED})?`;
const AGE = `\\d{1,3}(?:[ -]?(?i:yo|y/o|y\\.o|yr|yrs|years?|mo|months?|wks?|weeks?|d/o|w/o|m/o|days?)| ?[MFmf]|y)`;
const KIN = `(?i:husband|wife|spouse|partner|mother|father|mom|dad|daughter|son|sister|brother|aunt|uncle|cousin|niece|nephew|grand(?:mother|father|son|daughter|ma|pa)|step(?:mother|father|son|daughter|mom|dad)|fianc[eé]e?|girlfriend|boyfriend|friend|neighbou?r|guardian|caregiver|caretaker|roommate|landlord|poa|hcp|proxy|nok|pcp|rn|np|cna|lpn|sw|case manager|social worker|in-law|twin|boss|teacher|resident|fellow|intern|attending|md|pa|student|nurse|doula|midwife|interpreter|translator|surgeon|scribe|tech|aide|chaplain|coordinator|patient|pt|witness|driver|caller|owner|coach|social work|therapist|pharmacist|hospitalist|supervisor|manager|client)`;
const PLACE = `(?i:pharmacy|radiology|rads|lab|the lab|billing|scheduling|registration|admissions|the (?:icu|er|ed|or|floor|front desk|pharmacy|clinic|office)|dietary|nutrition|social work|case management|transport|housekeeping|it|hr|pt|ot|rt|respiratory|cardiology|oncology|surgery|anesthesia|ortho|neuro|nephrology|pathology|micro|blood bank|dialysis|hospice|home health|infusion|utilization review|medical records)`;
const CALLS = `(?i:called|calls|calling|is calling|here|says|said|asks|asked|wants|needs|texted|emailed|faxed|paged|left|reports|is asking|just called|would like)`;
const LABS = `(?:K|Na|Cr|Hgb|Hb|BG|BS|BP|HR|INR|WBC|Plt|PLT|trop|lactate|Lactate|A1c|GFR|eGFR|T|SpO2|GCS|MAP|pH|CK|BUN|Ca|Mg|EF|PSA|TSH)`;

/** Behind a name, and behind things that are called after people: a laboratory value, what was done. */
const OF_THINGS_TOO = [
  // "Alvarado (K 2.4), Beauchamp (BG 512)"
  ` \\((?:${LABS} [<>]?\\d{1,4}|(?i:bed|rm|room|pod)[ #]\\d{1,4}|\\d{3}[AB]?\\))`,
  ' (?:r/o|s/p|h/o|f/u|w/u|NPO|DNR)',
];
/** Behind a name: a relation, a title, a family, a place at work, a room, a complaint. */
const OF_KIN = [
  // "Lars (husband)", "Ivy (her daughter", "Wen (resident)"
  `,? \\((?:(?i:his|her|their|the|my|pt's|patient's|pts) )?(?:(?i:older|younger|step|ex|late) ?-?)?${KIN}`,
  // "Autumn (Mrs. Leaf)"
  ` \\((?:Mrs?|Ms|Miss|Dr|Prof|Sr|Sra)\\.? [${UPPER}][a-z]{1,20}`,
  // "Hope and her husband"
  ` and (?:his|her|their) (?:(?:older|younger|ex|late|two|three) ?-?)?(?:${KIN}|parents|family|kids|children)`,
];
const OF_WORK = [
  // "Swathi from pharmacy:", "Sunny from Optum called"
  ` (?:from|in|at|with) ${PLACE}(?:[:,]| ${CALLS}| (?:re|about|regarding))`,
  ` (?:from|with) ${CAPITALISED}(?: ${CAPITALISED})? ${CALLS}`,
];
const OF_STATE = [
  // "Moody in room 12"
  ',? (?:in|on|from|@) (?i:room|rm|bed|bay|pod) ?#?\\d{1,4}',
  // "Ivanov c/o flank pain"
  " (?:c/o|p/w|d/c'?d|dx'?d)",
  ...OF_THINGS_TOO,
];
const THINGS_TOO = new RegExp(`^(?:${OF_THINGS_TOO.map(foldCase).join('|')})$`);
const NAME = new RegExp(`^${WHO}`);

/** What stands before an age and is nobody's name: who somebody is, how things are. */
const NOBODY =
  /^(?:age|sex|case|young|old|elderly|frank|long|short|white|black|brown|gay|strong|best|may|day|week|month|year|age|aged|bed|room|rm|unit|case|chart|male|female|man|woman|boy|girl|baby|infant|newborn|vignette|example|question|scenario|grade|stage|type|group|cohort|arm|total|mean|median|average|level|score|page|step|phase|part|series|version|table|figure|chapter|section|the|this|these|our|an|any|all|if|for|in|on|at|with|from|and|or|by|to|of|as|is|was|has|had|no|not|non|one|two|new|known|dose|give|start|max|min)$/;

/** Abbreviations with full stops that are no initials. */
const MARKS =
  /^(?:I\. ?V|I\. ?M|P\. ?O|U\. ?S|O\. ?[DSU]|I\. ?E|E\. ?G|A\. ?M|P\. ?M|B\. ?I|T\. ?I|Q\. ?I|P\. ?R|M\. ?D|D\. ?O|R\. ?N|U\. ?K|N\. ?P|S\. ?C|P\. ?A|D\. ?C|E\. ?R|E\. ?D|C\. ?D|E\. ?C)\./;

const cut = (value: string, tail: RegExp): string => value.replace(tail, '');

/**
 * Whether words with a capital may be somebody's name, where only people stand. Where things stand as well it is `strict`:
 * the first word is none of every day and no eponym, and a name or spelled as one.
 */
function isName(name: string, strict: boolean): boolean {
  const flags = name
    .toLowerCase()
    .split(' ')
    .filter((word) => !word.endsWith('.'))
    .map(flagsOf);
  const [first = 0] = flags;
  const last = flags.at(-1) ?? 0;
  if (strict && ((first & (WORD_COMMON | EPONYM)) !== 0 || ((first & ANY) === 0 && !isNameLike(name))))
    return false;
  if (NOBODY.test(name.replace(/ .*$/, '').toLowerCase())) return false;
  const isOther = (word: number): boolean =>
    (word & (MEDICAL | PART | COUNTRY | STATE | MONTH)) !== 0 && (word & GIVEN_COMMON) === 0;
  if (flags.some(isOther)) return false;
  if (flags.length === 1) {
    if (first === 0) return isNameLike(name) || !isWordLike(name);
    const eponym = (first & EPONYM) !== 0 && (first & (GIVEN_COMMON | FAMILY_COMMON)) === 0;
    return (first & ANY) !== 0 && !eponym;
  }
  if ((first & ORDINARY) !== 0 && (first & ANY) === 0) return false;
  if ((first & GIVEN) !== 0) return true;
  return (last & ORDINARY) === 0 || (last & ANY) !== 0;
}

/** A name before an age: no scale for newborns ("Ballard 39 weeks"), no word that asks for haste ("Quick: 6yo"). */
function checkAged(value: string): number {
  const name = (NAME.exec(value)?.[0] ?? '').replace(/ Age$/, '');
  if (!isName(name, false) || name.endsWith("'s")) return 0;
  const tail = value.slice(name.length);
  const flags = flagsOf(name.toLowerCase());
  if ((flags & EPONYM) !== 0 && /(?:weeks?|wks?|days?|months?|mo)$/i.test(tail)) return 0;
  return (flags & WORD_COMMON) !== 0 && tail.startsWith(':') ? 0 : name.length;
}

/** The name before a remark. That it is one must be said, or the lists know it. */
function checkRemarked(value: string): number {
  const name = /^\S+?(?: [A-Z]\S*?)?(?=,? \(?[a-z])/.exec(value)?.[0] ?? '';
  const flags = flagsOf(name.replace(/ .*$/, '').toLowerCase());
  if ((flags & PART) !== 0 || NOBODY.test(name.toLowerCase())) return 0;
  const said = / name|(?:his|her|their|the) (?:real|actual|legal|full|first|last|given)/.test(value);
  return said || isName(name, true) ? name.length : 0;
}

/** A rule for names before one of the tails. */
function behind(name: string, tails: readonly string[]): Rule {
  return {
    entity: 'PERSON',
    name,
    score: 0.5,
    value: `${WHO}(?:${tails.join('|')})`,
    check: (value) => {
      const who = NAME.exec(value)?.[0] ?? '';
      const strict = THINGS_TOO.test(value.slice(who.length));
      return isName(who, strict) && !who.endsWith("'s") ? who.length : 0;
    },
  };
}

/** Two words in small letters: each a name or of no list. */
function checkSmallPair(value: string): number {
  const name = cut(value, /,? \(?(?:mrn|dob)[ :#]*\d+$/i);
  const fits = name.split(' ').every((word) => {
    const flags = flagsOf(word);
    const other = (flags & (MEDICAL | PART | MONTH)) !== 0;
    return !other && ((flags & ANY) !== 0 || (flags === 0 && isNameLike(word)));
  });
  return fits ? name.length : 0;
}

/** Names of any sort that what stands behind them tells, further off than the reader of words looks. */
export const PERSON_BEHIND_RULES: readonly Rule[] = [
  {
    // "Sunny Day, 29F", "Faith Stone: 71 M", "Major is a 70 year old", "Ivy (age 3)"
    entity: 'PERSON',
    name: 'person.aged',
    score: 0.6,
    value: `${WHO}(?:(?:,|:|;| -| –| —)? \\(?(?:(?:is|was) )?(?:(?:an?|age|aged|age:|now|turned) )?${AGE}|,? \\(?(?:age|aged|Age|AGE):? \\d{1,3})`,
    check: checkAged,
  },
  behind('person.behind-kin', [...OF_KIN, ...OF_STATE]),
  behind('person.behind-work', OF_WORK),
  {
    // "Parkinson (first name Glenn", "Major (that's his name": what is said of a name.
    entity: 'PERSON',
    name: 'person.remarked',
    score: 0.6,
    value: `${CAPITALISED}(?: ${CAPITALISED})?,? \\(?(?:(?:first|last|legal|real|full|actual|given|maiden|family|middle) name|(?:yes|no),? (?:really|relation)|(?:that's|thats|yes|it's|yes it's|yes that's|that is) (?:his|her|their|the) (?:real|actual|legal|full|first|last|given)|goes by|real name|aka |a\\.k\\.a\\.|not (?:the|to be confused)|no relation)`,
    check: checkRemarked,
  },
  {
    // "my patient "QJ" had", "known only as "Frenchy"": what is written in quotation marks of somebody.
    entity: 'PERSON',
    name: 'person.quoted-who',
    score: 0.55,
    before: `(?i:(?:patient|pt|client|resident|buddy|friend|neighbou?r|identified(?: only)? as|named|called|nicknamed|known(?: only)? as|goes by|answers to|initials|sister|brother|uncle|aunt|cousin|coworker|roommate|girlfriend|boyfriend),?(?: is| was)?) "`,
    anywhere: true,
    value: `[${UPPER}][${LETTER}.-]{0,20}(?: [${UPPER}][${LETTER}.-]{1,20})?"`,
    check: (value) => value.length - 1,
  },
  {
    // "Per K.L.M., our coordinator"
    entity: 'PERSON',
    name: 'person.initials-told',
    score: 0.5,
    before:
      '(?i:per|by|pt|patient|client|resident|cc|attn|with|told|called|asked|paged|saw|signed|initialed|mr|ms|mrs|dr|nurse|rn|md|np|initials[,:]?|initials are|initials were)\\.? ',
    value: '(?:[A-Z]\\. ?){2,4}',
    check: (value) => (MARKS.test(value) ? 0 : value.replace(/\. ?$/, '').length),
  },
  {
    // "pepper mills, mrn 553": whoever stands before a number of a record.
    entity: 'PERSON',
    name: 'person.small-before-id',
    score: 0.5,
    first: { any: ANY, none: MEDICAL | PART | MONTH, unknown: true },
    value: `[a-z][a-z'-]{2,20} [a-z][a-z'-]{2,20},? \\(?(?:mrn|MRN|dob|DOB)[ :#]{0,3}\\d{1,12}`,
    check: checkSmallPair,
  },
  {
    // "Todd, you keep": who is spoken to.
    entity: 'PERSON',
    name: 'person.spoken-to',
    score: 0.5,
    anywhere: true,
    before: '(?:^|[\\n"] {0,4}|[.?!:] )',
    value: `${CAPITALISED}, (?:you|your|please|pls|can you|could you|would you|do you|have you|are you|i'm|I'm|I am|thank you|thanks)`,
    check: (value) => {
      const name = value.replace(/,.*$/, '');
      const flags = flagsOf(name.toLowerCase());
      const given = (flags & GIVEN) !== 0 && (flags & (MEDICAL | PART | WORD_COMMON)) === 0;
      return given ? name.length : 0;
    },
  },
  {
    // "husband Norm, 92": behind who it is in a family any word with a capital.
    entity: 'PERSON',
    name: 'person.kin-word',
    score: 0.5,
    before:
      '(?i:husband|wife|spouse|partner|daughter|son|sister|brother|aunt|uncle|cousin|niece|nephew|grandson|granddaughter|stepson|stepdaughter|stepfather|stepmother|girlfriend|boyfriend|friend|neighbor|roommate|fianc[eé]e?|twin|buddy|landlord|coworker|classmate|named|nicknamed) ',
    value: `Mary Joseph|${CAPITALISED}(?: [a-z]{1,12})?`,
    check: (value) => {
      // Her nodule.
      if (value === 'Mary Joseph') return 0;
      const [name = '', second] = value.split(' ');
      const flags = flagsOf(name.toLowerCase());
      if ((flags & (MEDICAL | PART | COUNTRY | STATE | MONTH)) !== 0 || NOBODY.test(name.toLowerCase()))
        return 0;
      const goesOn = second === undefined || AFTER_ANY.has(second) || PERSON_AFTER.has(second);
      return goesOn ? name.replace(/'s$/, '').length : 0;
    },
  },
];
