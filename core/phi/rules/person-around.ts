import type { Rule } from '../engine/rule.ts';
import {
  NAME as ANY,
  CITY_WORD,
  COUNTRY,
  EPONYM,
  FAMILY,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  MONTH,
  WORD as ORDINARY,
  ROLE as PART,
  STATE,
} from '../lexicon/flags.ts';
import { flagsOf, isNameOnly, mayBeName } from './name.ts';

export const LETTER = 'A-Za-zÀ-ÖØ-öø-ſ';
export const UPPER = 'A-ZÀ-ÖØ-ÞĀ-ſ';
/** Given names that are words as well, and that are less usual in the US. */
const SPEAKERS: ReadonlySet<string> = new Set(
  'kit bo ty bex blessing comfort patience precious gift mercy prudence charity temperance chip skip bud buddy rusty dusty sunny fern ivy sage river sky'.split(
    ' ',
  ),
);

/** Syllables of Korean given names, as they are usually written: "Ye-jin". */
const SYLLABLES: ReadonlySet<string> = new Set(
  `ah ara bae beom bin bo bum byung chae chan chang cheol chul da dae do dong eun gi gun gyu ha hae han hee heon ho hoon
  hwa hwan hye hyeon hyo hyuk hyun il in jae jeong ji jin jong joo joon ju jun jung ki kwang kyu kyung lim man mi min
  myung na nam ok rae ran ri rim rin ryu sang seo seok seon seong seung so sol soo sook su suk sun sung tae uk wan won
  woo wook yeon ye yeong yong yoo yoon young yu yul yun`.split(/\s+/),
);

const LONE = `[${UPPER}][a-zß-öø-ſ][${LETTER}'-]{1,24}`;

/** The name without what was read to know it by. */
function lengthBefore(value: string, tail: RegExp): number {
  return value.replace(tail, '').length;
}

/** Somebody with an age behind: "Ortega 31M", "Jigme 3 yo", "Rosario, 81,". */
function checkAged(value: string): number {
  const name = value.replace(/,? \(?\d.*$/, '');
  const flags = flagsOf(name.toLowerCase());
  if ((flags & (MEDICAL | PART | MONTH | STATE | COUNTRY)) !== 0) return 0;
  const sure = /(?:y|f|m)/i.test(value.slice(name.length));
  if (!sure || name === name.toLowerCase())
    return isNameOnly(name) && (sure || (flags & CITY_WORD) === 0 || (flags & GIVEN_COMMON) !== 0)
      ? name.length
      : 0;
  return (flags & ORDINARY) === 0 || (flags & ANY) !== 0 ? name.length : 0;
}

/** A name in a cell of its own. With an initial behind it any word that is no other will do. */
function checkCell(value: string): number {
  const [, name = '', initial = ''] = /^([^ |;\t]+)( [A-Z]\.?)?/.exec(value) ?? [];
  const flags = flagsOf(name.toLowerCase());
  if ((flags & (ORDINARY | MEDICAL | PART | COUNTRY | STATE | MONTH)) !== 0) return 0;
  return initial !== '' || ((flags & ANY) !== 0 && (flags & CITY_WORD) === 0)
    ? name.length + initial.length
    : 0;
}

/** Who speaks in a conversation: a given name, and no word that a form has there. */
function checkSpeaker(value: string): number {
  const name = lengthBefore(value, / ?\([A-Za-z]{1,5}\)?:$|:$/);
  const flags = flagsOf(value.slice(0, name).toLowerCase());
  if ((flags & (MEDICAL | PART | MONTH)) !== 0) return 0;
  const rare = (flags & ORDINARY) === 0 && (flags & GIVEN) !== 0;
  return rare ||
    SPEAKERS.has(value.slice(0, name).toLowerCase()) ||
    (flags & GIVEN_COMMON) !== 0 ||
    ((flags & FAMILY) !== 0 && (flags & (ORDINARY | EPONYM)) === 0)
    ? name
    : 0;
}

/** A given name or a usual surname in small letters; keys of forms are rarely either. */
function checkSmallSpeaker(value: string): number {
  const first = /^[^ :-]+/.exec(value)?.[0] ?? '';
  return isNameOnly(first) && (flagsOf(first) & (GIVEN | FAMILY_COMMON)) !== 0 ? value.length - 1 : 0;
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
    name: 'person.before-age-small',
    score: 0.5,
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
    value: `${LONE}(?: [A-Z]\\.?)?(?: [|;]|[|;\\t])`,
    check: checkCell,
  },
  {
    entity: 'PERSON',
    name: 'person.speaker',
    score: 0.6,
    anywhere: true,
    before: '(?:^|\\n)(?:[ \\t]{0,4}(?:[-*]|\\d{1,2}[.)]|\\[[^\\]\\n]{1,16}\\]) )?',
    value: `[${UPPER}][a-zß-öø-ſ]{1,14}(?:-[${LETTER}]{1,14})?(?: \\([A-Za-z]{1,5}\\))?:`,
    check: checkSpeaker,
  },
  {
    entity: 'PERSON',
    name: 'person.speaker-small',
    score: 0.5,
    anywhere: true,
    before: '(?:^|\\n)(?:\\[[^\\]\\n]{1,16}\\] )?',
    value: '[a-zß-öø-ſ]{3,15}(?: [a-z]\\.)?(?:[ -][a-zß-öø-ſ]{2,15})?:',
    check: checkSmallSpeaker,
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
    entity: 'PERSON',
    name: 'person.handle',
    score: 0.6,
    anywhere: true,
    before: '(?:[<@]|^|\\n)(?i:nurse|dr|doc|rn|np|pa|md|cna)[_.-]|[<@](?i:nurse|dr|doc)',
    value: `[a-z]{2,20}[>:]`,
    check: (value) => (isNameOnly(value.slice(0, -1)) ? value.length - 1 : 0),
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
