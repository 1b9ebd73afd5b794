import { digitsOf } from '../checksum.ts';
import type { Rule } from '../rule.ts';
import { GAP } from './parts.ts';

const LABEL = `(?:(?i:ssn|ss ?#|ss no|s\\.s\\.n|social security(?:[ _-]?(?:number|num|no|id|#))?|social(?: number)?))`;

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

export const SSN_RULES: readonly Rule[] = [
  {
    entity: 'US_SSN',
    name: 'ssn.grouped',
    score: 0.85,
    value: '\\d{3}-\\d{2}-\\d{4}|\\d{3} \\d{2} \\d{4}|\\d{3}\\.\\d{2}\\.\\d{4}|\\d{3} - \\d{2} - \\d{4}',
    check: checkIssuable,
  },
  {
    entity: 'US_SSN',
    name: 'ssn.labelled',
    score: 0.95,
    before: `${LABEL}${GAP}`,
    value: '\\d{3}[ .-]{0,3}\\d{2}[ .-]{0,3}\\d{4}|[Xx*]{3}[ -]?[Xx*]{2}[ -]?\\d{4}',
    check: checkLabelled,
  },
];
