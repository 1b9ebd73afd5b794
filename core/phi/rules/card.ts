import type { Rule } from '../engine/rule/rule.ts';
import { digitsOf, passesIban, passesLuhn } from './checksum.ts';
import { GAP } from './parts.ts';

/** ISO/IEC 7812: 12 to 19 digits of which the last is the check; cards begin with 1 (UATP) to 6. */
function checkCard(value: string): number {
  // What follows a number may look like one more group of it.
  for (let end = value.length; end > 0; end = value.slice(0, end).search(/[ -]\d+$/)) {
    if (isCard(digitsOf(value.slice(0, end)))) return end;
  }
  return 0;
}

function isCard(digits: string): boolean {
  const fits = digits.length >= 12 && digits.length <= 19 && /^[1-6]/.test(digits);
  // Twelve digits and Air Travel cards are too easily something else.
  if (digits.length === 12 && !/^5[0678]|^6/.test(digits)) return false;
  if (digits.startsWith('1') && digits.length !== 15) return false;
  return fits && passesLuhn(digits);
}

/** How long an IBAN of each country is (ISO 13616, the SWIFT IBAN registry). */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18
  FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LY25 BI27 DJ27 FK18 HN28 MN20 NI28 OM23 RU33 SD18 SO23 YE30 LI21 LT20 LU20 LV21
  MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25
  SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** The start of the candidate that has the country's length: what follows an IBAN may look like a part of it. */
function checkIban(value: string): number {
  let left = IBAN_LENGTHS.get(value.slice(0, 2)) ?? 0;
  let length = 0;
  while (left > 0 && length < value.length) {
    if (/[A-Z0-9]/.test(value.charAt(length))) left -= 1;
    length += 1;
  }
  if (length === 0 || left > 0 || /^[A-Z0-9]/.test(value.slice(length))) return 0;
  return passesIban(value.slice(0, length).replace(/[^A-Z0-9]/g, '')) ? length : 0;
}

export const CARD_RULES: readonly Rule[] = [
  {
    entity: 'CREDIT_CARD',
    name: 'card.number',
    score: 0.9,
    value: '\\d{4}(?:[ -]?\\d{4}){2,3}(?:[ -]?\\d{1,4})?|\\d{4}[ -]\\d{6}[ -]\\d{4,5}|\\d{12,19}',
    check: checkCard,
  },
  {
    entity: 'CREDIT_CARD',
    name: 'card.labelled',
    score: 0.85,
    before: `(?i:(?:(?:credit|debit|visa|mastercard|amex|discover)(?: card)?|card)(?:[ _-]?(?:number|num|no|#))?(?: ending(?: in| with)?|_ending_in| ends in)?)${GAP}`,
    value: '\\d{4}(?:[ -]?\\d{4}){2,3}|(?:[Xx*•●]{4}[ -]?){0,3}\\d{4}',
  },
  {
    entity: 'IBAN_CODE',
    name: 'iban.number',
    score: 0.95,
    value: '[A-Z]{2}\\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?',
    gate: '[A-Z]{2}\\d{2}(?:[ -]?[A-Z0-9]{4})+(?:[ -]?[A-Z0-9]{1,4})?',
    check: checkIban,
  },
];
