import type { Rule } from '../engine/rule/rule.ts';
import { digitsOf } from './checksum.ts';
import { CODE_SYSTEM, GAP, NOTED } from './parts.ts';

const LABEL = `(?i:ssns?|ss ?#|ss no|s\\.s\\.n|social security(?:[ _-]?(?:number|num|no|id|#))?|social(?: number)?)`;

/** What stands for a digit that is not shown: "***-**-1120", "•••-••-1120". */
const HIDDEN = '[Xx*#•●]';

const TAX_ID = `(?i:tax(?:payer)?[ _-]?id(?:entification)?(?:[ _-]?(?:number|num|no|#))?|tin)`;

/** Areas 000, 666 and 900-999, group 00 and serial 0000 are never issued (SSA, "SSN randomization"). */
function checkIssuable(value: string): number {
  const digits = digitsOf(value);
  const area = Number(digits.slice(0, 3));
  const issuable = area !== 0 && area !== 666 && area < 900;
  return issuable && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000' ? value.length : 0;
}

/** A label says what it is, so only a row of zeros is refused. */
function checkLabelled(value: string): number {
  return /[1-9]/.test(value) ? value.length : 0;
}

/** IRS: an ITIN begins with 9 and its fourth and fifth digits are 50-65, 70-88, 90-92 or 94-99. */
function checkItin(value: string): number {
  const group = Number(digitsOf(value).slice(3, 5));
  const fits = (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group !== 93);
  return fits ? value.length : 0;
}

export const SSN_RULES: readonly Rule[] = [
  {
    entity: 'US_SSN',
    name: 'ssn.grouped',
    score: 0.85,
    // Where lines are wrapped, they are so behind a dash.
    value:
      '\\d{3}-(?:\\r?\\n)?\\d{2}-(?:\\r?\\n)?\\d{4}|\\d{3} \\d{2} \\d{4}|\\d{3}\\.\\d{2}\\.\\d{4}|\\d{3} - \\d{2} - \\d{4}',
    check: checkIssuable,
  },
  {
    entity: 'US_SSN',
    name: 'ssn.split',
    score: 0.4,
    // With one or two more digits it is a drug's code.
    value: '\\d{3}-\\d{6}|\\d{5}-\\d{4}(?:-\\d{1,2})?',
    check: (value) => (value.length > '000-000000'.length ? 0 : checkIssuable(value)),
  },
  {
    entity: 'US_SSN',
    name: 'ssn.labelled',
    score: 0.95,
    before: `${LABEL}${NOTED}${GAP}`,
    value: `\\d{3}[ .-]{0,3}\\d{2}[ .-]{0,3}\\d{4}|\\d(?:[ .-]{1,3}\\d){8}|${HIDDEN}{3}[ -]?${HIDDEN}{2}[ -]?\\d{4}|(?:\\d{5}-?|\\d{3}-)\\d{4}`,
    check: checkLabelled,
  },
  {
    // "xxx-xx-1120" without a label.
    entity: 'US_SSN',
    name: 'ssn.masked',
    score: 0.7,
    anywhere: true,
    before: '(?:^|[ \\n(:"\'|,;])',
    value: `${HIDDEN}{3}-${HIDDEN}{2}-\\d{4}`,
  },
  {
    // "ssn 1120", "1120 is the last four".
    entity: 'US_SSN',
    name: 'ssn.four',
    score: 0.6,
    before: `${LABEL}(?: (?i:is|was))?[ :=*-]{1,5}`,
    value: '\\d{4}',
  },
  {
    entity: 'US_SSN',
    name: 'ssn.four-behind',
    score: 0.6,
    value:
      '\\d{4} (?i:is|are|as|were|being|for) (?i:(?:the|his|her|my|their) )?(?i:last (?:four|4)|ssn last (?:four|4))',
    check: () => '1120'.length,
  },
  {
    entity: 'US_SSN',
    name: 'ssn.last-four',
    score: 0.9,
    before: `(?:(?i:last ?(?:four|4)(?: digits)?(?: is| are)?|last ?(?:four|4)(?: digits)?(?: of)?(?: (?:his|her|the|their|my|pt|patient's?))? (?:ssn|social(?: security(?: number)?)?)|(?:ssn|social(?: security(?: number)?)?)(?:_last_?(?:four|4)|,? (?:\\(?last (?:four|4)(?: digits)?\\)?|ending(?: in)?|ends in))))${GAP}`,
    value: '\\d{4}',
  },
  {
    entity: 'US_ITIN',
    name: 'itin.grouped',
    score: 0.8,
    value: '9\\d{2}[- ]\\d{2}[- ]\\d{4}|9\\d{2}[- ]\\d{6}|9\\d{4}[- ]\\d{4}',
    check: checkItin,
  },
  {
    entity: 'US_ITIN',
    name: 'itin.labelled',
    score: 0.95,
    before: `(?i:itin|individual taxpayer(?: id(?:entification)?)?(?: number)?)${GAP}`,
    value: '\\d{3}[ -]?\\d{2}[ -]?\\d{4}',
  },
  {
    entity: 'US_ITIN',
    name: 'itin.number',
    score: 0.45,
    unless: CODE_SYSTEM,
    value: '9\\d{8}',
    check: checkItin,
  },
  {
    entity: 'US_ITIN',
    name: 'itin.tax-id',
    score: 0.95,
    before: `${TAX_ID}${GAP}`,
    value: '9\\d{2}[ -]?\\d{2}[ -]?\\d{4}',
    check: checkItin,
  },
  {
    // An employer's number, or a social security number: what is no ITIN is still a code of the payer.
    entity: 'UNIQUE_ID',
    name: 'unique.tax-id',
    score: 0.9,
    before: `${TAX_ID}${GAP}`,
    value: '\\d{3}[ -]?\\d{2}[ -]?\\d{4}|\\d{2}-\\d{7}',
  },
];
