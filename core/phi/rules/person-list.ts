import type { Rule } from '../engine/rule.ts';
import {
  NAME as ANY,
  CITY_MAJOR,
  CITY_WORD,
  COUNTRY,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  MONTH,
  WORD as ORDINARY,
  ROLE as PART,
  STATE,
  TITLE,
  WEEKDAY,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import { AFTER_ANY, NAMED_AFTER, PERSON_AFTER } from '../words/cues.ts';
import { isBareEponym } from '../words/eponym.ts';
import { flagsOf } from './name.ts';
import { LETTER, UPPER } from './person-around.ts';

const LONE = `[${UPPER}][a-zß-öø-ſ'’][${LETTER}'-]{1,18}`;
const OTHER = MEDICAL | PART | COUNTRY | STATE | MONTH | TITLE | WEEKDAY;
/** What is planned for somebody, behind the name in a list. */
const PLAN = `(?i:extubated?|diurese[ds]?|wean(?:ing|ed)?|d/?c|discharge[ds]?|home|npo|advance|ambulate[ds]?|transfer|transfuse[ds]?|titrate|consults?|hold|start|stop|recheck|f/u|pending|awaiting|needs|wants|refuse[ds]|stable|sick|watcher|pull|echo|cath|dialysis|hd|pt|ot|slp|snf|rehab|placement|hospice|dnr|full code|bolus|abx|pain|post-?op|pod ?\\d|s/p|r/o|asleep|sleeping|confused|febrile|desats?|intubated|paged|no change|same|ok|okay|good|tbd|leaving|left|gone)`;
/** What is done at that time, behind the name on a list of operations. */
const PROCEDURE =
  /^(?:lap|chole|appy|hernia|port|tka|tha|turp|egd|colonoscopy|scope|orif|cabg|c-?section|hyst|hysterectomy|biopsy|bx|cataract|mediport|fistula|amputation|bka|aka|washout|trach|peg|stent|cath|ablation|excision|repair|fusion|lami|laminectomy|mastectomy|lumpectomy|thyroid|tonsils|tubes|tavr|i&d|exploratory|ex|open|left|right|bilateral|l|r)$/;

/** Whether a word with a capital may be a name where people stand, and no scale, tool or ordinary word of every day. */
function isListed(word: string): boolean {
  const name = word.toLowerCase().replace(/['’]s$/, '');
  const flags = flagsOf(name);
  if ((flags & OTHER) !== 0 || isBareEponym({ text: name, flags })) return false;
  if ((flags & ORDINARY) !== 0) return (flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0;
  return (flags & ANY) !== 0 || (flags === 0 && isNameLike(name));
}

const firstOf = (value: string): string => value.replace(/[^A-Za-zÀ-ſ'’-].*$/, '');

/** Somebody whom nobody there knows: a given name that is nothing else. */
function checkUnknownGiven(value: string): number {
  const name = firstOf(value);
  const flags = flagsOf(name.toLowerCase());
  const given = (flags & GIVEN_COMMON) !== 0 && (flags & (OTHER | ORDINARY)) === 0;
  return given && !PRODUCTS.test(name) && !isBareEponym({ text: name.toLowerCase(), flags })
    ? name.length
    : 0;
}

/** Names in lists of patients, beds and operations, and behind who somebody is. */
export const PERSON_LIST_RULES: readonly Rule[] = [
  {
    // "Rounds: Banks - extubate, Rivers - diurese"
    entity: 'PERSON',
    name: 'person.list-plan',
    score: 0.45,
    anywhere: true,
    before: '(?:^|\\n|[:,;.] |\\d[.)] |- )',
    value: `${LONE}(?: -|:| –| —) ${PLAN}`,
    check: (value) => {
      const name = firstOf(value);
      return isListed(name) ? name.length : 0;
    },
  },
  {
    // "Harrington bed 6 s/p TKA"
    entity: 'PERSON',
    name: 'person.before-bed',
    score: 0.5,
    value: `${LONE},? (?i:bed|rm|room) ?#?\\d{1,4}`,
    check: (value) => {
      const name = firstOf(value);
      const flags = flagsOf(name.toLowerCase());
      const known = (flags & (FAMILY_COMMON | GIVEN_COMMON)) !== 0 || isListed(name);
      return known && (flags & (OTHER | WORD_COMMON)) === 0 && !/['’]s$/.test(name) ? name.length : 0;
    },
  },
  {
    // "the lady in 22, Peg, pulled out"
    entity: 'PERSON',
    name: 'person.lady-in',
    score: 0.55,
    before:
      '(?i:lady|man|guy|woman|gentleman|pt|patient|kid|girl|boy|resident|gal|fella|fellow) (?:in|from) (?i:rm |room |bed |bay )?#?\\d{1,4}[A-Da-d]?,? \\(?',
    value: `${LONE}[,.)]`,
    check: (value) => {
      const name = value.slice(0, -1);
      const flags = flagsOf(name.toLowerCase());
      return (flags & OTHER) === 0 || (flags & GIVEN) !== 0 ? name.length : 0;
    },
  },
  {
    // "4A Rinaldi 4B Okafor"
    entity: 'PERSON',
    name: 'person.behind-bed',
    score: 0.45,
    anywhere: true,
    before: '(?:^|[\\n ])\\d{1,3}-?[A-D][:,]? ',
    value: LONE,
    check: (value) => {
      const flags = flagsOf(value.toLowerCase());
      const name = (flags & ANY) !== 0 && (flags & (ORDINARY | CITY_MAJOR)) === 0;
      return name && isListed(value) && !/['’]s$/.test(value) ? value.length : 0;
    },
  },
  {
    // "Bristow 402 still NPO"
    entity: 'PERSON',
    name: 'person.before-room',
    score: 0.45,
    value: `${LONE} \\d{3,4}[AB]? (?i:still|wants|needs|refus(?:es|ed|ing)|c/o|is|npo|s/p|febrile|asleep|sleeping|agitated|confused|vomiting|crying|dc'?d|ready)`,
    check: (value) => {
      const name = firstOf(value);
      const flags = flagsOf(name.toLowerCase());
      return isListed(name) && (flags & (ORDINARY | CITY_MAJOR)) === 0 ? name.length : 0;
    },
  },
  {
    // "0730 Bickerstaff lap appy"
    entity: 'PERSON',
    name: 'person.scheduled',
    score: 0.5,
    anywhere: true,
    before:
      '(?:^|\\n)[ \\t]{0,4}(?:[A-Z]{1,3} ?\\d{1,2}[ ,:|-]{1,3})?[0-2]?\\d:?[0-5]\\d(?: ?[AaPp][Mm])?[ :|-]{1,3}',
    value: `${LONE}(?:, [${UPPER}](?:[a-z]{1,15}|\\.)?)?,? [A-Za-z&-]{1,14}`,
    check: (value) => {
      const [, name = '', given = '', next = ''] = /^([^ ,]+)(, [^ ,]+)?,? (\S+)$/.exec(value) ?? [];
      const flags = flagsOf(name.toLowerCase());
      if ((flags & (OTHER | ORDINARY)) !== 0) return 0;
      const done = PROCEDURE.test(next.toLowerCase()) && ((flags & ANY) !== 0 || isNameLike(name));
      return done || (given !== '' && isListed(name)) ? name.length + given.length : 0;
    },
  },
  {
    // "OB Lindqvist. Told go to L&D"
    entity: 'PERSON',
    name: 'person.specialty',
    score: 0.45,
    before:
      '(?:OB|GYN|OBGYN|GI|ID|ENT|IR|EP|CT surgery|[Cc]ards|[Nn]euro|[Oo]rtho|[Rr]enal|[Nn]ephro|[Pp]ulm|[Oo]nc|[Hh]eme(?:[/ -]?[Oo]nc)?|[Ee]ndo|[Rr]heum|[Pp]sych|[Aa]nes|[Aa]nesthesia|[Ss]urg|[Uu]ro|[Dd]erm|[Oo]phtho|NSGY|[Nn]eurosurg|[Pp]eds|[Rr]ads|[Pp]alliative|PCP|PMD|BCBA|SLP|PT|OT|RT|SW|CM|CRNA|RD),? ',
    value: `${LONE}(?:[.,;)]|(?: is| was)? (?:aware|notified|said|says|wants|ok|okay|paged|called|rec|recs|recommends|following|signed|to|will|here|agrees|updated|recommended|consulted|at bedside))`,
    check: (value) => {
      const name = firstOf(value);
      const flags = flagsOf(name.toLowerCase());
      if ((flags & (OTHER | ORDINARY)) !== 0) return 0;
      return (flags & ANY) !== 0 || isNameLike(name) ? name.length : 0;
    },
  },
  {
    // "by a Kimberly. no note", "a Yolanda from your office"
    entity: 'PERSON',
    name: 'person.article',
    score: 0.45,
    before: '(?:[Aa]|[Ss]ome|[Tt]his|[Aa]nother) ',
    value: `${LONE} (?:at|in|from|who|said|says|called|told|over at|with the)`,
    check: checkUnknownGiven,
  },
  {
    entity: 'PERSON',
    name: 'person.article-behind',
    score: 0.45,
    before: '(?:[Bb]y|[Ff]rom|[Tt]o|[Ww]ith|[Nn]amed|[Aa]sked|[Tt]old) (?:a|some) ',
    value: `${LONE}(?: [a-z]{1,14})?`,
    check: (value) => {
      const next = value.replace(/^\S+ ?/, '');
      return next === '' || AFTER_ANY.has(next) || PERSON_AFTER.has(next) ? checkUnknownGiven(value) : 0;
    },
  },
  {
    // "REF: POLANSKI": labels that stand before other things as often.
    entity: 'PERSON',
    name: 'person.label-weak',
    score: 0.5,
    before:
      '(?i:ref|refd|anesthesia|anes|req|requested|operator|reader|read|verified|entered|rph|filled|dispensed|bill to|ship to|deliver to|account holder|acct holder|covering|rounding|on-?call|consult|dictated|taken|log):[ \\t]{1,3}',
    value: `[${UPPER}][${LETTER}'-]{2,20}(?:, [${UPPER}][${LETTER}'-]{0,15}\\.?| [${UPPER}]\\.?)?`,
    check: (value) => {
      const name = firstOf(value).toLowerCase();
      const flags = flagsOf(name);
      const town =
        (flags & CITY_MAJOR) !== 0 ||
        ((flags & CITY_WORD) !== 0 && (flags & (GIVEN_COMMON | FAMILY_COMMON)) === 0);
      return (flags & ANY) !== 0 &&
        (flags & (OTHER | ORDINARY)) === 0 &&
        !town &&
        !isBareEponym({ text: name, flags })
        ? value.length
        : 0;
    },
  },
  {
    // "Bee rn is on"
    entity: 'PERSON',
    name: 'person.credential-small',
    score: 0.5,
    value: `${LONE},? (?:rn|np|cna|lpn|pa-c)`,
    check: (value) => {
      const name = firstOf(value);
      const flags = flagsOf(name.toLowerCase());
      const word = (flags & ORDINARY) !== 0 && (flags & GIVEN) === 0;
      return (flags & ANY) !== 0 && (flags & OTHER) === 0 && !word && name !== 'Ward' ? name.length : 0;
    },
  },
  {
    // "goes by Boogie", "everyone calls him Tank": whatever somebody is called.
    entity: 'PERSON',
    name: 'person.nicknamed',
    score: 0.6,
    before:
      '(?i:goes (?:only |just |mostly )?by|answers(?: only)? to|nicknamed|nickname(?: is|:)?|(?:calls?|called|calling) (?:him|her|them|himself|herself)|(?:likes|prefers|wants|asks) to be called|(?:preferred|chosen|street) name(?: is|:)?) ',
    value: `${LONE}(?: ${LONE})?`,
    check: (value) => {
      const [first = '', second = ''] = value.split(' ');
      if ((flagsOf(first.toLowerCase()) & OTHER & ~TITLE) !== 0) return 0;
      return second === '' || (flagsOf(second.toLowerCase()) & OTHER) === 0 ? value.length : first.length;
    },
  },
  {
    // "last name Haldane, this morning": also who has lent it to a disease.
    entity: 'PERSON',
    name: 'person.surname-said',
    score: 0.7,
    before:
      '(?i:(?:maiden|first|last|middle|family|given|birth|married|legal) name|surname)(?: (?i:is|was|of))?:? ["(]?',
    value: `${LONE}(?: [a-z]{2,14})?`,
    check: (value) => {
      const [name = '', next = ''] = value.split(' ');
      const flags = flagsOf(name.toLowerCase());
      return (flags & ANY) !== 0 && (flags & (OTHER | WORD_COMMON)) === 0 && !NAMED_AFTER.has(next)
        ? name.length
        : 0;
    },
  },
];

/** Cars and the like that are called as people are. */
const PRODUCTS =
  /^(?:Mercedes|Lincoln|Austin|Dakota|Sierra|Savana|Bentley|Harley|Aston|Royce|Chevy|Mack|Jordan)$/;
