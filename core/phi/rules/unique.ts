import type { Rule } from '../rule.ts';
import { GAP, labelled, NUMBER_WORD, STRONG_GAP } from './parts.ts';

const KIND = `(?i:accession|specimen|sample|study(?: subject| participant| patient)?|subject|participant|enrollment|research|case|claim|reference|ref|order|requisition|req|prescription|rx|script|confirmation|ticket|barcode|tracking|employee|badge|staff|student|donor|voucher|authorization|auth|pre-?auth|referral|incident|report|docket|file|client|customer|person|family|registry|screening|randomization|recruit|transaction|appointment|booking|visit|encounter|biobank|tissue|slide|kit|wristband|bracelet|locker|veteran|military|service|alien|visa|case report|government|national|identity|unique|internal|external|guid|global)`;
const USER = `(?i:user[ _-]?name|user[ _-]?id|login(?: name| id)?|screen ?name|handle|portal (?:id|login|user))`;

const MIN_USER_CHARACTERS = 3;

/** What may be a name of an account, and not a word after the label. */
function checkUser(value: string): number {
  const fits = value.length >= MIN_USER_CHARACTERS && /[0-9._@-]|^[a-z]+$/.test(value.replace(/[.]+$/, ''));
  return fits ? value.replace(/[.]+$/, '').length : 0;
}

export const UNIQUE_RULES: readonly Rule[] = [
  labelled({
    entity: 'UNIQUE_ID',
    name: 'unique.labelled',
    score: 0.75,
    before: `${KIND}(?:${NUMBER_WORD}${GAP}|${STRONG_GAP})`,
  }),
  labelled({
    entity: 'UNIQUE_ID',
    name: 'unique.accession',
    score: 0.75,
    before: `(?i:accession|specimen|case)[ ]`,
    value: '[A-Z]{1,4}\\d{0,2}-\\d{2,8}(?:-\\d{2,8})?|\\d{6,14}',
    gate: '[A-Z]{1,4}\\d{0,2}-[0-9-]+|\\d+',
  }),
  {
    entity: 'UNIQUE_ID',
    name: 'unique.user',
    score: 0.7,
    before: `${USER}${STRONG_GAP}`,
    value: '[A-Za-z0-9][A-Za-z0-9._@-]{2,39}',
    check: checkUser,
  },
];
