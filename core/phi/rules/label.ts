import type { Rule } from '../engine/rule.ts';
import {
  COUNTRY,
  EPONYM,
  MEDICAL,
  MONTH,
  NAME,
  ROLE,
  STATE,
  WORD_COMMON,
  WORD as WORD_FLAG,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';

const COLON = `[ \\t"'*_\\\\]{0,4}[:=|>][ \\t"'*_\\\\]{0,6}`;
const CITY = `(?i:(?:home )?city|town|county|municipality|birth ?place|place of birth|home ?town|city of residence|city/town)`;
const ORGANIZATION = `(?i:(?:referring |treating |receiving |sending |transferring )?(?:facility|hospital|clinic)(?: name)?|employer(?: name)?|school(?: name)?|organi(?:z|s)ation(?: name)?|company(?: name)?|practice(?: name)?|pharmacy(?: name)?|insurer|hospice|day ?care|ambulance|hotel|shelter|church|agency|supplier|vendor|home health(?: agency)?|snf|nursing home|dme(?: supplier)?|group home|insurance(?: company| carrier| provider)?|health plan|payer|lab name|workplace)`;
const WORD = `[A-Z0-9À-Þ][A-Za-z0-9À-ɏ&.'-]{0,29}`;
/** A word with a capital, of an article's name. */
const CAPITAL = `[A-ZÀ-Þ][a-zà-ɏ'-]{2,29}`;
/** What is written with an article and is no house. */
const NO_HOUSE =
  /^The (?:Joint|Lancet|New|American|National|Journal|United|Hague|British|Patient|Doctor|Affordable|World|Federal|Bahamas|Gambia|Netherlands|Philippines|Best|Most|First|Second|Third|Only|Same|Following|Other|Care|Use|Role|Effect|Effects|Impact|Risk|Case)\b/;
const SMALL = `(?:of|the|and|for|at|de|la|del|&)`;
const WORDS = `[A-ZÀ-Þ][A-Za-z0-9À-ɏ&.'-]{0,29}(?: (?:${SMALL} ){0,2}${WORD}){0,6}`;

/** Labels that stand before other things as well. */
const WEAK_ORGANIZATION = `(?i:transport(?:ation)?|rehab|site|campus|lab|dialysis(?: unit| center)?|carrier|plan|works at|employment)`;

/** Wards, offices and times by their letters, which every town has. */
const WARDS =
  /^(?:OSH|OBGYN|TCU|ARU|IPR|SAR|ECF|ALF|LTACH|APS|CPS|DSS|DCFS|DCF|DHS|DMV|SSA|PCU|IMC|IMU|CVU|CVICU|CDU|ASU|SDS|BMT|OPD|IPD|UCC|PTA|DOC|PCC|PMR|PMNR|IRF|GIM|EDOU|CTICU|NCCU|RCU|MSU|NPO|TID|BID|QID|PRN|QHS|HIPAA|TBD|ASAP|STAT|HOME|BEDSIDE|FLOOR)$/;

/** Ward and answers that forms have beside such labels, and that name nothing. */
const EMPTY =
  /^(?:please|go|call|if|we|i|ok|will|n\/a|none|unknown|same|see|not|no|yes|other|pending|self|tbd|declined)\b/i;

/** Words of which one is in no list. */
function checkUnknown(value: string): number {
  const length = notEmpty(value);
  return value.split(' ').some((word) => lookUp(word.replace(/[.']+$/, '')) === 0) ? length : 0;
}

const notEmpty = (value: string): number => (EMPTY.test(value) ? 0 : value.replace(/[.']+$/, '').length);

/** A shop's name: whose it is, and what it sells. Not what is called after a discoverer, nor somebody's doctor. */
function checkShop(value: string): number {
  const [owner = '', thing = ''] = value.toLowerCase().split("'s ");
  const [flags, first] = [lookUp(owner), lookUp(thing.replace(/ .*$/, ''))];
  if ((flags & (EPONYM | MEDICAL | ROLE | COUNTRY | STATE | MONTH)) !== 0) return 0;
  if ((flags & WORD_COMMON) !== 0 && (flags & NAME) === 0) return 0;
  return (first & (MEDICAL | ROLE | MONTH)) === 0 && (first & WORD_FLAG) !== 0 ? value.length : 0;
}

/** Cities by their usual short forms. */
const SHORT_CITY = '(?:NYC|SF|LA|DC|NOLA|KC|OKC|SLC|ATL|PHX|STL|DFW|PDX|Philly|Vegas|Cabo|Frisco)';

/** Places and organisations that stand behind a label, whatever they are called. */
export const LABEL_RULES: readonly Rule[] = [
  {
    entity: 'CITY',
    name: 'city.labelled',
    score: 0.85,
    before: `${CITY}${COLON}`,
    value: `[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ.'-]{1,24}(?: [A-Za-zÀ-ɏ][A-Za-zÀ-ɏ.'-]{1,24}){0,3}`,
    check: notEmpty,
  },
  {
    entity: 'CITY',
    name: 'city.short',
    score: 0.5,
    before: '(?i:in|from|to|near|around|outside|downtown|live|lives|visiting|and) ',
    value: SHORT_CITY,
  },
  {
    entity: 'CITY',
    name: 'city.short-known',
    score: 0.5,
    value: '(?:NYC|NOLA|(?:[Tt]he|South|North|East|West) Bronx|Philly)',
  },
  {
    // The cell behind the one with the ZIP code.
    entity: 'CITY',
    name: 'city.cell',
    score: 0.5,
    before: '[,\\t|;]\\d{5}(?:-\\d{4})?[,\\t|;]',
    anywhere: true,
    value: "[A-Z][A-Za-z.'-]{2,19}(?: [A-Z][A-Za-z.'-]{1,19}){0,2}",
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.labelled',
    score: 0.8,
    before: `${ORGANIZATION}${COLON}`,
    value: WORDS,
    check: notEmpty,
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.element',
    score: 0.8,
    before: `"(?i:pharmacy|clinic|hospital|facility|employer|insurer|organization|school|payer|payor|practice|agency|company)" ?: ?\\{ ?\\n? {0,8}"(?i:name|display)" ?: ?"`,
    value: WORDS,
    check: notEmpty,
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.labelled-weak',
    score: 0.6,
    before: `${WEAK_ORGANIZATION}${COLON}`,
    value: WORDS,
    check: checkUnknown,
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.school',
    score: 0.7,
    // Public schools of New York: "P.S. 118".
    value: '(?:[PIM]\\.S\\.|J\\.H\\.S\\.) ?\\d{1,3}|PS \\d{3}',
  },
  {
    // "PS 9" is a ventilator's setting elsewhere.
    entity: 'ORGANIZATION',
    name: 'organization.school-number',
    score: 0.6,
    before: '(?i:at|attends|from|school|student at|nurse at|teacher at|kindergarten at|grade at) ',
    value: '(?:PS|IS|MS|JHS|HS) ?\\d{1,3}',
  },
  {
    // "at The Willows": an article with a capital in the middle of a sentence.
    entity: 'ORGANIZATION',
    name: 'organization.article',
    score: 0.45,
    before: '(?:at|to|from|of|in|by|with|near|for|through|into|via|home|facility|called|resident|attends) ',
    value: `The ${CAPITAL}(?: (?:(?:at|of|on|in) )?${CAPITAL}){0,3}`,
    check: (value) => (NO_HOUSE.test(value) ? 0 : value.length),
  },
  {
    // "go to Eastgate ER", "in the Northridge ICU": a house's own emergency room.
    entity: 'ORGANIZATION',
    name: 'organization.emergency',
    score: 0.5,
    behind: '(?:[a-z0-9]{1,20},?) ',
    value: `${CAPITAL}(?: ${CAPITAL})? (?:ER|ED|ICU|NICU|PICU|L&D|SNF|VA)`,
    check: (value) => {
      const words = value
        .split(' ')
        .slice(0, -1)
        .map((word) => lookUp(word.toLowerCase()));
      const other = MEDICAL | ROLE | COUNTRY | STATE | WORD_COMMON | MONTH | EPONYM;
      return words.every((flags) => (flags & other) === 0) ? value.length : 0;
    },
  },
  {
    // "a rep from Tandem", "denial letter from Bright": who sends people and papers.
    entity: 'ORGANIZATION',
    name: 'organization.sender',
    score: 0.65,
    before:
      '(?i:retired|fired|laid off|graduated|reps?|representative|adjuster|driver|nurse|aide|someone|agent|agency|denial|letter|fax|bill|invoice|records|referral|referred|refill|rx|script|authorization|auth|approval|statement|eob|loaner|supplies|meals|transport) from ',
    value: `${CAPITAL}(?: ${CAPITAL}){0,2}`,
    check: (value) => {
      const words = value.split(' ').map((word) => lookUp(word.toLowerCase()));
      const other = MEDICAL | ROLE | COUNTRY | STATE | MONTH;
      return words.every((flags) => (flags & other) === 0) ? value.length : 0;
    },
  },
  {
    // "transferred from SJH", "works for BJC": a house by its letters.
    entity: 'ORGANIZATION',
    name: 'organization.letters',
    score: 0.4,
    before:
      '(?i:(?:transferred|transfer|admitted|hospitalized|discharged|flown|sent|referred) (?:from|to|at)|(?:works?|worked|working|employed|employee|job|nurse|teacher|student|professor|faculty|driver|engineer) (?:at|for|by|of)|(?:records|notes?|labs|imaging|summary|referral|call|fax) from|(?:retired|graduated|fired) from|(?:seen|born|delivered|surgery|appointment|appt|visit|care|stent|biopsy|transplant) at) ',
    value: '[A-Z]{3,6}',
    check: (value) => (lookUp(value) === 0 && !WARDS.test(value) ? value.length : 0),
  },
  {
    // "at Birth & Beyond": two words of a company.
    entity: 'ORGANIZATION',
    name: 'organization.pair',
    score: 0.5,
    before:
      '(?:at|from|with|to|by|for|through|via|of|near|calling|called|called from|employer|works for|pharmacy|insurer) ',
    value: `${CAPITAL}(?: ${CAPITAL})? & ${CAPITAL}(?: ${CAPITAL})?`,
    check: (value) => {
      const words = value.split(/ (?:& )?/).map((word) => lookUp(word.toLowerCase()));
      const other = MEDICAL | ROLE | COUNTRY | EPONYM;
      return words.some((flags) => (flags & other) === 0) ? value.length : 0;
    },
  },
  {
    // "behind Lucky's Tire & Lube": somebody's shop, in the middle of a sentence.
    entity: 'ORGANIZATION',
    name: 'organization.shop',
    score: 0.5,
    behind: '(?:[a-z]{2,20}|[0-9]{1,4}) ',
    value: `[A-ZÀ-Þ][a-zà-ɏ]{2,19}'s ${CAPITAL}(?: (?:& |and )?${CAPITAL}){0,3}`,
    check: checkShop,
  },
  {
    // "at Target": companies and places of care that are words, where somebody is.
    entity: 'ORGANIZATION',
    name: 'organization.word-at',
    score: 0.5,
    before:
      '(?:at|@|(?:works?|worked|working|job|shift|employed|drives?|cashier|cooks?|clerk|nurse|tech) (?:at|for|with|by)|transferred (?:from|to)|sent (?:from|to)|discharged from|seen at) (?:the )?',
    value:
      '(?:Target|Apple|Subway|Sonic|Gap|Delta|United|Southwest|Frontier|Spirit|Chase|Shell|Sunrise|Horizon|Bright|Banner|Mercy|Providence|Legacy|Ascension|Amazon|Safeway|Sprouts|Regions|Mission|Sharp|Advocate|Aurora|Swedish|Encompass|Kindred|Genesis|Premier|Summit|Beacon|Trinity|Memorial|Regional|Baptist|Methodist|Presbyterian|Unity|Harmony|Compass|Cornerstone|Gateway|Landmark|Liberty|Frontier|Meridian|Pinnacle|Pathways|Crossroads|Oasis|Avalon|Heritage|Magnolia|Evergreen|Lakeside|Riverside|Hillside|Deaconess|Samaritan|Lutheran|Adventist|Franciscan|Sunnyside|Westside|Eastside|Northside|Southside|Parkside|Bayside|Seaside)',
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.numbered',
    score: 0.5,
    // A union's branch, a unit of the army.
    value:
      '(?:Local|Lodge|Troop|Post|Engine|Medic|Ladder|Station|Rescue|Squad) \\d{1,4}|\\d{1,3}(?:st|nd|rd|th) (?:Airborne|Infantry|Cavalry|Marines|Armored|Battalion|Regiment|Brigade|Squadron|Precinct|Mountain Division)',
  },
];
