/** The kinds of PHI that the detector knows. */
export type EntityName =
  | 'PERSON'
  | 'US_SSN'
  | 'MRN'
  | 'PHONE_NUMBER'
  | 'EMAIL_ADDRESS'
  | 'DATE_OF_BIRTH'
  | 'HEALTH_PLAN_ID'
  | 'ACCOUNT_NUMBER';

export interface Entity {
  readonly name: EntityName;
  readonly description: string;
  /** The letter of the identifier in 45 CFR 164.514(b)(2)(i). */
  readonly safeHarbor: string;
}

/** The catalogue; docs/phi.md says of each what is caught and what is not. */
export const ENTITIES: readonly Entity[] = [
  { name: 'PERSON', description: "A person's name after a label or a title", safeHarbor: 'A' },
  { name: 'DATE_OF_BIRTH', description: 'A date after a word for birth', safeHarbor: 'C' },
  { name: 'PHONE_NUMBER', description: 'A telephone or fax number', safeHarbor: 'D' },
  { name: 'EMAIL_ADDRESS', description: 'An e-mail address', safeHarbor: 'F' },
  { name: 'US_SSN', description: 'A United States social security number', safeHarbor: 'G' },
  { name: 'MRN', description: 'A medical record number after its label', safeHarbor: 'H' },
  {
    name: 'HEALTH_PLAN_ID',
    description: 'A health plan beneficiary number: Medicare (MBI), or any after its label',
    safeHarbor: 'I',
  },
  {
    name: 'ACCOUNT_NUMBER',
    description: 'A payment card, an IBAN, or an account number after its label',
    safeHarbor: 'J',
  },
];

const NAMES: ReadonlySet<string> = new Set(ENTITIES.map((entity) => entity.name));

/** Whether the text is the name of a known entity. */
export function isEntityName(name: string): name is EntityName {
  return NAMES.has(name);
}
