import type { Rule } from '../engine/rule/rule.ts';
import { anyOf } from './any-of.ts';
import { GAP } from './parts.ts';

export const MONTH = `(?i:jan(?:uary|urary|uray)?|feb(?:ruary|uary|urary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember|emeber)?|setember|oct(?:ober)?|nov(?:ember|emeber)?|dec(?:ember|emeber)?)`;
export const MONTH_NAME = `(?:January|February|March|April|May|June|July|August|September|October|November|December)`;
export const WEEKDAY = `(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)`;
const ORDINAL = '(?:st|nd|rd|th)?';
export const YEAR = `(?:(?:18|19|20)\\d{2}|'\\d{2})`;
const TIME = `(?:,?(?: at)? \\d{1,2}:\\d{2}(?::\\d{2})?(?: ?(?i:am|pm|hrs))?)?`;
const ISO_TIME = `(?:[T ]\\d{2}[:_]?\\d{2}(?:[:_]?\\d{2}(?:[._]\\d{1,6})?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?`;

const LAST_MONTH = 12;
const LAST_DAY = 31;

/** A date's forms in words. After a label for birth two more digits may be the year. */
export const WRITTEN_FORMS: readonly string[] = [
  `${MONTH}-\\d{2}`,
  `${MONTH}[.]? ?\\d{1,2}${ORDINAL}(?: ?(?:-|to|through|and|&) ?(?:${MONTH}[.]? )?\\d{1,2}${ORDINAL})?(?:,? ${YEAR}|, \\d{2})?`,
  `\\d{1,2}${ORDINAL}(?: ?(?:-|to|and) ?\\d{1,2}${ORDINAL})?[ -](?:(?:day )?of )?${MONTH}(?:[.,]?[ -](?:${YEAR}|\\d{2})|\\.)?`,
  `(?:19|20)\\d{2}[ -]?${MONTH}[ -]?\\d{1,2}`,
  `\\d{1,2}${MONTH}(?:(?:19|20)\\d{2}|\\d{2})`,
  `\\d{1,2}/${MONTH}/(?:19|20)\\d{2}`,
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
  // A gene.
  if (value === 'OCT4') return 0;
  const may = /^(may|march|mar|dec|sun|sat)\b(?!.*\d{4})/.exec(value);
  if (may !== null && !/^march \d|^mar \d{1,2}(?:st|nd|rd|th)/.test(value)) return 0;
  const day = /(?<!\d)\d{1,2}(?!\d)/.exec(value);
  return day === null || (Number(day[0]) >= 1 && Number(day[0]) <= LAST_DAY) ? value.length : 0;
}

/** MMDDYY. */
function checkSixDigits(value: string): number {
  return checkNumeric(`${value.slice(0, 2)}/${value.slice(2, 4)}/${value.slice(4)}`) > 0 ? value.length : 0;
}

/** Scales whose marks are written like a day: "GDS 4/15". */
export const MARKED =
  'gds|sofa|qsofa|bdi|phq|fim|aims|tinetti|berg|epworth|ess|alvarado|centor|bishop|wells|cage|katz|lawton|norton|hamilton|hads|madrs|epds|edinburgh|ados|bims|sppb|dgi|fga|bbs|fma|fugl-meyer|vas|nrs|flacc|cpot|painad|bps|pews|mews|news2?|rass|curb-?65|cfs|katz|audit|dast|cssrs|pcl|isi|psqi|wexner|mayo|sccai|hbi|cdai|das28|easi|pasi|rockall|blatchford|pesi|aofas|moca-b|ace|ace-iii|rowland|rudas|gpcog|mini-mental|mental|clock|recall|adls?|iadls?|timi|has-bled|hasbled|cha2ds2-vasc|chads-?vasc|chads2?|chadsvasc|child-pugh|ctp|ranson|glasgow|m?joa|imrie|bisap|marshall|balthazar|mallampati|maddrey|mayo|sledai|bvas|caspar|slicc|acr|duke|jones|stop-?bang|kps|ecog|beck|zung|gcs-p|apache|saps|iss|rts|revised trauma|abbey|cornell|waterlow|push|bwat|wagner|sinbad|perc|pecarn|mcisaac|feverpain|westley|clinical frailty|rockwood|frail|share|barthel|modified rankin|mrs|karnofsky|tegner|lysholm|constant|quickdash|dash|oxford|harris|womac|koos|hoos|cores|nodes|sites|samples|biopsies|margins|specimens|stations|questions|criteria|points|symptoms|responders|won|beats';
