import type { Rule } from '../engine/rule/rule.ts';
import { digitsOf } from './checksum.ts';
import { GAP, NOTED } from './parts.ts';

const LABEL = `(?i:(?:tele)?phones?[12]?|tels?|cell(?:phone)?s?|mobiles?|pager|beeper|call(?:ed)?|callback|call back|contact|text(?:ed)?|ph|reach(?:ed|able)?(?: (?:him|her|them|me|us))?|dial|voicemail|whatsapp|sms)`;
const FAX = `(?i:(?:e-?)?fax(?:ed|es)?|facsimile|fx|fax/phone)`;
const KIND = `(?:[ _-](?i:numbers?|nums?|no|at|on|to|#|phone|line|back|home|work|cell|is|him|her|office))`;
const EXTENSION = `(?:,? ?(?i:x|ext|extension)\\.? ?\\d{1,6})?`;
const PARENTHESES = `\\(\\d{3}\\)[ .-]{0,3}\\d{3}(?:[ .-]{0,3}|-\\r?\\n)\\d{4}${EXTENSION}`;
const LABELLED = `\\d(?: ?[ -] ?\\d){6,10}|[+(]?\\d{1,4}(?:[ ().-]{0,2}\\d{1,5}){1,6}${EXTENSION}|\\d{7,11}${EXTENSION}`;

const MIN_DIALLED_DIGITS = 10;

/** E.164 allows 15 digits. A local number has 7. */
export function checkLength(value: string): number {
  const count = digitsOf(value.replace(/ ?(?:x|ext).*$/i, '')).length;
  if (count < 7 || count > 15) return 0;
  // "(617 555 0142)": brackets around the whole are no part of it.
  if (value.startsWith('(') && !value.includes(')')) return 0;
  return value.endsWith(')') && !value.includes('(') ? value.length - 1 : value.length;
}

/** Behind 011 the shortest numbers there are have seven digits: Niue's (+683), with the country's code. */
function checkInternational(value: string): number {
  const number = value.replace(/ ?(?:x|ext).*$/i, '');
  return number.startsWith('011') && digitsOf(number).length < MIN_DIALLED_DIGITS ? 0 : checkLength(value);
}

/** Only in groups of spaces: an area code begins with 2-9, else rows of figures would be numbers; of two groups the second as well. */
function checkArea(value: string): number {
  return /^(?:1 )?[2-9]\d\d(?: \d{3}[ -]| [2-9])/.test(value) && !/\d{4}000$/.test(value) ? value.length : 0;
}

/** What a range is of. */
const UNIT =
  /(?:mg|mcg|ml|g|kg|units?|iu|ng|pg|cells|copies|bp|kcal|cal|calories|ms|hz|steps|words|patients|people|feet|ft|m|km|l|cc|mm|nm|µg|ug|meq|mmol|dollars|usd|hours|[%/-])$/i;

/** Seven digits without an area code; a range of doses or counts looks alike, but ends in noughts. */
function checkLocal(value: string): number {
  const number = /^\d{3}-\d{4}/.exec(value)?.[0] ?? '';
  return /[05]0$/.test(number) || (value !== number && UNIT.test(value)) ? 0 : number.length;
}

const DIGIT_WORD = `(?i:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|double (?:zero|oh|one|two|three|four|five|six|seven|eight|nine))`;
const MIN_SPOKEN_DIGITS = 7;
const ZIP_DIGITS = 5;
/** With the nought in front; more are rows of figures. */
const MAX_TRUNK_DIGITS = 11;

/** How many digits are spoken. */
function countSpoken(value: string): number {
  return (
    value.split(/[ ,-]+/).filter((word) => word !== 'double').length + (value.match(/double/gi) ?? []).length
  );
}

