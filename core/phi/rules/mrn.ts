import type { Rule } from '../rule.ts';
import { GAP, labelled, NUMBER_WORD } from './parts.ts';

const LABEL = `(?i:mrn'?s?|mr ?#|mr no|m\\.r\\.n|(?:medical|health|hospital|patient|clinical|chart)[ _-]?(?:record|chart|rec)|med(?:ical)?[ _-]?rec)${NUMBER_WORD}?`;
const NUMBERED = `(?i:chart|patient|pt|hospital|unit|encounter|visit|record|admission)${NUMBER_WORD}`;

export const MRN_RULES: readonly Rule[] = [
  labelled({ entity: 'MRN', name: 'mrn.labelled', score: 0.9, before: `(?:${LABEL}|${NUMBERED})${GAP}` }),
  { entity: 'MRN', name: 'mrn.attached', score: 0.9, before: '(?i:mrn)', value: '\\d{4,14}' },
];
