import type { Rule } from '../engine/rule/rule.ts';

/** Family, given and middle name, the last two where there are any. */
const PERSON = "[A-Z][A-Za-z' .-]{0,34}(?:\\*[A-Z][A-Za-z' .-]{0,24}){0,2}";

/** Elements of X12 claims and remittances (837, 835, 270) that their segment alone tells. */
export const X12_RULES: readonly Rule[] = [
  {
    // NM1*IL*1*PUBLIC*JOHN*Q: 1 is a person; who is to be called (PER).
    entity: 'PERSON',
    name: 'person.x12',
    score: 0.9,
    before: 'NM1\\*[A-Z0-9]{2,3}\\*1\\*|PER\\*[A-Z]{2}\\*',
    value: PERSON,
    // Without the kind of number that follows: telephone, fax, e-mail.
    check: (value) => (value.startsWith('LAST*FIRST') ? 0 : value.replace(/\*(?:TE|FX|EM)$/, '').length),
  },
  {
    // The submitter's number of a claim (CLM, CLP) or of a payment (TRN), which leads to the patient.
    entity: 'UNIQUE_ID',
    name: 'unique.x12',
    // No judge is asked: such a number may have no digit.
    score: 0.85,
    before: '(?:CLM|CLP|TRN\\*[12])\\*',
    value: '[A-Za-z0-9][A-Za-z0-9.-]{2,37}',
  },
];
