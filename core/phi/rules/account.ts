import type { Rule } from '../engine/rule/rule.ts';
import { digitsOf, passesAba } from './checksum.ts';
import { CODE_SYSTEM, GAP, labelled, NOTED, NUMBER_WORD, STRONG_GAP } from './parts.ts';

const LABEL = `(?i:(?:bank |checking |savings |billing |patient )?(?:account|acct)|a/c|invoice|billing|statement)`;

const MIN_BESIDE_DIGITS = 5;

/** A routing number: nine digits, the last a check digit. */
function checkRouting(value: string): number {
  return passesAba(digitsOf(value)) ? value.length : 0;
}

export const ACCOUNT_RULES: readonly Rule[] = [
  labelled({
    entity: 'ACCOUNT_NUMBER',
    name: 'account.labelled',
    score: 0.8,
    // "billing code 99213" is a procedure.
    unless: '(?i:billing|invoice) codes?[ :#]{1,3}',
    before: `${LABEL}(?:${NUMBER_WORD}${NOTED}${GAP}|${STRONG_GAP}|(?i: (?:ending|ends)(?: in| with)?) )`,
  }),
  labelled({
    entity: 'ACCOUNT_NUMBER',
    name: 'account.beside',
    score: 0.6,
    before: `${LABEL}[ (]{1,2}`,
    check: (value) => (value.replace(/[^0-9]/g, '').length >= MIN_BESIDE_DIGITS ? value.length : 0),
  }),
  {
    entity: 'ABA_ROUTING_NUMBER',
    name: 'routing.labelled',
    score: 0.9,
    before: `(?i:(?:(?:aba|rtn|bank) )?routing(?: transit)?|aba|rtn)${NUMBER_WORD}?${GAP}`,
    value: '\\d{9}|\\d{4}-\\d{4}-\\d|\\d{4} \\d{4} \\d',
    check: checkRouting,
  },
  {
    entity: 'ABA_ROUTING_NUMBER',
    name: 'routing.number',
    score: 0.45,
    unless: CODE_SYSTEM,
    value: '\\d{9}|\\d{4}-\\d{4}-\\d',
    check: checkRouting,
  },
];
