import type { Rule } from '../engine/rule/rule.ts';
import { CODE_SYSTEM, checkIdentifier, GAP, labelled, NUMBER_WORD, STRONG_GAP, SYSTEM } from './parts.ts';

const KIND = `(?i:accession|specimen|sample|study(?: subject| participant| patient| pt)?|trial pt|subject|participant|enrollment|research|case|claim|reference|ref|order|requisition|req|prescription|rx|script|confirmation|ticket|barcode|tracking|employee|badge|staff|student|donor|voucher|authorization|auth|pre-?auth|referral|incident|report|docket|file|client|customer|person|family|registry|screening|randomization|recruit|transaction|appointment|booking|visit|encounter|biobank|tissue|slide|kit|wristband|bracelet|locker|jar|tube|vial|cassette|bag|interpreter|crew|unit|run|band|veteran|military|service|alien|visa|case report|government|national|identity|unique|internal|external|guid|global|appeal|refund|complaint|grievance|waybill|shipment|parcel|flight|sticker|receipt|invoice|inv|near miss|event|token|control|message|msg|placer|filler|manifest|batch|rider|dispatch|cad|call|dossier|registration|enrolment|enrollee|applicant|csn|har|fin|ecsn|custody|chain of custody|seal|bin|cage|rental|asset|tag|loaner|cohort)`;
/** Two figures with a dash between are a range, unless they have so many digits. */
export const MIN_RANGE_DIGITS = 6;
const MIN_MARKED_DIGITS = 5;

const CODE_PREFIX =
  /^(?:MRN|SSN|DOB|NPI|DEA|ID|TEL|FAX|PH|NCT|PMC|PMID|ISRCTN|RS|GSE|GSM|SRR|ENSG|ENST|NM|NP|XM|NR|CVE|RFC|ISO|CAS|COVID|SARS|HLA|ATCC|DSM|HGNC|OMIM|MIM|HP|GO|CHEBI|RXCUI|UMLS|FDA|NDA|BLA|ANDA|IND|KB|PLS|ORA|TNS|CPF|DIN|IEC|IEEE|ASTM|ANSI|SAE)-?\d|^(?:X|ED)25519/;

/** A year, or a figure that ends in noughts, is none. */
function checkCode(value: string): number {
  if (isMachines(value) || CODE_PREFIX.test(value)) return 0;
  const digits = value.replace(/[^0-9]/g, '').length;
  if (/^(?:19|20)\d{2}$/.test(value) || /000$/.test(value)) return 0;
  const mixed = digits >= 3 && /[A-Za-z-]/.test(value) && value.length >= 5;
  return (digits >= 5 || mixed) && !(/^\d{1,4}-\d{1,3}$/.test(value) && digits < MIN_RANGE_DIGITS)
    ? value.length
    : 0;
}

/** What numbers count. */
const COUNTED =
  '(?:[Bb]ytes?|[kKMG]i?B|[Rr]ows?|[Ll]ines|[Ee]ntries|[Tt]okens?|people|inhabitants|copies|ops|ns|ms|seconds|dollars|USD|EUR)';

/** Counts and measures end in noughts; no one else writes seven digits without a comma. Seconds or milliseconds since 1970 are a time of machines. */
function checkNumber(value: string): number {
  return /000$|^(?:19|20)\d{6}$|^1[67]\d{8}(?:\d{3})?$| /.test(value) ? 0 : value.length;
}

/** Behind "#" or "no." alone. */
export function checkMarked(value: string): number {
  const digits = value.replace(/[^0-9]/g, '').length;
  return digits >= MIN_MARKED_DIGITS && !/000$/.test(value) ? value.length : 0;
}

function checkUniqueId(value: string): number {
  return isMachines(value) ? 0 : checkIdentifier(value);
}

export function checkLetters(value: string): number {
  return CODE_PREFIX.test(value) || /0000$/.test(value) ? 0 : value.length;
}

/** So long, and with a time or a serial number in it: what standards and their makers are called by is short. */
function checkUid(value: string): number {
  const rest = value.replace(/^\d+(?:\.\d+){3}/, '');
  const isDrawn = /\.\d{12,}/.test(value) || (rest.match(/\.\d{6,}/g) ?? []).length > 1;
  return isDrawn && !value.includes('..') ? value.length : 0;
}

/** Bitcoin addresses have a letter; a run of digits alone is another number, and a digest is one of machines. */
function checkWallet(value: string): number {
  return /[A-Za-z]/.test(value.slice(1)) && !isMachines(value) ? value.length : 0;
}

/** A UUID, or a digest from MD5 on, names a request or a record of a machine. */
export function isMachines(value: string): boolean {
  return UUID.test(value) || DIGEST.test(value);
}

