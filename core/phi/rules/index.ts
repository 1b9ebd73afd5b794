import type { Rule } from '../rule.ts';
import { ACCOUNT_RULES } from './account.ts';
import { BIRTH_RULES } from './birth.ts';
import { EMAIL_RULES } from './email.ts';
import { MRN_RULES } from './mrn.ts';
import { PERSON_RULES } from './person.ts';
import { PHONE_RULES } from './phone.ts';
import { PLAN_RULES } from './plan.ts';
import { SSN_RULES } from './ssn.ts';

/** All rules of the detector. */
export const RULES: readonly Rule[] = [
  ...PERSON_RULES,
  ...SSN_RULES,
  ...MRN_RULES,
  ...PHONE_RULES,
  ...EMAIL_RULES,
  ...BIRTH_RULES,
  ...PLAN_RULES,
  ...ACCOUNT_RULES,
];
