import { type EntityName, isEntityName } from '../entities.ts';
import type { Numbering } from './numbering.ts';

/**
 * What may become of a value, from the choice that tells least of it to the one that tells all. Where several
 * policies apply to an answer, the one that stands first here counts.
 *
 * - `placeholder`: the entity in brackets, `[PERSON]`
 * - `age-90-plus`: `90+` for an age over 89
 * - `numbered`: the same number for the same value within a session, `[PERSON_1]`
 * - `hash`: the same token for the same value wherever it stands, `[MRN_kqvbtmhcgrpdnsjf]`
 * - `year`: of a date its year
 * - `zip3`: of a ZIP code its first three digits
 * - `shift`: a date moved by a number of days that is the same within a session
 * - `last-four`: of a number its last four characters, `[CREDIT_CARD_ENDING_1111]`
 * - `none`: the value as it is
 */
export const MASK_METHODS = [
  'placeholder',
  'age-90-plus',
  'numbered',
  'hash',
  'year',
  'zip3',
  'shift',
  'last-four',
  'none',
] as const;

export type MaskMethod = (typeof MASK_METHODS)[number];

/** What the choices that need more than the value go by. */
export interface MaskSession {
  /** Secret. 32 bytes. */
  readonly key: Uint8Array;
  /** What dates are shifted by is the same within one name. */
  readonly name: string;
  /** The numbers given so far in this session. */
  readonly numbering: Numbering;
  /** Today, for ages and for years of two digits. */
  readonly now: Date;
}

/** Makes what stands for a value, normalised as the detector reads it; undefined when it cannot. Never throws. */
export type Choice = (
  entity: EntityName,
  value: string,
  session: MaskSession | undefined,
) => string | undefined;

const DATES: ReadonlySet<EntityName> = new Set(['DATE', 'DATE_OF_BIRTH']);

/** Numbers that are long enough for four characters to be the smaller part of them. */
const NUMBERS: ReadonlySet<EntityName> = new Set([
  'PHONE_NUMBER',
  'FAX_NUMBER',
  'US_SSN',
  'US_ITIN',
  'MRN',
  'HEALTH_PLAN_ID',
  'ACCOUNT_NUMBER',
  'CREDIT_CARD',
  'IBAN_CODE',
  'ABA_ROUTING_NUMBER',
  'US_NPI',
  'DEA_NUMBER',
  'US_DRIVER_LICENSE',
  'US_PASSPORT',
  'LICENSE_NUMBER',
  'VIN',
  'DEVICE_ID',
  'IMEI',
  'UNIQUE_ID',
]);

/** Which entities of the catalogue a choice is for; a choice that is not here is for all. */
const FITTING: Partial<Record<MaskMethod, ReadonlySet<EntityName>>> = {
  'age-90-plus': new Set(['AGE']),
  year: DATES,
  shift: DATES,
  zip3: new Set(['ZIP_CODE']),
  'last-four': NUMBERS,
};

/** Whether a choice can be made for an entity. */
export function fits(method: MaskMethod, entity: EntityName): boolean {
  const fitting = FITTING[method];
  if (fitting === undefined || fitting.has(entity)) return true;
  // What an admin has given a pattern is a number or a code.
  return method === 'last-four' && !isEntityName(entity);
}

/** The choices for an entity, in the order of MASK_METHODS. */
export function choicesOf(entity: EntityName): MaskMethod[] {
  return MASK_METHODS.filter((method) => fits(method, entity));
}

/** The choices for all entities alike, in the order of MASK_METHODS. */
export function choicesOfAll(): MaskMethod[] {
  return MASK_METHODS.filter((method) => FITTING[method] === undefined);
}
