import type { Rule } from '../engine/rule.ts';
import {
  NAME as ANY,
  CITY_WORD,
  COUNTRY,
  EPONYM,
  GIVEN_COMMON,
  MEDICAL,
  MONTH,
  WORD as ORDINARY,
  ROLE as PART,
  STATE,
} from '../lexicon/flags.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import { isBareEponym } from '../words/eponym.ts';
import { flagsOf, isNameOnly, mayBeName } from './name.ts';

export const LETTER = 'A-Za-zÀ-ÖØ-öø-ſ';
export const UPPER = 'A-ZÀ-ÖØ-ÞĀ-ſ';
/** Syllables of Korean given names, as they are usually written: "Ye-jin". */
const SYLLABLES: ReadonlySet<string> = new Set(
  `ah ara bae beom bin bo bum byung chae chan chang cheol chul da dae do dong eun gi gun gyu ha hae han hee heon ho hoon
  hwa hwan hye hyeon hyo hyuk hyun il in jae jeong ji jin jong joo joon ju jun jung ki kwang kyu kyung lim man mi min
  myung na nam ok rae ran ri rim rin ryu sang seo seok seon seong seung so sol soo sook su suk sun sung tae uk wan won
  woo wook yeon ye yeong yong yoo yoon young yu yul yun`.split(/\s+/),
);

const LONE = `[${UPPER}][a-zß-öø-ſ][${LETTER}'-]{1,24}`;

/** The name without what was read to know it by. */
export function lengthBefore(value: string, tail: RegExp): number {
  return value.replace(tail, '').length;
}

/** A smaller figure behind a name, without a unit, is a score or a version. */
const MIN_BARE_AGE = 16;

