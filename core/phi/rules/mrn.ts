import type { Rule } from '../rule.ts';
import { checkIdentifier, GAP, IDENTIFIER, IDENTIFIER_GATE, NUMBER_WORD } from './parts.ts';

const LABEL = `(?i:mrn|mr ?#|mr no|m\\.r\\.n|(?:medical|health|hospital|patient|clinical|chart)[ _-]?(?:record|chart|rec)|med(?:ical)?[ _-]?rec)${NUMBER_WORD}?`;
const NUMBERED = `(?i:chart|patient|pt|hospital|unit|encounter|visit|case|record|admission)${NUMBER_WORD}`;

export const MRN_RULES: readonly Rule[] = [
  {
    entity: 'MRN',
    name: 'mrn.labelled',
    score: 0.9,
    before: `(?:${LABEL}|${NUMBERED})${GAP}`,
    value: IDENTIFIER,
    gate: IDENTIFIER_GATE,
    check: checkIdentifier,
  },
  { entity: 'MRN', name: 'mrn.attached', score: 0.9, before: '(?i:mrn)', value: '\\d{4,14}' },
];
