import { digitsOf, passesIban, passesLuhn } from '../checksum.ts';
import type { Rule } from '../rule.ts';
import { checkIdentifier, GAP, IDENTIFIER, IDENTIFIER_GATE, NUMBER_WORD, STRONG_GAP } from './parts.ts';

const LABEL = `(?i:account|acct|a/c|invoice|billing|credit card|debit card|card|routing|aba|iban)`;

/** ISO/IEC 7812: 12 to 19 digits of which the last is the check; cards begin with 2-6. */
function checkCard(value: string): number {
  const digits = digitsOf(value);
  const fits = digits.length >= 13 && digits.length <= 19 && /^[2-6]/.test(digits);
  return fits && passesLuhn(digits) ? value.length : 0;
}

/** The longest start of the candidate that passes the check: what follows an IBAN may look like a part of it. */
function checkIban(value: string): number {
  for (let length = value.length; length >= 15; length--) {
    if (value[length - 1] === ' ') continue;
    const iban = value.slice(0, length).replace(/ /g, '').toUpperCase();
    if (iban.length >= 15 && iban.length <= 34 && passesIban(iban)) return length;
  }
  return 0;
}

export const ACCOUNT_RULES: readonly Rule[] = [
  {
    entity: 'ACCOUNT_NUMBER',
    name: 'account.labelled',
    score: 0.8,
    before: `${LABEL}(?:${NUMBER_WORD}${GAP}|${STRONG_GAP})`,
    value: IDENTIFIER,
    gate: IDENTIFIER_GATE,
    check: checkIdentifier,
  },
  {
    entity: 'ACCOUNT_NUMBER',
    name: 'account.card',
    score: 0.9,
    value: '\\d{4}(?:[ -]?\\d{4}){2,3}(?:[ -]?\\d{1,4})?|\\d{4}[ -]\\d{6}[ -]\\d{5}|\\d{13,19}',
    check: checkCard,
  },
  {
    entity: 'ACCOUNT_NUMBER',
    name: 'account.iban',
    score: 0.95,
    value: '[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?',
    gate: '[A-Z]{2}\\d{2}[A-Z0-9 ]{8,40}',
    check: checkIban,
  },
];