/** Somebody with an age behind: "Ortega 31M", "Jigme 3 yo", "Rosario, 81,". */
function checkAged(value: string): number {
  const name = value.replace(/,? \(?\d.*$/, '');
  const flags = flagsOf(name.toLowerCase());
  if ((flags & (MEDICAL | PART | MONTH | STATE | COUNTRY)) !== 0) return 0;
  const sure = /(?:y|f|m)/i.test(value.slice(name.length));
  if (!sure || name === name.toLowerCase())
    // "Braden 14, Morse 55," are scales.
    return isNameOnly(name) &&
      (sure ||
        (Number(/\d+/.exec(value)?.[0]) >= MIN_BARE_AGE &&
          (flags & EPONYM) === 0 &&
          ((flags & CITY_WORD) === 0 || (flags & GIVEN_COMMON) !== 0)))
      ? name.length
      : 0;
  return (flags & ORDINARY) === 0 || (flags & ANY) !== 0 ? name.length : 0;
}

/** A surname and a given name without a space: one of them is in the lists, and neither is a thing. */
function checkTurned(value: string): number {
  const [family = '', rest = ''] = value.split(',');
  const given = rest.replace(/ .*$/, '');
  const [one, two] = [flagsOf(family.toLowerCase()), flagsOf(given.toLowerCase())];
  if (((one | two) & (MEDICAL | PART | COUNTRY | STATE | MONTH)) !== 0) return 0;
  if (family.length < 2 || given.length < 3 || ((one & ORDINARY) !== 0 && (one & ANY) === 0)) return 0;
  const named = (two & ANY) !== 0 && ((two & ORDINARY) === 0 || (two & GIVEN_COMMON) !== 0);
  const known = named && ((one & ANY) !== 0 || (one === 0 && isNameLike(family)));
  return known || ((one & ANY) !== 0 && (one & ORDINARY) === 0 && two === 0 && isNameLike(given))
    ? value.replace(/[ ,]$/, '').length
    : 0;
}

/** A name in a cell of its own. With an initial behind it any word that is no other will do. */
function checkCell(value: string): number {
  const [, name = '', initial = ''] = /^([^ |;\t]+)( [A-Z]\.?)?/.exec(value) ?? [];
  const flags = flagsOf(name.toLowerCase());
  if ((flags & (ORDINARY | MEDICAL | PART | COUNTRY | STATE | MONTH)) !== 0) return 0;
  // "| Romberg | neg |"
  if (initial === '' && isBareEponym({ text: name.toLowerCase(), flags })) return 0;
  return initial !== '' || ((flags & ANY) !== 0 && (flags & CITY_WORD) === 0)
    ? name.length + initial.length
    : 0;
}

/** Names that what stands behind or around them tells: an age, a number, a cell, a colon. */
export const PERSON_AROUND_RULES: readonly Rule[] = [
  {
    entity: 'PERSON',
    name: 'person.before-age',
    score: 0.6,
    value: `${LONE},? \\(?\\d{1,3}(?: ?(?i:yo|y/o|y\\.o|yr|yrs|years?|m|f|mo|month)|[,)])`,
    check: checkAged,
  },
  {
    entity: 'PERSON',
    name: 'person.before-age-upper',
    score: 0.5,
    value: `[${UPPER}][${UPPER}'-]{2,20},? \\(?\\d{1,3} ?(?:[MF]|YO|Y/O)`,
    check: (value) => {
      const name = value.replace(/,? \(?\d.*$/, '');
      return mayBeName(name) &&
        (flagsOf(name.toLowerCase()) & (ORDINARY | STATE | COUNTRY | MONTH)) === 0 &&
        ((flagsOf(name.toLowerCase()) & ANY) !== 0 || isNameLike(name))
        ? name.length
        : 0;
    },
  },
  {
    entity: 'PERSON',
    name: 'person.before-age-small',
    score: 0.5,
    first: { any: ANY, none: ORDINARY | MEDICAL | PART },
    value: `[a-zß-öø-ſ]{3,20},? \\d{1,3}(?: ?(?:yo|y/o|yr|yrs|years?|m|f|M|F)|,)`,
    check: checkAged,
  },
  {
    entity: 'PERSON',
    name: 'person.before-id',
    score: 0.5,
    value: `${LONE},? \\(?(?:\\d{6,10}|(?i:mrn|dob|d\\.o\\.b)[ .:#])`,
    check: (value) => {
      const name = value.replace(/,? \(?(?:\d|mrn|dob|d\.o\.b).*$/i, '');
      return mayBeName(name) && (flagsOf(name.toLowerCase()) & (ORDINARY | EPONYM)) === 0 ? name.length : 0;
    },
  },
  {
    entity: 'PERSON',
    name: 'person.cell',
    score: 0.5,
    before: '(?:\\| ?|\\t|; ?)',
    anywhere: true,
    value: `${LONE}(?: [A-Z]\\.?)?(?: [|;]|[|;\\t][A-Za-z0-9]{0,40})`,
    check: checkCell,
  },
  {
    // "NAKAI,ELROY", "Liu,Wei-Ting": a surname and a given name as exports write them.
    entity: 'PERSON',
    name: 'person.turned',
    score: 0.6,
    value: `[${UPPER}][${LETTER}'-]{1,24},[${UPPER}][${LETTER}'-]{1,24}(?: [A-Z]\\.?)?`,
    check: checkTurned,
  },
  {
    // "Wm. "Dub" Talley": what somebody is called, between the names.
    entity: 'PERSON',
    name: 'person.nickname-between',
    score: 0.6,
    anywhere: true,
    before: `[${LETTER}]{2,20}\\.? `,
    value: `["'(][${UPPER}][${LETTER}.-]{1,14}["')] [${UPPER}][${LETTER}'-]{1,24}`,
    check: (value) => {
      const [called = '', family = ''] = value.split(' ');
      const flags = flagsOf(called.slice(1, -1).toLowerCase());
      return (flags & MEDICAL) === 0 && (isNameOnly(family) || (flags & ANY) !== 0) && mayBeName(family)
        ? value.length
        : 0;
    },
  },
  {
    // 'goes by "Peanut"'
    entity: 'PERSON',
    name: 'person.nickname-quoted',
    score: 0.6,
    anywhere: true,
    before:
      '(?i:goes by|nicknamed|nickname(?: is|:)?|known as|(?:call|calls|called|calling) (?:him|her|them|me|himself|herself|themself)|aka|a\\.k\\.a\\.|prefers(?: to be called)?|answers to|says (?:she|he) is|says she.s|says he.s|goes (?:only|just|mostly|simply) by|(?:introduc|identifi|describ|sign|present)(?:ed|es|s) (?:himself|herself|themself|themselves|myself|in|out)(?: (?:only|just|simply))? as|(?:gave|gives|giving) (?:his|her|their|a|the) (?:first |only |street )?name(?: only)? as|calls? (?:him|her|them)sel(?:f|ves)|name (?:is|was)(?: (?:only|just))?|known (?:only|just|locally|to us|to staff) as) ["\']',
    value: `[${LETTER}][${LETTER}'-]{1,20}(?: [${LETTER}][${LETTER}'-]{1,20})?["']`,
    check: (value) => value.length - 1,
  },
  {
    // "HOLLINGSWORTH/B 62F", "SANDOVAL, R 67M": of a list of operations.
    entity: 'PERSON',
    name: 'person.slash-initial',
    score: 0.6,
    value: `[${UPPER}][${UPPER}'-]{1,20}(?:/|, ?)[${UPPER}](?:[${UPPER}]{1,12}|\\.)?,? \\d{1,3} ?[MF]`,
    check: (value) => {
      const name = value.replace(/,? \d+ ?[MF]$/, '');
      return name.includes('/') || mayBeName(name.replace(/,.*$/, '')) ? name.length : 0;
    },
  },
  {
    // "DEROCHE  0040-902"
    entity: 'PERSON',
    name: 'person.upper-before-id',
    score: 0.45,
    value: `[${UPPER}][${UPPER}'-]{3,20} {1,8}(?:\\d{6,10}|\\d{2,4}-\\d{2,4}(?:-\\d{1,4})?)`,
    check: (value) => {
      const name = value.replace(/ +[\d-]+$/, '');
      return isNameOnly(name) && (flagsOf(name.toLowerCase()) & EPONYM) === 0 ? name.length : 0;
    },
  },
  {
    entity: 'PERSON',
    name: 'person.newborn',
    score: 0.7,
    before: '(?i:baby|infant|newborn)(?: (?i:girl|boy|[ab]))? |(?:BG|BB) ',
    value: `[${UPPER}][${LETTER}'-]{2,24}`,
    // "newborn HPLC"
    check: (value) =>
      mayBeName(value) &&
      (value !== value.toUpperCase() || (flagsOf(value.toLowerCase()) & ANY) !== 0) &&
      (flagsOf(value.toLowerCase()) & ORDINARY) === 0
        ? value.length
        : 0,
  },
  {
    // "podiatry (Vo)"
    entity: 'PERSON',
    name: 'person.bracketed',
    score: 0.45,
    anywhere: true,
    before: '[a-z] \\(',
    value: `[${UPPER}][a-zß-öø-ſ]{1,15}\\)`,
    check: (value) =>
      isNameOnly(value.slice(0, -1)) &&
      (flagsOf(value.slice(0, -1).toLowerCase()) & (EPONYM | CITY_WORD | STATE | COUNTRY)) === 0
        ? value.length - 1
        : 0,
  },
  {
    // "- D.H." at the end of an entry.
    entity: 'PERSON',
    name: 'person.signed-initials',
    score: 0.5,
    anywhere: true,
    before: '(?:\\n|- |  |[.!] )',
    value: '(?:[A-Z]\\.){2,3}(?:\\r?\\n)?',
    check: (value) =>
      /^(?:I\.V|I\.M|P\.O|U\.S|O\.[DSU]|B\.I|T\.I|Q\.I|P\.R|A\.M|P\.M|M\.D|D\.O|R\.N|P\.A|N\.P|D\.C|U\.K)\./.test(
        value,
      )
        ? 0
        : value.trimEnd().length,
  },
  {
    // "(E.L.N.)", 'signed "VV"'
    entity: 'PERSON',
    name: 'person.bracketed-initials',
    score: 0.45,
    anywhere: true,
    before: '[ \\n]\\(|(?i:signed|initialed|initialled|by|initials) "',
    value: '(?:[A-Z]\\.){2,4}[)"]|[A-Z]{2,3}"',
    check: (value) =>
      /^(?:I\.V|I\.M|P\.O|U\.S|O\.[DSU]|I\.E|E\.G|A\.M|P\.M|B\.I|T\.I|Q\.I|P\.R|M\.D|D\.O|R\.N|U\.K|N\.P|S\.C)\./.test(
        value,
      )
        ? 0
        : value.length - 1,
  },
  {
    entity: 'PERSON',
    name: 'person.quoted',
    score: 0.5,
    anywhere: true,
    // A row of a table in code: ('Kowalski', 'Jan', …
    before: `\\( ?['"]`,
    value: `${LONE}['"], ?['"]${LONE}`,
    check: (value) =>
      value.split(/['"], ?['"]/).every(mayBeName) ? lengthBefore(value, /['"], ?['"].*$/) : 0,
  },
  {
    entity: 'PERSON',
    name: 'person.syllables',
    score: 0.6,
    value: `[A-Z][a-z]{1,5}-[a-z]{1,6}`,
    check: (value) =>
      value
        .toLowerCase()
        .split('-')
        .every((part) => SYLLABLES.has(part))
        ? value.length
        : 0,
  },
];
