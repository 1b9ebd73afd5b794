import type { Rule } from '../engine/rule.ts';
import { GAP } from './parts.ts';

export const MONTH = `(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`;
const MONTH_NAME = `(?:January|February|March|April|May|June|July|August|September|October|November|December)`;
const WEEKDAY = `(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thurs?|fri|sat|sun)`;
const ORDINAL = '(?:st|nd|rd|th)?';
const YEAR = `(?:(?:18|19|20)\\d{2}|'\\d{2})`;
const TIME = `(?:,?(?: at)? \\d{1,2}:\\d{2}(?::\\d{2})?(?: ?(?i:am|pm|hrs))?)?`;
const ISO_TIME = `(?:[T ]\\d{2}:?\\d{2}(?::?\\d{2}(?:\\.\\d{1,6})?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?`;

const LAST_MONTH = 12;
const LAST_DAY = 31;

/** A date's forms in words. After a label for birth two more digits may be the year. */
export const WRITTEN_FORMS: readonly string[] = [
  `${MONTH}-\\d{2}`,
  `${MONTH}[.]? ?\\d{1,2}${ORDINAL}(?: ?(?:-|to|through|and|&) ?(?:${MONTH}[.]? )?\\d{1,2}${ORDINAL})?(?:,? ${YEAR}|, \\d{2})?`,
  `\\d{1,2}${ORDINAL}(?: ?(?:-|to|and) ?\\d{1,2}${ORDINAL})?[ -](?:(?:day )?of )?${MONTH}[.,]?(?:[ -](?:${YEAR}|\\d{2}))?`,
  `(?:19|20)\\d{2}[ -]?${MONTH}[ -]?\\d{1,2}`,
  `\\d{1,2}${MONTH}(?:(?:19|20)\\d{2}|\\d{2})`,
  `${MONTH}[.,]?(?: of)?[ -](?:(?:19|20)\\d{2}|'\\d{2})`,
];

/** Month and day in either order, with what stands for a year where there is one. */
function checkNumeric(value: string): number {
  const [first = 0, second = 0] = (value.match(/\d+/g) ?? []).map(Number);
  const pair = first >= 1 && second >= 1 && first <= LAST_DAY && second <= LAST_DAY;
  if (!pair || (first > LAST_MONTH && second > LAST_MONTH)) return 0;
  // "5.14.25" is a date, "1.2.10" a version.
  return /^\d+\.\d+\.\d\d$/.test(value) && second <= LAST_MONTH && !/^\d\d\.\d\d\./.test(value)
    ? 0
    : value.length;
}

function checkYearFirst(value: string): number {
  const [, month = 0, day = 0] = (value.match(/\d+/g) ?? []).map(Number);
  return month >= 1 && month <= LAST_MONTH && day >= 1 && day <= LAST_DAY ? value.length : 0;
}

function checkCompact(value: string): number {
  const month = Number(value.slice(4, 6));
  const day = Number(value.slice(6, 8));
  return month >= 1 && month <= LAST_MONTH && day >= 1 && day <= LAST_DAY ? value.length : 0;
}

/** "May 5" is a date; "may 5" and "mar 5" are as likely a verb and something cut off. */
function checkWritten(value: string): number {
  const may = /^(may|march|mar|dec|sun|sat)\b(?!.*\d{4})/.exec(value);
  if (may !== null && !/^(?:march|mar) \d{1,2}(?:st|nd|rd|th)/.test(value)) return 0;
  const day = /(?<!\d)\d{1,2}(?!\d)/.exec(value);
  return day === null || (Number(day[0]) >= 1 && Number(day[0]) <= LAST_DAY) ? value.length : 0;
}

/** Behind "the", without a month: from the fourth on, as "the first" and "the second" are said of everything. */
const DAY_WORD = `(?i:fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth|twenty-(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirty-first)`;

/** MMDDYY. */
function checkSixDigits(value: string): number {
  return checkNumeric(`${value.slice(0, 2)}/${value.slice(2, 4)}/${value.slice(4)}`) > 0 ? value.length : 0;
}

