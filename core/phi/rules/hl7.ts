import type { Rule } from '../engine/rule/rule.ts';

const FIELD = '[^\\n|]{0,24}\\|';
/** Programs, assigners and kinds of numbers that name nobody's house. */
const NO_HOUSE =
  /^(?:EPIC|EPI|MRN|SSN|SSA|USSSA|NPI|PI|MR|AN|VN|XX|HOSP|EHR|EMR|ADT|LAB|RAD|EMPI|MPI|STATE|JUNIOR|SELF|NULL|UNKNOWN|[A-Z]{1,3}\d{1,3})$/i;
/** Systems of codes, in the third component of a coded element. */
const SYSTEM = /\^(?:LN|L|CPT|C4|I9|I10|I9C|SCT|NDC|RX|HL7|UCUM|ISO|CVX|MVX|CDC|HCPCS)\d{0,4}$/;

/** Fields of HL7 v2 messages that their place alone tells. */
export const HL7_RULES: readonly Rule[] = [
  {
    entity: 'ORGANIZATION',
    name: 'organization.hl7',
    score: 0.7,
    // The sending and the receiving facility (MSH), who gave a number (CX), the insurer (IN1).
    before: `MSH\\|[^\\n|]{1,6}\\|${FIELD}(?:${FIELD}${FIELD})?|IN1\\|${FIELD}${FIELD}${FIELD}|\\d\\^\\^\\^`,
    anywhere: true,
    value: '[A-Za-z][A-Za-z0-9_ .-]{2,39}',
    check: (value) => (NO_HOUSE.test(value) ? 0 : value.length),
  },
  {
    // Where somebody lies (PL): "CLINIC^^^WESTBROOK"; no suffix of a name has four letters.
    entity: 'ORGANIZATION',
    name: 'organization.hl7-place',
    score: 0.6,
    before: '[A-Z]\\^\\^\\^',
    anywhere: true,
    value: '[A-Z][A-Z0-9_ .-]{3,39}',
    check: (value) => (NO_HOUSE.test(value) ? 0 : value.length),
  },
  {
    // A town in an address (XAD), before its state and ZIP code.
    entity: 'CITY',
    name: 'city.hl7',
    score: 0.9,
    anywhere: true,
    before: '\\^',
    value: "[A-Z][A-Za-z .'-]{1,29}\\^[A-Z]{2}\\^\\d{5}",
    check: (value) => value.indexOf('^'),
  },
  {
    // Who has entered it (EVN).
    entity: 'UNIQUE_ID',
    name: 'unique.hl7-operator',
    score: 0.6,
    before: `EVN\\|${FIELD}${FIELD}${FIELD}${FIELD}`,
    value: '[A-Za-z][A-Za-z0-9_.]{2,20}',
  },
  {
    // The number of a plan (IN1).
    entity: 'HEALTH_PLAN_ID',
    name: 'plan.hl7',
    score: 0.6,
    before: `IN1\\|${FIELD}(?:${FIELD})?`,
    value: '[A-Z0-9]{3,20}',
    check: (value) => (/\d/.test(value) ? value.length : 0),
  },
  {
    // Somebody's number before the name (XCN): "4471^AMADI^CHIKE".
    entity: 'UNIQUE_ID',
    name: 'unique.hl7-person',
    score: 0.5,
    anywhere: true,
    before: '\\|',
    value: "\\d{3,12}\\^[A-Z][A-Z'-]{1,24}\\^[A-Z][A-Z'-]{0,24}",
    check: (value) => (SYSTEM.test(value) ? 0 : value.indexOf('^')),
  },
];
