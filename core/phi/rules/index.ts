import type { Rule } from '../engine/rule/rule.ts';
import type { EntityName } from '../entities.ts';
import { ACCOUNT_RULES } from './account.ts';
import { ADDRESS_RULES } from './address.ts';
import { AGE_RULES } from './age.ts';
import { BIOMETRIC_RULES } from './biometric.ts';
import { BIRTH_RULES } from './birth.ts';
import { CARD_RULES } from './card.ts';
import { DATE_RULES } from './date.ts';
import { DATE_AROUND_RULES } from './date-around.ts';
import { DATE_WORD_RULES } from './date-words.ts';
import { DEVICE_RULES } from './device.ts';
import { EMAIL_RULES } from './email.ts';
import { GROUP_RULES } from './group.ts';
import { HL7_RULES } from './hl7.ts';
import { LABEL_RULES } from './label.ts';
import { LICENCE_RULES } from './licence.ts';
import { MACHINE_RULES } from './machine.ts';
import { MRN_RULES } from './mrn.ts';
import { NETWORK_RULES } from './network.ts';
import { PERSON_RULES } from './person.ts';
import { PHONE_RULES } from './phone.ts';
import { PLAN_RULES } from './plan.ts';
import { SPANISH_RULES } from './spanish.ts';
import { SPOKEN_RULES } from './spoken.ts';
import { SSN_RULES } from './ssn.ts';
import { UNIQUE_RULES } from './unique.ts';
import { USER_RULES } from './user.ts';
import { VEHICLE_RULES } from './vehicle.ts';
import { X12_RULES } from './x12.ts';

/** All rules of the detector. */
export const RULES: readonly Rule[] = [
  ...SSN_RULES,
  ...MRN_RULES,
  ...PHONE_RULES,
  ...EMAIL_RULES,
  ...BIRTH_RULES,
  ...PLAN_RULES,
  ...ACCOUNT_RULES,
  ...CARD_RULES,
  ...DATE_RULES,
  ...DATE_AROUND_RULES,
  ...DATE_WORD_RULES,
  ...AGE_RULES,
  ...ADDRESS_RULES,
  ...NETWORK_RULES,
  ...LICENCE_RULES,
  ...VEHICLE_RULES,
  ...DEVICE_RULES,
  ...BIOMETRIC_RULES,
  ...UNIQUE_RULES,
  ...GROUP_RULES,
  ...USER_RULES,
  ...PERSON_RULES,
  ...SPOKEN_RULES,
  ...LABEL_RULES,
  ...HL7_RULES,
  ...X12_RULES,
  ...MACHINE_RULES,
  ...SPANISH_RULES,
];

/** What no form gives away. */
export const WORDS: readonly EntityName[] = ['PERSON', 'ORGANIZATION', 'CITY', 'STREET_ADDRESS'];

/** Without those for what is made of words, by entity: one rule too many of these costs all the others their speed. */
export const CODE_RULES: readonly Rule[] = RULES.filter(({ entity }) => !WORDS.includes(entity));