/** Wards and their beds, of which so many are taken: "Peds 4/12". */
export const WARDS = anyOf(
  'peds pedi tele telemetry icu micu sicu ccu nicu picu pacu ldr l&d ob med surg medsurg med-surg stepdown step-down imcu ortho neuro onc mother-baby postpartum nursery psych rehab beds bed census occupied full staffed capacity'.split(
    ' ',
  ),
);
/** Drugs of two substances, whose strengths are written like a day: "Suboxone 8/2", "amlodipine-benazepril 5/20". */
const COMBINED = `${anyOf(
  'suboxone,subutex,zubsolv,bunavail,bupe,buprenorphine,naloxone,junel,loestrin,microgestin,larin,blisovi,tarina,hailey,minastrin,aurovela,norinyl,ortho-novum,necon,nortrel,femhrt,fyavolv,jinteli,activella,amabelz,mimvey,prempro,lotrel,azor,exforge,twynsta,caduet,vytorin,nexlizet,roszet,liptruzet,symbyax,janumet,jentadueto,invokamet,synjardy,xigduo,glyxambi,steglatro,steglujan,segluromet,qtern,trijardy,kazano,oseni,duetact,actoplus,glucovance,prandimet,soliqua,ziac,tenoretic,lotensin,zestoretic,prinzide,vaseretic,uniretic,tarka,lexxel,tribenzor,prestalia,consensi,byvalson,percocet,norco,vicodin,lortab,endocet,sinemet,duac,epiduo,ziana,veltin,acanya,onexton,benzaclin,librax,limbitrol,perphenazine,amitriptyline,olanzapine,fluoxetine,samidorphan,lybalvi,amlodipine,benazepril,olmesartan,valsartan,telmisartan,atorvastatin,simvastatin,ezetimibe,rosuvastatin,bisoprolol,enalapril,perindopril,trandolapril,verapamil,hctz,hydrochlorothiazide,levodopa,linagliptin,empagliflozin,saxagliptin,dapagliflozin,ertugliflozin,sitagliptin,metformin,pioglitazone,alogliptin,glimepiride,ethinyl estradiol,norethindrone,estradiol,strength,mg'.split(
    ',',
  ),
)}|bup/?n?x?|dosed?`;
export const MONTH_DAY = `(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\\d|3[01])`;
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
export function isFraction(value: string): boolean {
  const [, part = 0, whole = 0] = (/^(\d+)\/(\d+)/.exec(value) ?? []).map(Number);
  if (whole === 0) return false;
  if (value.startsWith('0') || part > whole) return false;
  return whole <= 6 || whole === 8 || whole === 10 || (whole === 12 && part > 9);
}

/** "2/3 to 2/7": of one month. */
function isSpan(value: string): boolean {
  const [, month, day = 0, last, end = 0] = /^(\d+)\/(\d+)(?: ?- ?| to )(\d+)\/(\d+)/.exec(value) ?? [];
  return month !== undefined && month === last && Number(end) > Number(day);
}