const MONTH_DAY = `(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\\d|3[01])`;
/** With the word after it, which says whether it was a date. */
const MONTH_DAY_AND_WORD = `${MONTH_DAY}(?:(?: ?- ?| to )${MONTH_DAY})?(?: [a-zA-Z]{1,12})?`;
/** What fractions are of, and scales that are written like them. */
const FRACTION_OF =
  /^(?:strength|motor|power|murmurs?|tabs?|tablets?|cups?|pain|in|sem|systolic|diastolic|reflex|reflexes|ppd|packs?|dose|doses|positive|leads?|correct|of|severity|on|intensity|throughout|bilaterally|bilat|ns|normal|saline|strong|weak|hour|hours|days?|weeks?|months?|years?|mg|ml|kg|lb|inch|inches|way|full|criteria|points?|bottles|sets|times|patients|cases|cores|nodes|lymph)$/i;

function checkMonthDay(value: string): number {
  const [date = '', word = ''] = value.split(/ (?=[a-zA-Z]+$)/);
  if (/^(?:in|on)$/.test(word) && !isFraction(date)) return date.length;
  return FRACTION_OF.test(word) ? 0 : date.length;
}

/** Halves, thirds and quarters, and so many of five, six or ten: strength, murmurs and pain are graded so. */
function isFraction(value: string): boolean {
  const [, part = 0, whole = 0] = (/^(\d+)\/(\d+)/.exec(value) ?? []).map(Number);
  if (whole === 0) return false;
  if (value.startsWith('0') || part > whole) return false;
  return whole <= 6 || whole === 8 || whole === 10 || whole === 12;
}

/** "2/3 to 2/7": of one month. */
function isSpan(value: string): boolean {
  const [, month, day = 0, last, end = 0] = /^(\d+)\/(\d+)(?: ?- ?| to )(\d+)\/(\d+)/.exec(value) ?? [];
  return month !== undefined && month === last && Number(end) > Number(day);
}

/** "the 14th" is a day, "the 5th toe" and "the 4th intercostal space" are not. */
function checkDay(value: string): number {
  return value.includes(' ') &&
    !/ (?:and|for|at|or|to|with|because|she|he|they|but|of|i|we|when|after|went|was|is|has|had|will|until|in|from|by|so|then|if|that|this|please|due|as|before|due)$/.test(
      value,
    )
    ? 0
    : value.replace(/ .*/, '').length;
}

/** After "today is" figures with dots are a day too, in either order. */
function checkToday(value: string): number {
  return isFraction(value) ? 0 : checkNumeric(value.replaceAll('.', '/'));
}

