import type { Rule } from '../engine/rule/rule.ts';
import { digitsOf, passesDea, passesNpi } from './checksum.ts';
import { CODE_SYSTEM, checkIdentifier, GAP, labelled, NUMBER_WORD } from './parts.ts';

const NPI_LABEL = `(?i:npi|national provider(?: identifier| id)?|provider(?: identifier| id| npi)|taxonomy)`;
const DRIVER = `(?:(?i:driver'?s?'?[ _-]?licen(?:s|c)e|driving[ _-]licen(?:s|c)e|driver'?s? lic|driver'?s? permit|d\\.l\\.|cdl|state id|id card|dmv)|DL|dl)`;
const PASSPORT = `(?i:(?:us |u\\.s\\. |american )?passport(?: book| card)?|travel document)`;
const PROFESSION = `(?i:medical|nursing|nurse|physician|pharmacy|pharmacist|professional|state|board|practice|rn|md|lpn|dental|psychology|therapist|business|marriage|birth|death|gun|firearm|pilot|teaching|clia|lab)`;
const LICENCE = `(?i:licen(?:s|c)e|lic|clia|certificate|certification|cert|registration|permit|credential)`;

/** The check digit must fit, and nine equal digits are a filler. */
function checkNpi(value: string): number {
  const digits = digitsOf(value);
  return passesNpi(digits) && !/^(\d)\1{8}/.test(digits) ? value.length : 0;
}

export const LICENCE_RULES: readonly Rule[] = [
  {
    entity: 'US_NPI',
    name: 'npi.labelled',
    score: 0.95,
    before: `${NPI_LABEL}${NUMBER_WORD}?${GAP}`,
    value: '\\d{10}|\\d{4}[- ]\\d{3}[- ]\\d{3}',
  },
  {
    entity: 'US_NPI',
    name: 'npi.number',
    score: 0.5,
    unless: CODE_SYSTEM,
    value: '[12]\\d{9}|[12]\\d{3}[- ]\\d{3}[- ]\\d{3}',
    check: checkNpi,
  },
  {
    entity: 'DEA_NUMBER',
    name: 'dea.number',
    score: 0.85,
    value: '[ABCDEFGHJKLMNPRSTUX][A-Z9]-?\\d{7}',
    check: (value) => (passesDea(value.replace('-', '')) ? value.length : 0),
  },
  labelled({
    entity: 'DEA_NUMBER',
    name: 'dea.labelled',
    score: 0.9,
    before: `(?i:dea)${NUMBER_WORD}?${GAP}`,
  }),
  labelled({
    entity: 'US_DRIVER_LICENSE',
    name: 'driver.labelled',
    score: 0.9,
    before: `${DRIVER}${NUMBER_WORD}?(?: \\([A-Z]{2}\\)| [A-Z]{2})?${GAP}`,
    // "mg/dL 1200" is no licence.
    unless: '/(?:dL|dl|DL)[^A-Za-z0-9\\n]{1,8}',
  }),
  labelled({
    entity: 'US_PASSPORT',
    name: 'passport.labelled',
    score: 0.9,
    before: `${PASSPORT}${NUMBER_WORD}?${GAP}`,
  }),
  // Passports since 2021 and the licences of several states look alike; of other codes the unique ones win.
  { entity: 'US_PASSPORT', name: 'passport.letter', score: 0.35, value: '[A-Z]\\d{8}' },
  { entity: 'US_DRIVER_LICENSE', name: 'driver.letter', score: 0.3, value: '[A-Z]\\d{8}' },
  labelled({
    entity: 'LICENSE_NUMBER',
    name: 'licence.labelled',
    score: 0.8,
    before: `(?:${PROFESSION}[ _-]${LICENCE}${NUMBER_WORD}?|${LICENCE}${NUMBER_WORD}|${LICENCE})${GAP}`,
    check: (value) => (/^NCT\d|x\.?509/i.test(value) ? 0 : checkIdentifier(value)),
  }),
  labelled({
    // <license state="WA">
    entity: 'LICENSE_NUMBER',
    name: 'licence.element',
    score: 0.8,
    before: `(?i:licen(?:s|c)e) [a-z]{1,12}="[A-Za-z0-9 ]{1,12}">`,
  }),
  {
    // CMS: two digits, D, seven digits.
    entity: 'LICENSE_NUMBER',
    name: 'licence.clia',
    score: 0.7,
    value: '\\d{2}D\\d{7}',
  },
  labelled({
    entity: 'US_DRIVER_LICENSE',
    name: 'driver.typed',
    score: 0.8,
    before: `(?i:state_id|stateid|drivers?_licen[sc]e|dl)"[ ,:]{1,3}"(?:number|value|id)" ?: ?"`,
  }),
  {
    entity: 'LICENSE_NUMBER',
    name: 'licence.credential',
    score: 0.6,
    before: `(?:MD|DO|RN|NP|PA-C|PA|LPN|CGC|LCSW|LMFT|LPC|PT|DPT|OT|OTR|SLP|PharmD|RPh|DDS|DMD|DVM|OD|PhD|PsyD|RD|CRNA|APRN|CNM|RDMS|RDCS|RVT|RT|CST|CRT|RRT|LMHC|LICSW|BCBA|RDH|EMT|EMT-P|LSW|MSW|LAc|DC|DPM|AuD|ATC|NMD|ND|IBCLC|CCC-SLP|CDCES|CHW|CPhT),? {1,2}(?:#|No\\. )?`,
    value: '[A-Z]{1,4}-?\\d{3,8}|\\d{5,8}',
  },
];
