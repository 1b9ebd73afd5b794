import type { Rule } from '../engine/rule/rule.ts';

const LOCAL = "A-Za-z0-9À-ɏ._%+'-";
/** What a local part begins with: no quotation mark. */
const FIRST = 'A-Za-z0-9À-ɏ._%+-';
const DOMAIN = 'A-Za-z0-9À-ɏ-';

/** What stands before an address that is said. */
const SAID = `e-?mails?|mail|me|us|her|him|them|it|to|at|is|was|via|by|on|for|from|and|or|with|use|using|reach|contact|write|address|ping|login|says?|said|gave|it.s|that.s|yes|sure|ok|okay`;
const AT = '[([{] ?(?i:at) ?[)\\]}]';
const DOT = '(?: (?i:dot) | ?[([{] ?(?i:dot) ?[)\\]}] ?)';
const TOP_LEVEL = /(?:dot|[)\]}]) ?(?:com|org|net|edu|gov|health|io|us|uk|ca|de|info|example)$/i;

export const EMAIL_RULES: readonly Rule[] = [
  {
    entity: 'EMAIL_ADDRESS',
    name: 'email.address',
    score: 0.95,
    // RFC 5321, 4.5.3.1: 64 octets before the @; of something longer, the last 64 are masked.
    before: `[^${LOCAL}]`,
    anywhere: true,
    late: true,
    begins: (text, place) => text.includes('@', place),
    // email = 'jo@example.com'
    value: `[${FIRST}][${LOCAL}]{0,63}@(?:[${DOMAIN}]{1,63}\\.){1,4}(?:(?i:xn--)[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24})`,
    gate: `[${LOCAL}]+@(?:[${DOMAIN}]+\\.)+(?:(?i:xn--)[A-Za-z0-9-]+|[A-Za-z]{2,24})`,
  },
  {
    // "reach me: roz dot tilly at example dot com", "anna [at] example [dot] com"
    entity: 'EMAIL_ADDRESS',
    name: 'email.spelled',
    score: 0.8,
    // Wherever a word is, every word would have to wait for the next one.
    before: `(?:^|\n|[.,:;!?>-] |(?i:${SAID}) )`,
    value: `[A-Za-z0-9._-]{1,40}(?: (?i:dot|underscore|dash) [A-Za-z0-9]{1,30}){0,3}(?: (?i:at) | ?${AT} ?)[A-Za-z0-9-]{1,40}(?:${DOT}[A-Za-z0-9-]{2,30}){1,3}`,
    gate: `[A-Za-z0-9._-]+(?: (?i:dot|underscore|dash) [A-Za-z0-9]+){0,3}(?: (?i:at) | ?${AT} ?)[A-Za-z0-9-]+(?:${DOT}[A-Za-z0-9-]+){1,3}`,
    check: (value) => (TOP_LEVEL.test(value) ? value.length : 0),
  },
];