export const DATE_RULES: readonly Rule[] = [
  {
    entity: 'DATE',
    name: 'date.numeric',
    score: 0.8,
    unless: '(?i:version|build|firmware|release|ver|v)[ :.]{0,2}',
    value: `\\d{1,2}[/-]\\d{1,2}[/-](?:19|20)\\d{2}${TIME}|\\d{1,2}/\\d{1,2}/\\d{2}${TIME}|\\d{1,2}-\\d{1,2}-\\d{2}|\\d{1,2}\\.\\d{1,2}\\.(?:(?:19|20)\\d{2}|\\d{2})|\\d{2} \\d{2} (?:19|20)\\d{2}|\\d{1,2} / \\d{1,2} / (?:\\d{4}|\\d{2})`,
    check: checkNumeric,
  },
  {
    entity: 'DATE',
    name: 'date.iso',
    score: 0.85,
    value: `(?:18|19|20)\\d{2}[-/.]\\d{1,2}[-/.]\\d{1,2}${ISO_TIME}`,
    check: checkYearFirst,
  },
  {
    entity: 'DATE',
    name: 'date.written',
    score: 0.85,
    value: `(?:${WEEKDAY}[.,]? (?:the )?)?(?:${WRITTEN_FORMS.join('|')})${TIME}`,
    check: checkWritten,
  },
  {
    entity: 'DATE',
    name: 'date.month-year',
    score: 0.7,
    value: '(?:0?[1-9]|1[0-2])[/-](?:19|20)\\d{2}|(?:19|20)\\d{2}-(?:0[1-9]|1[0-2])',
  },
  {
    entity: 'DATE',
    name: 'date.month',
    score: 0.5,
    before:
      '(?:(?i:in|since|until|till|last|this|next|early|late|mid|during|from|through|by|before|after|around|of|every)(?:[ -](?:early|late|mid))?[ -])',
    value: MONTH_NAME,
  },
  {
    entity: 'DATE',
    name: 'date.month-small',
    score: 0.5,
    before: `(?i:in|since|until|till?|last|this|next|back in|by|early|late|mid)[ -]`,
    value: `(?i:january|february|april|june|july|august|september|october|november|december|jan|feb|apr|aug|sept?|oct|nov)`,
  },
  {
    entity: 'DATE',
    name: 'date.month-day',
    score: 0.6,
    before: `(?:(?i:on|since|dated|admitted|admission|admit|discharged|discharge|dc|until|till|thru|through|from|to|til|seen|visit|appt|appointment|surgery|dos|date|scheduled(?: for)?|labs?|imaging|started|expired|died|due|last|as of|effective|between|follow[- ]?up|f/u|showed?|before|after|by|op|pod|starting|stopping|week of|f/u|rtc|meeting|taken|drawn|collected|done|given|booked|moved to|set for|ordered|placed|removed|eff|exp|lmp|edd|edc|sx|dx|cath|cabg|or|echo|mri|ct|cxr|scan|biopsy|bx|egd|cscope|colonoscopy|procedure|injury|accident|doi|onset|back on|d/c|d/c'd|dc'd|readmit|readmitted|born|delivered|ed|er|ekg|clinic|class|trip|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thurs?|fri|sat|sun)(?:,? (?i:on|of|from|and|the))?[ :(]{1,2}|\\d{1,2}/\\d{1,2}(?:, | and | ?- ?| to | & |, and ))`,
    value: MONTH_DAY_AND_WORD,
    check: checkMonthDay,
  },
  {
    entity: 'DATE',
    name: 'date.month-day-list',
    score: 0.5,
    // Behind another one and what was then: "6/3 PT, 6/10 OT". Marks out of ten are not read on so.
    before: '\\d{1,2}/(?:[13-9]|1[1-9]|2\\d|3[01])(?: [A-Za-z]{1,12}){1,2}(?:,|;) ',
    value: MONTH_DAY_AND_WORD,
    check: (value) => (/^\d+\/0?[1-6](?!\d)/.test(value) ? 0 : checkMonthDay(value)),
  },
  {
    entity: 'DATE',
    name: 'date.cell',
    score: 0.6,
    anywhere: true,
    before: '(?:^|\\n|\\| ?|\\t)',
    value: `${MONTH_DAY} ?[|,;\\t]`,
    check: (value) => value.replace(/ ?[|,;\t]$/, '').length,
  },
  {
    entity: 'DATE',
    name: 'date.dotted',
    score: 0.6,
    before:
      '(?i:on|taken|dated|date|seen|since|from|until|till|to|visit|drawn|done|surgery|admitted|discharged|meeting|appointment|appt|due|started|of|scan|x-ray|labs?)[ :]{1,2}',
    value: '(?:[1-9]|[12]\\d|3[01])\\.(?:[1-9]|[12]\\d|3[01])\\.\\d{2}',
    check: (value) => (checkNumeric(value.replaceAll('.', '/')) > 0 ? value.length : 0),
  },
  {
    entity: 'DATE',
    name: 'date.dotted-short',
    score: 0.5,
    before:
      '(?i:meeting|appointment|appt|visit|f/u|booked for|scheduled for|surgery on|seen on|due on)[ :]{1,2}',
    value: '(?:0[1-9]|1[0-2])\\.(?:0[1-9]|[12]\\d|3[01])',
  },
  {
    entity: 'DATE',
    name: 'date.spanish',
    score: 0.8,
    value:
      '\\d{1,2} (?:de )?(?i:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)(?: (?:de|del) (?:19|20)\\d{2})?',
  },
  {
    entity: 'DATE',
    name: 'date.today',
    score: 0.6,
    before: `(?i:(?:today|tomorrow|yesterday)(?:'s date)? (?:is|was))[ ,]{1,2}`,
    value: `${MONTH_DAY}|\\d{1,2}\\.\\d{1,2}\\.\\d{2}`,
    check: checkToday,
  },
  {
    entity: 'DATE',
    name: 'date.month-day-bare',
    score: 0.4,
    unless: `[$:.#]|(?:^|[^A-Za-z])(?i:strength|motor|power|grade|scale|score|beighton|psv|ipap|ps|gleason|reflexes|reflex|murmur|pulses|pulse|bp|gcs|va|vision|acuity|bipap|cpap|vent|settings|apgars?|ratio|tab|half|muscle|str|dtrs?|edema|sem|level|a|was|is|an|about|only|than|approximately|over|just)[ :]{1,2}`,
    value: MONTH_DAY_AND_WORD,
    check: (value) => (isFraction(value) && !isSpan(value) ? 0 : checkMonthDay(value)),
  },
  {
    entity: 'DATE',
    name: 'date.holiday',
    score: 0.6,
    value: `(?:Christmas|Thanksgiving|Easter|New Year'?s|Memorial|Labor|Independence|Veterans'?|Presidents'?|Mother's|Father's|Valentine's|Columbus|St\\. Patrick's|Boxing)(?: (?:Day|Eve|Sunday|Monday|weekend|break|morning|night|week|dinner|disease|egg|factor|tree))?(?: ${YEAR})?|(?:Good Friday|Palm Sunday|Ash Wednesday|Holy Thursday|Rosh Hashanah|Cinco de Mayo|Mardi Gras|Kwanzaa|Black Friday|Eid al-Fitr|Eid al-Adha|Lunar New Year|MLK Day|July 4th|July Fourth|Fourth of July|Halloween|Juneteenth|Hanukkah|Diwali|Yom Kippur|Passover)(?: ${YEAR})?`,
    check: (value) =>
      /^(?:Memorial|Labor|Independence|Veterans|Presidents|Mother|Father|Valentine|Columbus|Boxing)\S*$|(?:disease|egg|factor|tree)$/.test(
        value,
      )
        ? 0
        : value.length,
  },
  {
    entity: 'DATE',
    name: 'date.holiday-small',
    score: 0.5,
    before: '(?i:since|before|after|on|around|by|until|till|for|at|over|last|this|past) ',
    value:
      '(?i:x-?mas|christmas|thanksgiving|easter|halloween|new years?|labor day|memorial day|valentines(?: day)?|mothers day|fathers day)(?: (?i:day|eve|weekend|disease))?',
    check: (value) => (value.endsWith('disease') ? 0 : value.length),
  },
  {
    entity: 'DATE',
    name: 'date.day',
    score: 0.5,
    before: '(?i:the) ',
    value: '(?:[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)(?: [a-z]{1,12})?',
    check: checkDay,
  },
  {
    entity: 'DATE',
    name: 'date.weekday-day',
    score: 0.7,
    before: `${WEEKDAY},? `,
    value: '(?:the )?(?:[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)',
  },
  {
    entity: 'DATE',
    name: 'date.day-word',
    score: 0.5,
    before: '(?i:on|from|since|by|until|till|for|before|after) (?i:the) ',
    value: `${DAY_WORD}(?: [a-z]{1,12})?`,
    check: checkDay,
  },
  {
    entity: 'DATE',
    name: 'date.six-digits',
    score: 0.6,
    before: `(?i:date|dos|dob|admitted|discharged|dt|collected|dated|drawn|seen|on)${GAP}`,
    value: '(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])\\d{2}',
    check: checkSixDigits,
  },
  {
    entity: 'DATE',
    name: 'date.compact',
    score: 0.7,
    before: `(?:(?i:date|dos|admitted|discharged|dt|collected|dated|expir(?:es|y|ation))(?: (?i:of service|of death|of admission|of discharge))?${GAP}|[|^])`,
    value: '(?:19|20)\\d{6}(?:\\d{4}|\\d{6})?',
    check: checkCompact,
  },
  {
    entity: 'DATE',
    name: 'date.compact-bare',
    score: 0.5,
    unless: `(?i:version|build|release|v|pmid|code|no)[ :.#-]{0,2}`,
    value: '(?:19|20)\\d{6}(?:T\\d{4,6}Z?)?',
    check: checkCompact,
  },
];
