import type { Rule } from '../engine/rule.ts';
import { FAMILY, WORD } from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { STRONG_GAP } from './parts.ts';

const USER = `(?i:user[ _-]?name|user[ _-]?id|login(?: name| id)?|screen ?name|handle|portal (?:id|login|user))`;

/** As staff are called in computers: `jmurtaugh2`, `r.khan`. */
const STAFF = '[a-z]{3,20}(?:[._-][a-z0-9]{1,20}){0,2}\\d{0,4}(?:@[a-z]{2,12})?';
const MIN_USER_CHARACTERS = 3;
/** Of a surname behind an initial. */
const MIN_SURNAME_CHARACTERS = 4;
/** What may be a name of an account, and not a word after the label. */
function checkUser(value: string): number {
  const fits = value.length >= MIN_USER_CHARACTERS && /[0-9._@-]|^[a-z]+$/.test(value.replace(/[.]+$/, ''));
  return fits ? value.replace(/[.]+$/, '').length : 0;
}

/** An initial and a surname in one word, with a number perhaps, or parts that are names. */
function checkStaff(value: string): number {
  if (/^(?:nginx|admin|root|guest|user|system|localhost)/.test(value)) return 0;
  const [stem = ''] = value.split('@');
  const parts = stem.replace(/\d+$/, '').split(/[._-]/);
  const fits = parts.some((part) => {
    if (lookUp(part) !== 0 && (parts.length === 1 || (lookUp(part) & WORD) !== 0)) return false;
    return [part, part.slice(1), part.slice(0, -1)].some(
      (name) =>
        name.length >= MIN_SURNAME_CHARACTERS && (lookUp(name) & FAMILY) !== 0 && (lookUp(name) & WORD) === 0,
    );
  });
  return fits ? value.length : 0;
}

/** What people are called in computers, and what lets them in. */
export const USER_RULES: readonly Rule[] = [
  {
    entity: 'UNIQUE_ID',
    name: 'unique.user-beside',
    score: 0.55,
    before: `(?i:user|username|user name|login|logs in as|signed in as|portal user|screen name) `,
    value: '[A-Za-z][A-Za-z0-9._-]{2,39}',
    check: (value) => (/[A-Za-z][._]?\d|[a-z][._][a-z]/.test(value) ? checkUser(value) : 0),
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.handle',
    score: 0.65,
    before: `(?i:twitter|instagram|insta|ig|venmo|tiktok|snapchat|snap|threads|discord|telegram|signal|facebook|fb|cash ?app|paypal|handle|mastodon|reddit)(?: (?i:is|handle|user|name|account))?(?::| ) ?`,
    value: '[@$]?[A-Za-z][A-Za-z0-9._-]{2,29}(?:#\\d{4})?',
    check: (value) => (/^[@$]|\d|[a-z][._][a-z]/.test(value) ? value.replace(/[._-]+$/, '').length : 0),
  },
  {
    // "noted by jmurtaugh2", "(mtoft4)", "actor":"pgrewal".
    entity: 'UNIQUE_ID',
    name: 'unique.staff',
    score: 0.5,
    before: `(?i:by|user|username|login|as|actor|owner|author|operator|account|performer|reviewer|signer|from|per|via|ping|cc|editor|creator|modified_?by|created_?by|updated_?by)[ :="'@]{1,4}`,
    value: STAFF,
    check: checkStaff,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.staff-marked',
    score: 0.5,
    anywhere: true,
    before: '[ \\n>][(@]|(?:^|\\n)@',
    value: STAFF,
    check: checkStaff,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.secret',
    score: 0.6,
    before: `(?i:code ?word|passcode|pass phrase|passphrase|password|pin|door code|gate code|safe word|access code|security word)(?: (?i:needed|required|is|to use))?[ :=]{1,3}`,
    value: '[A-Za-z0-9][A-Za-z0-9._-]{2,24}',
    check: (value) => (/\d{4}|[a-z]\d/i.test(value) ? value.replace(/[._-]+$/, '').length : 0),
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.user',
    score: 0.7,
    before: `${USER}(?:${STRONG_GAP}| (?i:is) )`,
    value: '[A-Za-z0-9][A-Za-z0-9._@-]{2,39}',
    overlong: '[A-Za-z0-9][A-Za-z0-9._@-]{40,399}',
    check: checkUser,
  },
];