export const PHONE_RULES: readonly Rule[] = [
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.spoken',
    score: 0.7,
    // "nine seven three, five five five, oh one two two"
    value: `${DIGIT_WORD}(?:(?:[ -]|, )${DIGIT_WORD}){6,15}`,
    check: (value) => (countSpoken(value) >= MIN_SPOKEN_DIGITS ? value.length : 0),
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.spoken',
    score: 0.5,
    value: `${DIGIT_WORD}(?: ${DIGIT_WORD}){4}`,
    check: (value) => (countSpoken(value) >= ZIP_DIGITS ? value.length : 0),
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.pager-short',
    score: 0.6,
    before:
      '(?i:pager|pgr|beeper|beep|extension|ext|voalte|vocera|spectralink|ascom|cisco|portable|zone phone|desk phone|desk|wireless|voip|dect|call|dial|phone|callback|backline)(?: (?i:is|number|no\\.?|#))?[ :#]{1,2}',
    value: '\\d{1,2}-\\d{4}|\\d{4,5}',
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.local-spaced',
    score: 0.5,
    behind: '(?i:at|number|#|cell|call|phone|text|is|line|reach|tel|or|home|work)[ :#]{1,3}',
    value: '[2-9]\\d{2}[ .]\\d{4}',
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.commas',
    score: 0.5,
    value: '[2-9]\\d{2}, [2-9]\\d{2}, \\d{4}',
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.us',
    score: 0.8,
    value: `(?:\\d{1,3}[.-]|1 ?)?\\d{3}(?:[.-] ?|-\\r?\\n)\\d{3}(?:[ .-] ?|-\\r?\\n)\\d{4}(?:/\\d{4})?${EXTENSION}|\\d{3} - \\d{3} - \\d{4}${EXTENSION}|(?:1[ .-]?)?\\d{3}/\\d{3}-\\d{4}${EXTENSION}|1-8\\d{2}-[A-Z0-9]{3}-?[A-Z0-9]{4}`,
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.parentheses',
    score: 0.85,
    anywhere: true,
    value: `(?:\\+1[ .-]?)?${PARENTHESES}`,
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.parentheses-one',
    score: 0.85,
    value: `1[ .-]?${PARENTHESES}`,
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.spaced',
    score: 0.6,
    value: `(?:1 )?\\d{3} \\d{3}[ -]?\\d{4}${EXTENSION}|\\d{3} \\d{3} \\d{2} \\d{2}`,
    check: checkArea,
  },
  {
    // The United Kingdom's and others with a nought in front: "020 7946 0991", "030/23125-907".
    entity: 'PHONE_NUMBER',
    name: 'phone.trunk',
    score: 0.5,
    unless: '[-/.$#]',
    value: '0\\d{2,4}[ /]\\d{3,5}[ -]\\d{3,4}',
    check: (value) => (digitsOf(value).length <= MAX_TRUNK_DIGITS ? value.length : 0),
  },
  {
    // "Lars (husband) 555.0173": seven digits behind who it is, or with the exchange of fiction.
    entity: 'PHONE_NUMBER',
    name: 'phone.local-dotted',
    score: 0.5,
    begins: (text, place) => /[ :,]/.test(text.charAt(place - 1)),
    behind:
      '(?:[A-Za-z]{2,14}\\)|(?i:husband|wife|mother|father|mom|dad|daughter|son|sister|brother|friend|neighbor|poa|nok|proxy|home|work|cell|mobile|office|contact|number|phone|line|reach|call|text|him|her|them|me)(?: (?i:is|at|on))?)[ :,]{1,2}',
    value: '[2-9]\\d{2}[.-]\\d{4}',
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.international',
    score: 0.8,
    value: `(?:\\+|011[ -])\\d{1,3}(?:[ .-]{0,1}\\(?\\d{1,5}\\)?){2,6}${EXTENSION}`,
    // The automaton takes any three digits for 011, and is to be done with a number of social security when that ends.
    gate: `\\+\\d+(?:[ .-]?\\(?\\d+\\)?){2,}${EXTENSION}|\\d{3}[ -]\\d(?:[ .-]?\\(?\\d\\)?){6,}${EXTENSION}`,
    check: checkInternational,
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.labelled',
    score: 0.85,
    before: `${LABEL}${KIND}{0,2}${NOTED}${GAP}`,
    value: LABELLED,
    check: checkLength,
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.own',
    score: 0.5,
    before: `(?i:(?:my|his|her|their|our|your)(?: [a-z]{2,15}(?:'s)?)? (?:number|#)(?: is)?) `,
    value: LABELLED,
    check: checkLength,
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.extension',
    score: 0.7,
    before: '(?i:ext|extension|extn)\\.?[ :#]{1,2}',
    value: '\\d{3,6}',
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.pager',
    score: 0.7,
    before:
      '(?i:pager|pgr|beeper|page me at|spectralink|vocera|desk|at|call|now|room|on|@|or|me|rads|lab|pharmacy|unit|nurse|line|number|phone|text|reach|dial|back)(?:[ :#,]{1,3})|, |\\(',
    value: 'x ?\\d-?\\d{2,5}',
  },
  {
    // "PharmD Zelenka x4471": an extension behind whose it is; no magnification.
    entity: 'PHONE_NUMBER',
    name: 'phone.extension-beside',
    score: 0.5,
    behind: "[A-Z][A-Za-z'-]{1,24},? ",
    value: 'x\\d{4,5}',
    check: (value) => (value.endsWith('00') ? 0 : value.length),
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.pager-number',
    score: 0.7,
    before: '(?i:pager|pgr|beeper|spectralink|vocera)(?: (?i:number|no|is))?\\.?[ :#]{1,3}',
    value: '\\d{3,6}(?:-\\d{3,5})?',
  },
  {
    // "call 5-0143": of a house.
    entity: 'PHONE_NUMBER',
    name: 'phone.house',
    score: 0.5,
    before:
      '(?i:call|called|dial|reach|page|paged|callback|call back|phone|desk|ext|extension|text|number|line)(?: (?i:me|us|him|her|them|at|on|back|is))?(?: (?i:at|on))?[ :#]{1,2}',
    value: '\\d-\\d{4}',
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.local',
    score: 0.45,
    unless: '[-$#.:/]|(?i:range|pages?|pp|from|between|no|lines?|codes?|ndc|lot|ref)[. :]{1,2}',
    value: '[2-9]\\d{2}-\\d{4}(?: ?(?:[a-zA-Z]{1,12}|[%/-]))?',
    check: checkLocal,
  },
  {
    entity: 'FAX_NUMBER',
    name: 'fax.labelled',
    score: 0.9,
    before: `${FAX}${KIND}{0,2}${NOTED}${GAP}`,
    value: LABELLED,
    check: checkLength,
  },
];