const DIGEST = /^(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{32,}$/i;
export const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export const UNIQUE_RULES: readonly Rule[] = [
  {
    // "Card was charged in full: 4539 7781 0026 4413": as a card's, though its check digit is wrong.
    entity: 'UNIQUE_ID',
    name: 'unique.four-fours',
    score: 0.4,
    behind: '(?i:card|charged?|paid|payment|visa|mastercard|debit|credit)[^\\n0-9]{0,40}[ :]',
    value: '[3-6]\\d{3} \\d{4} \\d{4} \\d{4}',
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.wallet',
    score: 0.85,
    // Base58 (BIP 13) has at most 34 characters for 25 bytes; witness addresses 42 or 62 (BIP 173, 350).
    value: '[13][1-9A-HJ-NP-Za-km-z]{25,33}|bc1[ac-hj-np-z02-9]{39}|bc1[ac-hj-np-z02-9]{59}',
    check: checkWallet,
  },
  labelled({
    entity: 'UNIQUE_ID',
    name: 'unique.labelled',
    score: 0.75,
    before: `${KIND}(?:${NUMBER_WORD}${GAP}|${STRONG_GAP})`,
  }),
  labelled({
    entity: 'UNIQUE_ID',
    name: 'unique.beside',
    score: 0.65,
    before: `(?i:(?:study|trial|research) )?${KIND}[ #:(]{1,3}`,
    check: checkCode,
  }),
  {
    entity: 'UNIQUE_ID',
    name: 'unique.badge',
    score: 0.65,
    before: '(?i:badge|employee|inmate)[ #:]{1,3}',
    value: '[A-Z]{0,3}\\d{3,8}',
  },
  labelled({
    entity: 'UNIQUE_ID',
    name: 'unique.id',
    score: 0.6,
    before: `(?i:id|ids|identifier|acc|identification)(?: ?#| number| no\\.?)?${GAP}`,
    check: checkUniqueId,
  }),
  {
    // What devices call studies, series and images by (DICOM PS3.5, annex B): numbers of a maker, a device and a time.
    entity: 'UNIQUE_ID',
    name: 'unique.uid',
    score: 0.85,
    unless: '[0-9]\\.',
    // At most 64 characters (PS3.5, 9.1).
    value: '[12]\\.[0-9.]{18,61}\\d',
    gate: '\\d(?:\\.\\d+){3,}',
    check: checkUid,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.marked',
    score: 0.45,
    unless: `${SYSTEM}["' :=#.-]{0,5}(?:#|(?i:no|nr|number)\\.?)[ :]{0,2}`,
    before: `(?:[A-Za-z] ?#|(?i:no|nr|number)\\.?[ :#])[ ]?`,
    anywhere: true,
    value: `(?:[A-Z]{1,4}[ -]?)?\\d{2,12}(?:-\\d{2,8}){0,2}`,
    check: checkMarked,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.cell',
    score: 0.35,
    before: '(?:[,;|\\t]|\\| |[a-z], )',
    value: '\\d{6,14}',
    anywhere: true,
    check: checkNumber,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.number',
    score: 0.4,
    unless: `${CODE_SYSTEM}|[$€£._]|\\d[,-]|chr[0-9XYM]{1,2}[:\\t ]`,
    value: `\\d{7,14}(?: ${COUNTED})?`,
    check: checkNumber,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.code',
    score: 0.4,
    // "HI*ABK:Z01419": a diagnosis of X12.
    unless: `${CODE_SYSTEM}|A?B[FKPRJN]:`,
    value: '[A-Z]{1,4}-?\\d{5,12}[A-Z]{0,2}|[A-Z]{1,3}\\d{2}-\\d{4,8}|[A-Z]{2,5}-\\d{2,6}-\\d{3,8}',
    check: checkLetters,
  },
  labelled({
    entity: 'UNIQUE_ID',
    name: 'unique.accession',
    score: 0.75,
    before: `(?i:accession|specimen|case)[ ]`,
    value: '[A-Z]{1,4}\\d{0,2}-\\d{2,8}(?:-\\d{2,8})?|\\d{6,14}',
    gate: '[A-Z]{1,4}\\d{0,2}-[0-9-]+|\\d+',
  }),
  {
    // "TTF*339027*01"
    entity: 'UNIQUE_ID',
    name: 'unique.starred',
    score: 0.4,
    value: '[A-Z]{2,5}\\*\\d{5,9}(?:\\*\\d{1,3})?',
    check: (value) => (/^(?:CLM|CLP|TRN|REF)\*/.test(value) ? 0 : value.length),
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.confirmation',
    score: 0.6,
    before: `(?i:confirmation|conf|trip|ride|voucher|booking|access|activation|invite|portal|reservation)(?: (?i:code|number|no\\.?))?(?: (?i:is))?[ :#]{1,3}`,
    value: '[A-Z0-9]{5,12}',
    check: (value) => (/\d/.test(value) && /[A-Z]/.test(value) ? value.length : 0),
  },
];
