import { NAME } from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';

/*
 * Whether a cell as a whole is a value of its column. A cell with anything beside its value is left to the other rules,
 * which find what is in it.
 */

const CODE = /^[A-Za-z]{0,5}[- ]?\d[A-Za-z0-9]*(?:[-/. ][A-Za-z0-9]+){0,4}$/;
const MIN_CODE_DIGITS = 3;
const MAX_CODE_CHARACTERS = 30;
/** Prices and measures. */
const DECIMAL = /^\d+\.\d{1,2}$/;

/** A number of a record, an account or a plan: letters in front, groups, three digits at least. */
export function isCode(cell: string): boolean {
  return (
    cell.length <= MAX_CODE_CHARACTERS &&
    CODE.test(cell) &&
    !DECIMAL.test(cell) &&
    countDigits(cell) >= MIN_CODE_DIGITS
  );
}

const NAME_CELL = /^\p{L}[\p{L}\p{M}'’.-]*(?:,? [\p{L}\p{M}'’.(-][\p{L}\p{M}'’.)-]*){0,5}$/u;
const MAX_NAME_CHARACTERS = 60;
/** Answers that name nothing. */
const NOTHING =
  /^(?:n\/?a|none|no|yes|unknown|unk|other|pending|same|self|total|null|nil|tbd|test|vacant|empty|closed|unassigned|homeless|string|text|n?varchar|required|optional)$/i;

/** Words that are a name where the heading leaves no doubt, in any case. */
export function isName(cell: string): boolean {
  return cell.length <= MAX_NAME_CHARACTERS && NAME_CELL.test(cell) && !NOTHING.test(cell);
}

/** The same where things may have such a heading: one of its words is known as a name, or is in no list. */
export function isKnownName(cell: string): boolean {
  return isName(cell) && cell.split(/[ ,.()-]+/).some((word) => word.length > 1 && mayBeName(word));
}

function mayBeName(word: string): boolean {
  const flags = lookUp(word);
  return flags === 0 || (flags & NAME) !== 0;
}

const DATE =
  /^(?:\d{1,4}([-/. ])\d{1,2}\1\d{1,4}|\d{6}|\d{8}|\d{1,2}[- ][A-Za-z]{3,9}\.?[- ,]{1,2}\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{2,4})(?:[T ]\d{1,2}:\d\d(?::\d\d)?(?:\.\d{1,6})?Z?)?$/;

export function isDate(cell: string): boolean {
  return DATE.test(cell);
}

const PHONE = /^\+?[0-9(][0-9() ./-]{5,22}(?: ?(?:x|ext\.?) ?\d{1,6})?$/i;
const MIN_PHONE_DIGITS = 7;

export function isPhone(cell: string): boolean {
  return PHONE.test(cell) && countDigits(cell) >= MIN_PHONE_DIGITS;
}

/** All of it, or the last four digits. */
export function isSocial(cell: string): boolean {
  return /^(?:(?:\d{3}|[xX*]{3})[- ]?(?:\d\d|[xX*]{2})[- ]?)?\d{4}$/.test(cell);
}

/** Tables that went through a spreadsheet have lost the nought in front. */
export function isZip(cell: string): boolean {
  return /^\d{4,5}(?:-\d{4})?$/.test(cell);
}

export function isStreet(cell: string): boolean {
  return /^\d{1,6}[A-Za-z]? [A-Za-z0-9][A-Za-z0-9 .,'#/-]{2,58}$/.test(cell);
}

const CITY = /^\p{L}[\p{L}\p{M}'’.-]+(?: [\p{L}\p{M}'’.-]+){0,3}$/u;
const MAX_CITY_CHARACTERS = 40;

export function isCity(cell: string): boolean {
  return cell.length <= MAX_CITY_CHARACTERS && CITY.test(cell) && !NOTHING.test(cell);
}

function countDigits(cell: string): number {
  return cell.replace(/[^0-9]/g, '').length;
}
