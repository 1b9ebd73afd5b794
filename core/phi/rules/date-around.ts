import type { Rule } from '../engine/rule/rule.ts';
import { isFraction, MARKED, MONTH_DAY, MONTH_NAME, WARDS } from './date.ts';

const LAST_MONTH = 12;
/** What "may" is before when it is no month. */
const MODAL =
  /^may (?:be|have|need|not|also|cause|take|or|well|still|help|want|require|occur|include|increase|decrease|lead|it)$/;

/** The first of two days, when the second one is no fraction: "PET 4/4, read 4/11". */
function checkAhead(value: string): number {
  const first = /^\d+\/\d+/.exec(value)?.[0] ?? '';
  const last = /\d+\/\d+$/.exec(value)?.[0] ?? '';
  // Strength is told in fifths, pain in tenths.
  if (!isFraction(first) || isFraction(last) || /\/(?:5|10)$/.test(first)) return 0;
  return Number(last.replace(/^\d+\//, '')) > LAST_MONTH || /\/(?:7|9|11)$/.test(last) ? first.length : 0;
}

/** A day behind what was done: not a half, a third or a quarter, nor so many of five, six or ten. */
function checkDone(value: string): number {
  const [date = '', word = ''] = value.split(' ');
  if (
    /^(?:tab|tabs|tablet|tablets|dose|doses|strength|cup|pack|ppd|of|mg|full|normal|way|leads?|criteria|sets|bottles|times|cores|nodes)$/i.test(
      word,
    )
  )
    return 0;
  return /^(?:1\/[2-46]|2\/3|3\/4|\d\/(?:5|6|10))$/.test(date) ? 0 : date.length;
}

/** A pressure of a ventilator is no more than that over the one that stays: "on 15/5", "BiPAP 16/8". */
const MAX_PRESSURE = 20;

/** The day in front, where it cannot be the month. No pressure, no field of view ("20/10"), no share of a sum. */
function checkDayMonth(value: string): number {
  const [date = '', word = ''] = value.split(' ');
  const [day = 0, month = 0] = date.split('/').map(Number);
  if (
    /^(?:bipap|cpap|niv|ps|psv|mmhg|cm|cmh|of|points?|correct|od|os|ou|positive|leads?|cores|nodes|patients|mg|with)$/i.test(
      word,
    )
  )
    return 0;
  return day <= MAX_PRESSURE && month >= 4 && month <= 10 && /^(?:fio|peep|rate|rr|at|setting)/i.test(word)
    ? 0
    : date.length;
}

/** Dates that what stands around them tells. */
export const DATE_AROUND_RULES: readonly Rule[] = [
  {
    entity: 'DATE',
    name: 'date.month-day-ahead',
    score: 0.4,
    unless: `[$:.#]|(?:^|[^A-Za-z])(?i:${MARKED}|${WARDS}|strength|pain|motor|power|grade|scale|score|gleason|reflex|reflexes|murmur|pulses|bp|va|acuity|ratio|moca|mmse|gcs|apgars?|tab|a|an|about|only|than)[ :]{1,2}`,
    value: `${MONTH_DAY}[,;)]?(?: [A-Za-z0-9%.-]{1,12}){0,4}[,;]? ${MONTH_DAY}`,
    check: checkAhead,
  },
  {
    // "4/5 labs", "per the 2/2 note": what is done on a day.
    entity: 'DATE',
    name: 'date.month-day-of',
    score: 0.4,
    unless: `[$:.#]|(?:^|[^A-Za-z])(?i:${MARKED}|strength|pain|motor|power|grade|scale|score|reflexes|pulses|bp|va|ratio|a|an|about|only|than)[ :]{1,2}`,
    value: `${MONTH_DAY} (?i:labs?|note|echo|ct|mri|cxr|x-?ray|visit|appt|appointment|clinic|surgery|admission|discharge|dc|d/c|ed visit|er visit|biopsy|scan|ultrasound|egd|colonoscopy|cath|infusion|chemo|refill|script|call|message|voicemail|email|fax|letter|form|meeting|shift|eeg|ekg|ecg|path|pathology|a1c|hgb|inr|w/|d/t|@)`,
    check: (value) => value.replace(/ .*$/, '').length,
  },
  {
    // "fell sunday 3/3 in": behind the day of the week no half and no strength.
    entity: 'DATE',
    name: 'date.weekday-month-day',
    score: 0.7,
    before:
      '(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|weds?|thurs?|fri|today|yesterday|tomorrow|tmrw|tonight|this morning|last night|last week|next week|this week)[ ,.]{1,2}(?i:the )?',
    value: `${MONTH_DAY}`,
  },
  {
    // "Surgery was 9/1", "meeting is 10/30": what is done on a day.
    entity: 'DATE',
    name: 'date.month-day-was',
    score: 0.5,
    before:
      '(?i:cycle \\d{1,2}|round \\d{1,2}|surgery|procedure|operation|meeting|visit|appointment|appt|admission|discharge|biopsy|scan|mri|ct|echo|colonoscopy|delivery|accident|injury|fall|transplant|transfusion|infusion|dose|shot|vaccine|booster|labs?|culture|test|exam|hearing|interview|birthday|bday|funeral|wedding|flight|trip|period|lmp|refill|consult|evaluation|eval|therapy|session|intake|stent|cath|ablation|extraction|onset|exposure|draw|x-?ray|cxr|ultrasound|eeg|ekg|follow-?up|f/u|return|day|date) (?:(?i:was|is|were|are|done|on or about|set for|scheduled|moved to|due|about|around|date|date is|date was|from|for|by)(?: (?i:on|for))? ){1,2}',
    value: `${MONTH_DAY}`,
  },
  {
    // "cultured 8/8", "repeated on 3/4": no half, no strength.
    entity: 'DATE',
    name: 'date.month-day-done',
    score: 0.45,
    behind:
      '(?:[a-z]{3,14}ed|drawn|seen|done|given|taken|got|began|fell|about|around|swab|tox|ucx|bcx|headache|seizure|syncope|stroke|onset|exposure|anaphylaxis|accident|crash|mva|mvc|reaction|bite|burn|sting|overdose|use|copay|paid|visit|eval)(?: (?:on|by|around|about|back))? ',
    unless: `(?i:increased|decreased|reduced|titrated|graded|rated|scored|cut|halved|weaned|tapered|changed|needed|used|mixed|diluted|only|than|of|to|by|failed|missed|completed|attended|passed|involved|positive|affected)(?: (?:on|by|around|about|back))? `,
    value: `${MONTH_DAY}(?: [a-zA-Z]{1,12})?`,
    check: checkDone,
  },
  {
    // "clean on 29/8", "last seizure 19/11": the day in front, where it cannot be the month.
    entity: 'DATE',
    name: 'date.day-month',
    score: 0.5,
    before: `(?i:on|since|until|till|til|from|dated|seen|admitted|discharged|done|drawn|taken|given|collected|started|stopped|surgery|op|operation|procedure|visit|appt|appointment|clinic|review|seizure|dose|jab|vaccine|injection|scan|mri|ct|cxr|x-?ray|xray|echo|ecg|ekg|eeg|bloods|labs?|cultures?|swab|biopsy|bx|usg?|ultrasound|colonoscopy|endoscopy|chemo|infusion|delivered|born|lmp|edd|fell|onset|due|booked|scheduled|tested|operated|removed|placed|inserted|extubated|intubated|cath|stent|lp|tap|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)(?: (?i:on|for|from|was|is|of|dated))?,? `,
    unless: `(?i:bipap|cpap|ps|ipap|settings?|vent|vision|acuity|va|bp|score|scored|niv|pressure|titrated|ventilator) (?i:on|from|was|is|of)? ?`,
    value: '(?:1[3-9]|2\\d|3[01])/(?:0?[1-9]|1[0-2])(?: [a-zA-Z]{1,12})?',
    check: checkDayMonth,
  },
  {
    // "needle stick 04-17,": month and day with noughts in front.
    entity: 'DATE',
    name: 'date.padded',
    score: 0.4,
    unless: `[-/.:#$0-9]|(?i:ages?|grades?|pages?|rooms?|beds?|items?|levels?|doses?|range|from|between|channels?|steps?|ranges?) `,
    value: '(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])[,.;)]?',
    check: (value) => (/^0\d-|-0\d/.test(value) && !/^0\d-0\d$/.test(value) ? 5 : 0),
  },
  {
    // "debrief 8.8.25": versions have a name before them.
    entity: 'DATE',
    name: 'date.dotted-two',
    score: 0.45,
    unless:
      '(?i:version|build|firmware|release|ver|v|section|chapter|table|figure|fig|guideline|cfr|python|node|java)[ :.]{0,2}|[A-Z][A-Za-z.+-]{1,20} v?|[0-9.]',
    value: '(?:0?[1-9]|1[0-2])\\.(?:0?[1-9]|[12]\\d|3[01])\\.2\\d',
  },
  {
    entity: 'DATE',
    name: 'date.dotted-seen',
    score: 0.45,
    before: '(?i:seen|admitted|discharged|visited|last seen|adm|dc|delivered) ',
    value:
      '(?:[1-9]|1[0-2])\\.(?:[1-9]|[12]\\d|3[01]) (?:for|in|by|at|with|w/|after|due)|(?:[1-9]|1[0-2])-(?:[1-9]|[12]\\d|3[01]) (?:for|with|w/|after|due)',
    check: (value) => value.replace(/ .*$/, '').length,
  },
  {
    // "3 days ago (2/6)"
    entity: 'DATE',
    name: 'date.month-day-ago',
    score: 0.6,
    before:
      '(?i:ago|yesterday|today|tonight|tomorrow|last night|this morning|last week|next week|(?:mon|tues|wednes|thurs|fri|satur|sun)day) \\((?i:on )?',
    value: `${MONTH_DAY}`,
  },
  {
    // As China and Japan write it.
    entity: 'DATE',
    name: 'date.east',
    score: 0.85,
    value: '\\d{4}年\\d{1,2}月(?:\\d{1,2}日)?',
  },
  {
    entity: 'DATE_OF_BIRTH',
    name: 'birth.verified',
    score: 0.8,
    before:
      '(?i:dob|d\\.o\\.b\\.?|birth ?date|birthday|bday) (?i:verified|confirmed|checked|given|listed|on file|as|shows|says|reads|changed to|corrected to|should be)(?: (?i:as|is|to))? ',
    value: '\\d{1,2}[./-]\\d{1,2}[./-](?:\\d{4}|\\d{2})',
  },
  {
    entity: 'DATE',
    name: 'date.may',
    score: 0.5,
    before: '(?i:in|since|until|till|til|by|last|this past|back in|before|after|from|on|end of|early|late) ',
    value: 'may(?: \\d{1,2}(?:st|nd|rd|th)?)?(?: [a-z]{1,12})?',
    check: (value) =>
      MODAL.test(value) ? 0 : (/^may(?: \d+(?:st|nd|rd|th)?)?/.exec(value)?.[0].length ?? 0),
  },
  {
    // "between August and January"
    entity: 'DATE',
    name: 'date.months',
    score: 0.5,
    before: '(?i:between) ',
    value: `${MONTH_NAME} and ${MONTH_NAME}`,
  },
  {
    entity: 'DATE',
    name: 'date.holiday-alone',
    score: 0.5,
    value:
      '(?i:juneteenth|cinco de mayo|4th of july|fourth of july|july 4th|new years eve|new year.s eve|xmas eve|christmas eve|christmas day|thanksgiving day|mothers day|fathers day|labor day|memorial day|mlk day|presidents day|veterans day|yom kippur|rosh hashanah?|hanukk?ah|chanukah|diwali|eid al-fitr|eid al-adha|eid ul-fitr|kwanzaa|mardi gras|ash wednesday|palm sunday|good friday|easter (?:sunday|monday)|lunar new year|chinese new year|nowruz|meskel|tisha b.av|simchat torah|orthodox (?:christmas|easter)|d[ií]a de los muertos|d[ií]a de muertos|nochebuena|navidad|semana santa|songkran|vesak|janmashtami|ganesh chaturthi|raksha bandhan|holi|ashura|muharram|mawlid|laylat al-qadr)(?: weekend)?',
  },
];
