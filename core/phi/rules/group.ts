import type { Rule } from '../engine/rule/rule.ts';
import { MEDICAL, NAME, TITLE, WORD } from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { CODE_SYSTEM } from './parts.ts';
import { checkLetters, checkMarked, MIN_RANGE_DIGITS, UUID } from './unique.ts';

/** Codes of things and standards that are written in groups. */
const GROUP_PREFIX =
  /^(?:ISO|IEC|ANSI|ASTM|RFC|FIPS|SHA|AES|TLS|UTF|CMS|UB|HLA|SARS|COVID|ICD|CPT|PMID|DSM|CVE|NIST|CFR|USP|PEG|HL7|LOINC|NDC|HCPCS|GMFCS|MDS|PHQ|GAD|SF|EQ|WHO|CTCAE|IEEE|USB|EN|BS|DIN|MIL|NCT|CD|IL|TNF|CA|HPV|HIV|HSV|CYP|LED|RTX|GTX|MK|PF|GSK|BMS|AMG|ABT|AZD|LY|RG|RO|TAK|BAY|CNTO|MEDI|REGN|SAR|JNJ|ONO|TAS|INCB|VX|ABBV|Q\dH|[CTLS]\d{1,2}|GMT|UTC)[-/:]|^(?:HC|A?B[FKPRJN]):/;
const MIN_GROUP_DIGITS = 4;
const MIN_LONG_GROUP_DIGITS = 5;
/** Six groups of twelve and what parts them. */
const MAX_GROUPS_CHARACTERS = 77;

/** Whether the groups at a place have what `checkGroups` wants at least: most are words with a hyphen, dates and times. */
function hasCapitalAndDigits(text: string, place: number): boolean {
  let capitals = 0;
  let digits = 0;
  const until = Math.min(text.length, place + MAX_GROUPS_CHARACTERS);
  for (let i = place; i < until; i++) {
    const unit = text.charCodeAt(i);
    // With what parts them: - / :
    if (unit >= 0x41 && unit <= 0x5a) capitals += 1;
    else if (unit >= 0x30 && unit <= 0x39) digits += 1;
    else if (unit !== 0x2d && unit !== 0x2f && unit !== 0x3a) break;
    if (capitals > 0 && digits >= MIN_GROUP_DIGITS) return true;
  }
  return false;
}

/** A procedure and its modifiers: "27447-RT", "99213-25-GT". */
const PROCEDURE =
  /^(?:\d{5}|\d{4}[FTU]|[A-V]\d{4})(?:-(?:RT|LT|TC|PT|GT|GC|GW|GV|GY|GA|GZ|KX|RR|NU|UE|QW|XE|XS|XP|XU|AS|E[1-4]|F[A1-9]|T[A1-9]|[2-9]\d))+$/;

/** Groups with a letter and so many digits, or one with a nought in front: and no range, dose or standard. */
function checkGroups(value: string): number {
  if (GROUP_PREFIX.test(value) || PROCEDURE.test(value) || !/[A-Z]/.test(value) || UUID.test(value)) return 0;
  const digits = value.replace(/[^0-9]/g, '').length;
  const groups = value.split(/[-/:]/);
  // "J1745/J1746", "A100-B200": things that are alike.
  if (groups.every((group) => /^[A-Z]\d{1,4}[A-Z]?$/.test(group))) return 0;
  if (/^(?:\d{1,4}[A-Z]{1,3}|[A-Z]{1,3})(?:[-/](?:\d{1,4}[A-Z]{1,3}|[A-Z]{1,4}))*$/.test(value)) return 0;
  // "1200-1500MG", "5:30PM".
  if (/^\d+(?:[-/:]\d+)*[A-Z]{1,5}$/.test(value) && !/^\d+-\d+-\d+/.test(value) && digits < MIN_RANGE_DIGITS)
    return 0;
  if (/^\d{4}-\d{2}-\d{2}T|^\d{4}-(?:W|Q)\d/.test(value) || /000$/.test(value)) return 0;
  const padded = groups.some((group) => /^0\d{3,}$/.test(group));
  const one = groups.length === 2 && /^[A-Z]{1,5}$/.test(groups[0] ?? '') && /^\d{4,}$/.test(groups[1] ?? '');
  return digits >= MIN_LONG_GROUP_DIGITS || padded || (one && digits >= MIN_GROUP_DIGITS) ? value.length : 0;
}

