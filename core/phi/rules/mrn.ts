import type { Rule } from '../engine/rule/rule.ts';
import { GAP, labelled, NOTED, NUMBER_WORD, STRONG_GAP } from './parts.ts';

const LABEL = `(?i:[eu]?mrn'?s?|mr ?#|mr no|m\\.r\\.n|empi|uhid|edipi|pat ?id|(?:medical|health|hospital|patient|clinical|chart)[ _-]?(?:record|chart|rec)|med(?:ical)?\\.?[ _-]?rec\\.?)${NUMBER_WORD}?`;
const NUMBERED = `(?i:chart|patient|pt|hospital|unit|encounter|visit|record|admission)${NUMBER_WORD}`;

const MIN_BESIDE_DIGITS = 5;

export const MRN_RULES: readonly Rule[] = [
  labelled({
    entity: 'MRN',
    name: 'mrn.labelled',
    score: 0.9,
    before: `(?:${LABEL}|${NUMBERED})${NOTED}${GAP}|(?i:chart|census|mpi|urn|hrn)${STRONG_GAP}`,
  }),
  {
    entity: 'MRN',
    name: 'mrn.beside',
    score: 0.7,
    before: '(?:MR|(?i:chart|med rec|hospital)) ',
    value: '(?:[A-Z]{1,3}-?)?\\d{2,4}(?:-\\d{1,4}){1,3}|\\d{5,10}|[A-Z]{1,3}-?\\d{4,9}',
    check: (value) => (value.replace(/-/g, '').length >= MIN_BESIDE_DIGITS ? value.length : 0),
  },
  {
    // Only the last digits of a number that is known.
    entity: 'MRN',
    name: 'mrn.ending',
    score: 0.6,
    before:
      '(?i:mrn|chart|account|acct|ssn|social|policy|phone|cell|number|id|record|#)(?: (?i:number|no\\.?|#))? ?(?i:ending|ends|ending in|ends in|ending with|last four|last 4|x{2,5}|\\*{2,5})[ :(-]{1,2}',
    value: '\\d{3,4}',
  },
  {
    // The cell behind the one with the date of birth.
    entity: 'MRN',
    name: 'mrn.cell',
    score: 0.5,
    before:
      '(?:\\d{4}-\\d{2}-\\d{2}|\\d{1,2}/\\d{1,2}/\\d{2,4})(?:"?(?:,|;|\\t| ?\\|) ?"?|</td>[ \\r\\n]{0,8}<td>)',
    value: '\\d{6,10}',
  },
  {
    // In groups as hospitals write it; as a date no month or day would fit, or the rule for dates takes it.
    entity: 'MRN',
    name: 'mrn.grouped',
    score: 0.35,
    unless: '[-$.]|(?i:ranges?|from|scale|between) ',
    value: '\\d{2,3}-\\d{2}-\\d{2}',
  },
  { entity: 'MRN', name: 'mrn.attached', score: 0.9, before: '(?i:mrn)', value: '\\d{4,14}' },
];
