import type { Rule } from '../engine/rule/rule.ts';
import { MONTH, WRITTEN_FORMS } from './date.ts';
import { GAP, NOTED } from './parts.ts';

const LABEL = `(?i:dob|d\\.o\\.b|d/o/b|date[ _-]of[ _-]birth|birth[ _-]?(?:date|day)|b-?day|born(?: on)?|birth)`;

const FORMS = [
  '\\d{1,2} ?[/.-] ?\\d{1,2} ?[/.-] ?(?:\\d{4}|\\d{2})',
  '\\d{4} ?[/.-] ?\\d{1,2} ?[/.-] ?\\d{1,2}',
  '\\d{8}',
  '(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])\\d{2}',
  '\\d{1,2} \\d{1,2} (?:\\d{4}|\\d{2})',
  '\\d{1,2}[/-]\\d{4}',
  '\\d{1,2}[/-]\\d{1,2}',
  ...WRITTEN_FORMS,
  `${MONTH}[.]? \\d{1,2},? '?\\d{2}`,
];

export const BIRTH_RULES: readonly Rule[] = [
  {
    entity: 'DATE_OF_BIRTH',
    name: 'birth.labelled',
    score: 0.95,
    before: `${LABEL}(?:${NOTED}| (?i:on|in))${GAP}(?:(?i:on|in) )?`,
    value: FORMS.join('|'),
  },
];