/** Figures in groups that count nothing. */
function checkFigures(value: string): number {
  if (value.includes('.')) return value.length;
  const [first = '', second = '', third] = value.split('-');
  const digits = value.length - (third === undefined ? 1 : 2);
  if (digits < MIN_RANGE_DIGITS) return 0;
  // A number of social security is that, also where policy leaves it as it is; areas that are never issued are something else.
  if (/^(?!000|666|9)\d{3}-\d\d-\d{4}$/.test(value)) return 0;
  // Drugs (NDC), what stands for a number, times of day, doses.
  if (/^\d{4,5}-\d{3,4}-\d{1,2}$|^[0-]*$|^\d{3}-\d\d-\d{3}$/.test(value)) return 0;
  if (/^(?:[01]\d|2[0-4])[0-5]\d-(?:[01]\d|2[0-4])[0-5]\d$/.test(value)) return 0;
  if (third === undefined) {
    // A range goes up, and does not begin with a nought.
    const down = Number(first) > Number(second) && first.length === 4 && second.length === 3;
    // "104-0092"
    const padded = /^0\d{2,}$/.test(second) && first.length > 1;
    return (/^0\d/.test(first) || down || padded) && !/00$/.test(value) ? value.length : 0;
  }
  // CAS registry numbers have two digits and one at the end.
  const substance = second.length === 2 && third.length === 1;
  return !substance && !/^(?:19|20)\d\d$/.test(first) ? value.length : 0;
}

/** The first cell of a row, unless it is a code of billing or of a disease and no name follows. */
function checkRow(value: string): number {
  const [, code = '', next = ''] = /^([A-Z0-9-]+)[^A-Za-z0-9]+([A-Za-z]*(?: [A-Z][a-z])?)/.exec(value) ?? [];
  const flags = lookUp(next.replace(/ .*$/, '').toLowerCase());
  const whole = next.includes(' ') && (flags & (NAME | TITLE)) !== 0;
  const named = whole || ((flags & NAME) !== 0 && (flags & (WORD | MEDICAL)) === 0);
  const described = !named && ((flags & MEDICAL) !== 0 || /^[A-Z]/.test(next));
  return described && /^[A-Z]\d{3,4}$/.test(code) ? 0 : code.length;
}

/** Codes that their form alone tells: groups of capitals and figures. */
export const GROUP_RULES: readonly Rule[] = [
  {
    entity: 'UNIQUE_ID',
    name: 'unique.groups',
    score: 0.4,
    begins: hasCapitalAndDigits,
    // Groups of capitals and digits: "23-PI-0418", "HX/4470/23".
    unless: `${CODE_SYSTEM}|[$€£.^]|(?i:error|alarm|fault|model|protocol|article|type|standard|form) `,
    value: '[A-Z0-9]{1,12}(?:[-/:][A-Z0-9]{1,12}){1,5}',
    // Without those of figures alone.
    gate: '\\d*[A-Z][A-Z0-9]*(?:[-/:][A-Z0-9]+)+|\\d+(?:[-/:]\\d+)*[-/:]\\d*[A-Z][A-Z0-9]*(?:[-/:][A-Z0-9]+)*',
    check: checkGroups,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.spaced',
    score: 0.35,
    // "W0382 24 118204": groups with spaces between, the first with a letter.
    value: '[A-Z]{1,3}\\d{3,4} \\d{2} \\d{5,6}|[A-Z]{1,4} \\d{4} \\d{2} \\d{4}',
    check: checkLetters,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.figures',
    score: 0.35,
    // "2-204-881", "0042-118", "7.118.204": no range, no date, no number of a substance.
    unless: `${CODE_SYSTEM}|[-$€£.,^]|(?i:ranges?|from|scale|between|to|v|version|model|catalogue code|(?:code|model) of the [a-z]{3,12} was) `,
    value: '\\d{1,5}-\\d{2,5}(?:-\\d{1,5})?|\\d\\.\\d{3}\\.\\d{3}',
    check: checkFigures,
  },
  {
    // "#118-20-4" in a cell of its own.
    entity: 'UNIQUE_ID',
    name: 'unique.hash',
    score: 0.5,
    anywhere: true,
    before: '(?:^|[\\n |(,;\\t])#',
    value: '(?:[A-Z]{1,4}[ -]?)?\\d{2,12}(?:-\\d{1,8}){0,2}',
    check: checkMarked,
  },
  {
    // The first cell of a row: "E1187,Calloway".
    entity: 'UNIQUE_ID',
    name: 'unique.row',
    score: 0.4,
    anywhere: true,
    before: '(?:^|\\n)(?:\\| ?)?"?',
    value: '(?:[A-Z]{1,3}-?\\d{3,8}|\\d{3,8}-[A-Z]{1,2})"?(?:[,;\\t]| ?\\|)[ A-Za-z0-9]{0,40}',
    check: checkRow,
  },
];
