import type { Rule } from '../engine/rule/rule.ts';
import { FAMILY, GIVEN, WORD } from '../lexicon/flags.ts';
import { lookUp, lookUpIn } from '../lexicon/look-up.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import { STRONG_GAP } from './parts.ts';

const USER = `(?i:user[ _-]?name|user[ _-]?id|login(?: name| id)?|screen ?name|handle|portal (?:id|login|user))`;

/** As staff are called in computers: `jmurtaugh2`, `r.khan`. */
const STAFF = '[a-z]{2,20}(?:[._-][a-z0-9]{1,20}){0,2}\\d{0,4}(?:@[a-z]{2,12})?';
/** What goes on behind its first letters. */
const PARTS: ReadonlySet<string> = new Set('0123456789._-@');
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
  // `uuidv4`, and packages such as `es-module-lexer`.
  if (/[a-z]v\d+$/.test(stem) || (stem.includes('-') && parts.some(isWordOnly))) return 0;
  // "psubramani2": of no list, and numbered as accounts are.
  const numbered = /[a-z]\d{1,4}$/.test(stem);
  const fits = parts.some((part) => {
    if (lookUp(part) !== 0 && (parts.length === 1 || (lookUp(part) & WORD) !== 0)) return false;
    return [part, part.slice(1), part.slice(0, -1)].some((name) => {
      if (name.length < MIN_SURNAME_CHARACTERS) return false;
      const flags = lookUp(name);
      return (
        ((flags & FAMILY) !== 0 && (flags & WORD) === 0) || (numbered && flags === 0 && isNameLike(name))
      );
    });
  });
  return fits ? value.length : 0;
}

function isWordOnly(part: string): boolean {
  const flags = lookUp(part);
  return part.length >= MIN_SURNAME_CHARACTERS && (flags & WORD) !== 0 && (flags & (FAMILY | GIVEN)) === 0;
}

/** Whether what stands at a place is more than a word of the lists, which is no account. */
function isNoWord(text: string, place: number): boolean {
  let end = place;
  while (isSmall(text.charCodeAt(end))) end += 1;
  return PARTS.has(text.charAt(end)) || lookUpIn(text, place, end) === 0;
}

function isSmall(unit: number): boolean {
  return unit >= 0x61 && unit <= 0x7a;
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
    before: `(?i:by|user|username|login|as|actor|owner|author|operator|account|performer|reviewer|signer|from|per|via|ping|pinged|cc|emailed|messaged|texted|paged|editor|creator|modified_?by|created_?by|updated_?by)[ :="'@]{1,4}`,
    begins: isNoWord,
    value: STAFF,
    check: checkStaff,
  },
  {
    // "reset needed for gpatankar4", "account tnguyen12 locked"
    entity: 'UNIQUE_ID',
    name: 'unique.staff-numbered',
    score: 0.5,
    before:
      '(?i:for|of|is|was|reset|unlock(?:ed)?|locked|disabled?|enabled?|delete[d]?|opened|grant(?:ed)?|assigned|to) ',
    value: '[a-z]{5,16}\\d{1,3}',
    check: checkStaff,
  },
  {
    // "booked by user tlindqv": no word, behind what says that it is an account.
    entity: 'UNIQUE_ID',
    name: 'unique.user-word',
    score: 0.5,
    before: '(?i:user|username|userid|user id|uid|login|logged in as|signed in as)[ :=]{1,2}',
    value: '[a-z]{5,16}\\d{0,3}',
    check: (value) => {
      const word = value.replace(/\d+$/, '');
      return lookUp(word) === 0 && !/(?:ed|ing|s|er|ion|ly|ment)$/.test(word) ? value.length : 0;
    },
  },
  {
    // "dr_falk", "rn_okonjo7": staff, by what they are.
    entity: 'UNIQUE_ID',
    name: 'unique.staff-role',
    score: 0.55,
    value: '(?:dr|rn|np|md|pa|lpn|cna|nurse)_[a-z]{3,15}\\d{0,4}',
    check: (value) => {
      const word = value.replace(/^[a-z]+_|\d+$/g, '');
      return /\d$/.test(value) || (lookUp(word) & WORD) === 0 ? value.length : 0;
    },
  },
  {
    // "@nurse_tay92"
    entity: 'UNIQUE_ID',
    name: 'unique.at-handle',
    score: 0.55,
    anywhere: true,
    before: '(?:^|[ \\n(>])@',
    value: '[A-Za-z][A-Za-z0-9]{1,20}(?:[._-]?[A-Za-z0-9]{1,20}){0,2}',
    check: (value) =>
      /[A-Za-z]{3}/.test(value) && /\d$/.test(value) && !/^v?\d/.test(value) ? value.length : 0,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'unique.staff-marked',
    score: 0.5,
    anywhere: true,
    before: '[ \\n>][(@]|(?:^|\\n)@',
    begins: isNoWord,
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
