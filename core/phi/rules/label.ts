import type { Rule } from '../engine/rule/rule.ts';

const COLON = `[ \\t"'*_\\\\]{0,4}[:=|>][ \\t"'*_\\\\]{0,6}`;
const CITY = `(?i:(?:home )?city(?: name)?|town|county|municipality|birth ?place|place of birth|home ?town|city of residence|city/town)`;
const ORGANIZATION = `(?i:(?:referring |treating |receiving |sending |transferring )?(?:facility|hospital|clinic)(?: name)?|employer(?: name)?|school(?: name)?|organi(?:z|s)ation(?: name)?|company(?: name)?|practice(?: name)?|pharmacy(?: name)?|insurer|hospice|day ?care|ambulance|hotel|shelter|church|agency|supplier|vendor|home health(?: agency)?|snf|nursing home|dme(?: supplier)?|group home|insurance(?: company| carrier| provider)?|health plan|payer|lab name|workplace)`;
const WORD = `[A-Z0-9À-ÞḀ-ỿ][A-Za-z0-9À-ɏḀ-ỿ&.'-]{0,29}`;
const SMALL = `(?:of|the|and|for|at|de|la|del|&)`;
const WORDS = `[A-ZÀ-ÞḀ-ỿ][A-Za-z0-9À-ɏḀ-ỿ&.'-]{0,29}(?: (?:${SMALL} ){0,2}${WORD}){0,6}`;

/** Answers that forms have beside such labels, and that name nothing. */
const EMPTY =
  /^(?:please|go|call|if|we|i|ok|will|n\/a|none|unknown|same|see|not|no|yes|other|pending|self|tbd|declined)\b/i;

const notEmpty = (value: string): number => (EMPTY.test(value) ? 0 : value.replace(/[.']+$/, '').length);

/** Places and organisations that stand behind a label, whatever they are called. */
export const LABEL_RULES: readonly Rule[] = [
  {
    entity: 'CITY',
    name: 'city.labelled',
    score: 0.85,
    before: `${CITY}${COLON}`,
    value: `[A-Za-zÀ-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ.'-]{1,24}(?: [A-Za-zÀ-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ.'-]{1,24}){0,3}`,
    check: notEmpty,
  },
  {
    entity: 'CITY',
    name: 'city.short-known',
    score: 0.5,
    value: '(?:NYC|NOLA|(?:[Tt]he|South|North|East|West) Bronx|Philly)',
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.labelled',
    score: 0.8,
    before: `${ORGANIZATION}${COLON}`,
    value: WORDS,
    check: notEmpty,
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.element',
    score: 0.8,
    before: `"(?i:pharmacy|clinic|hospital|facility|employer|insurer|organization|school|payer|payor|practice|agency|company)" ?: ?\\{ ?\\n? {0,8}"(?i:name|display)" ?: ?"`,
    value: WORDS,
    check: notEmpty,
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.school',
    score: 0.7,
    // Public schools of New York: "P.S. 118".
    value: '(?:[PIM]\\.S\\.|J\\.H\\.S\\.) ?\\d{1,3}|PS \\d{3}',
  },
];