/** "on 5-28" is a day, "on 5-10 mg" a dose and "since 2-3 weeks" a while. */
function checkDashed(value: string): number {
  const [date = '', word] = value.split(' ');
  const [month = 0, day = 0] = date.split('-').map(Number);
  if (/-\d+-/.test(date)) return 0;
  if (
    word !== undefined &&
    !/^(?:and|at|for|he|she|they|we|with|to|by|but|after|was|is|in|podiatry|visit|then|when|who|because|per|from)$/i.test(
      word,
    )
  )
    return 0;
  // A small range counts something, unless it ends late in a month.
  return day > LAST_MONTH || month > day ? date.length : 0;
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
    unless: '[/-]|(?i:draft|edition|schema) ',
    value: '(?:0?[1-9]|1[0-2])[/-](?:19|20)\\d{2}|(?:19|20)\\d{2}-(?:0[1-9]|1[0-2])',
  },
  {
    entity: 'DATE',
    name: 'date.month-day',
    score: 0.6,
    before: `(?:(?i:on|since|dated|admitted|admission|admit|discharged|discharge|dc|until|till|thru|through|from|to|til|seen|visit|appt|appointment|surgery|dos|date|scheduled(?: for)?|labs?|imaging|started|expired|died|due|last|as of|effective|between|follow[- ]?up|f/u|showed?|before|after|by|op|pod|c/s|c-section|shot was|dose was|last dose|(?:last|next|first) inj(?:ection)?|was on|visit was|updated|printed|signed|faxed|rev|revised|exam|starting|stopping|week of|f/u|rtc|meeting|taken|drawn|collected|done|given|booked|moved to|set for|ordered|placed|removed|eff|exp|lmp|edd|edc|received|resulted|mailed|arrived|transferred|extubated|intubated|trached|resumed|inserted|pulled|switched|emailed|texted|sent|left|returned|replaced|refilled|filled|picked up|dropped off|vaccinated|tested|infusion|cycle|chemo|dialysis|hd|shift|flight|trip|cruise|court|hearing|interview|school|game|wedding|funeral|party|sx|dx|cath|cabg|or|echo|mri|ct|cxr|scan|biopsy|bx|egd|cscope|colonoscopy|procedure|injury|accident|doi|onset|back on|d/c|d/c'd|dc'd|readmit|readmitted|born|delivered|ed|er|ekg|clinic|class|trip|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)(?:,? (?i:on|of|from|and|the))?[ ,:(]{1,2}|\\d{1,2}/\\d{1,2}(?:, | and | ?- ?| to | & |, and ))`,
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
    value: `${MONTH_DAY} ?[|,;:\\t][A-Za-z0-9]{0,40}`,
    check: (value) => value.replace(/ ?[|,;:\t].*$/, '').length,
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
    // "started Accutane 3.1.25": no version.
    entity: 'DATE',
    name: 'date.dotted-behind',
    score: 0.5,
    behind:
      '(?i:started|stopped|since|placed|seen|done|had|got|given|began|began|inserted|removed|fell|operated|refilled)(?: [A-Za-z]{3,15}){0,2} ',
    value: '(?:[1-9]|1[0-2])\\.(?:[1-9]|[12]\\d|3[01])\\.[12]\\d',
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
    name: 'date.dashed-day',
    score: 0.5,
    // "on 5-28", "debridement 9-18": month and day with a dash, where a date is told.
    before:
      '(?i:on|since|dated|admitted|admission|discharged|until|till|thru|seen|visit|appt|appointment|surgery|dos|date|scheduled(?: for)?|debridement|injection|procedure|expires?|exp|due|due date|follow[- ]?up|rtc|start of care|soc|started|stopped|last seen|delivered|born|collected|drawn|moved (?:in|out) on|echo|labs?|mri|ct|cxr|x-?ray|egd|colonoscopy|scan|biopsy|bx|eeg|ekg|ecg|cath|fx|lmp|rx|refill(?:ed)?|filled|last|next|adm|admit|disch|dc|d/c|dated|signed|faxed|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)[ ,:]{1,2}',
    value: '(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\\d|3[01])(?:-\\d{1,4})?(?: [A-Za-z%/]{1,12})?',
    check: checkDashed,
  },
  {
    entity: 'DATE',
    name: 'date.dotted-day',
    score: 0.5,
    before:
      '(?i:updated|updated on|scheduled(?: for)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun|am|vom|seit|bis|den)[ ,:]{1,2}',
    value: '(?:[1-9]|1[0-2]|[12]\\d|3[01])\\.(?:[1-9]|[12]\\d|3[01])(?:\\.(?:\\d{4}|\\d{2})?)?',
  },
  {
    entity: 'DATE',
    name: 'date.day-month-code',
    score: 0.6,
    value: '(?:0[1-9]|[12]\\d|3[01])(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)',
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
    unless: `[$:.#]|(?:^|[^A-Za-z])(?i:${MARKED}|${WARDS}|${COMBINED}|strength|mmse|moca|slums|mini-cog|phq-?9|gad-?7|apgar|aldrete|braden|morse|nihss|motor|power|grade|scale|score|beighton|psv|ipap|ps|gleason|reflexes|reflex|murmur|pulses|pulse|bp|gcs|va|vision|acuity|od|os|ou|bcva|ucva|bipap|cpap|vent|settings|apgars?|ratio|tab|half|muscle|str|dtrs?|edema|sem|level|a|was|is|an|about|only|than|approximately|over|just)[ :]{1,2}`,
    value: MONTH_DAY_AND_WORD,
    check: (value) => (isFraction(value) && !isSpan(value) ? 0 : checkMonthDay(value)),
  },
  {
    entity: 'DATE',
    name: 'date.six-digits',
    score: 0.6,
    before: `(?i:date|dos|dob|admitted|discharged|dt|collected|dated|drawn|seen|on|adm|admit|disch|dc|d/c|doa|dod|doi|eff|exp)${GAP}`,
    value: '(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])\\d{2}',
    check: checkSixDigits,
  },
  {
    // "datetime.date(1974, 12, 25)", "LocalDate.of(1974, 12, 25)"
    entity: 'DATE',
    name: 'date.call',
    score: 0.85,
    before: '(?i:date|datetime|LocalDate\\.of|LocalDateTime\\.of|Date\\.UTC|make_date|timestamp)\\(',
    value: '(?:19|20)\\d{2}, ?\\d{1,2}, ?\\d{1,2}(?:, ?\\d{1,2}){0,3}',
    check: checkYearFirst,
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
