import type { Rule } from '../rule.ts';
import { GAP } from './parts.ts';

const LABEL = `(?i:dob|d\\.o\\.b|d/o/b|date[ _-]of[ _-]birth|birth[ _-]?(?:date|day)|born(?: on)?|birth)`;
const MONTH = `(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`;
const ORDINAL = '(?:st|nd|rd|th)?';
const YEAR = `(?:\\d{4}|'?\\d{2})`;

const FORMS = [
  '\\d{1,2} ?[/.-] ?\\d{1,2} ?[/.-] ?(?:\\d{4}|\\d{2})',
  '\\d{4} ?[/.-] ?\\d{1,2} ?[/.-] ?\\d{1,2}',
  '\\d{8}',
  `${MONTH}[.]? \\d{1,2}${ORDINAL}(?:,? ${YEAR})?`,
  `\\d{1,2}${ORDINAL}[ -](?:of )?${MONTH}[.,]?(?:[ -]${YEAR})?`,
  `\\d{4}[ -]${MONTH}[ -]\\d{1,2}`,
  `${MONTH}[.,]? \\d{4}`,
];

export const BIRTH_RULES: readonly Rule[] = [
  {
    entity: 'DATE_OF_BIRTH',
    name: 'birth.labelled',
    score: 0.95,
    before: `${LABEL}(?: (?i:on|in))?${GAP}`,
    value: FORMS.join('|'),
  },
];
