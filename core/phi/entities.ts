/** The kinds of PHI that the detector knows by itself. */
export type BuiltInEntity = (typeof ENTITIES)[number]['name'];

/** The name of an identifier that a policy defines; only `customEntity` makes one. */
export type CustomEntity = string & { readonly [CUSTOM]: true };
declare const CUSTOM: unique symbol;

/** The kinds of PHI that a finding can be of. */
export type EntityName = BuiltInEntity | CustomEntity;

export interface Entity {
  readonly name: string;
  readonly description: string;
  /** The letter of the identifier in 45 CFR 164.514(b)(2)(i). */
  readonly safeHarbor: string;
}

/** The catalogue, in the order of the regulation; docs/phi.md says of each what is caught and what is not. */
export const ENTITIES = [
  { name: 'PERSON', safeHarbor: 'A', description: "A person's name, initials included" },
  {
    name: 'ORGANIZATION',
    safeHarbor: 'B',
    description: 'A hospital, clinic, employer or other organisation',
  },
  { name: 'STREET_ADDRESS', safeHarbor: 'B', description: 'A street with its number, a unit, a post box' },
  { name: 'CITY', safeHarbor: 'B', description: 'A city, town, county or other place below a state' },
  { name: 'ZIP_CODE', safeHarbor: 'B', description: 'A United States ZIP or ZIP+4 code' },
  { name: 'DATE', safeHarbor: 'C', description: 'A date more exact than its year' },
  { name: 'DATE_OF_BIRTH', safeHarbor: 'C', description: 'A date after a word for birth' },
  { name: 'AGE', safeHarbor: 'C', description: 'An age over 89' },
  { name: 'PHONE_NUMBER', safeHarbor: 'D', description: 'A telephone or pager number' },
  { name: 'FAX_NUMBER', safeHarbor: 'E', description: 'A telephone number after a word for fax' },
  { name: 'EMAIL_ADDRESS', safeHarbor: 'F', description: 'An e-mail address' },
  { name: 'US_SSN', safeHarbor: 'G', description: 'A United States social security number' },
  { name: 'MRN', safeHarbor: 'H', description: 'A medical record number' },
  { name: 'HEALTH_PLAN_ID', safeHarbor: 'I', description: 'A health plan beneficiary number, MBI included' },
  { name: 'ACCOUNT_NUMBER', safeHarbor: 'J', description: 'An account number of a bank, bill or invoice' },
  { name: 'CREDIT_CARD', safeHarbor: 'J', description: 'A payment card number' },
  { name: 'IBAN_CODE', safeHarbor: 'J', description: 'An international bank account number' },
  { name: 'ABA_ROUTING_NUMBER', safeHarbor: 'J', description: 'A United States bank routing number' },
  { name: 'US_NPI', safeHarbor: 'K', description: 'A national provider identifier' },
  { name: 'DEA_NUMBER', safeHarbor: 'K', description: 'A DEA registration number of a prescriber' },
  { name: 'US_DRIVER_LICENSE', safeHarbor: 'K', description: "A driver's licence number" },
  { name: 'US_PASSPORT', safeHarbor: 'K', description: 'A passport number' },
  { name: 'LICENSE_NUMBER', safeHarbor: 'K', description: 'Another certificate or licence number' },
  { name: 'VIN', safeHarbor: 'L', description: 'A vehicle identification number' },
  { name: 'LICENSE_PLATE', safeHarbor: 'L', description: "A vehicle's licence plate" },
  { name: 'DEVICE_ID', safeHarbor: 'M', description: 'A device identifier (UDI) or serial number' },
  { name: 'IMEI', safeHarbor: 'M', description: 'An identifier of a mobile device' },
  { name: 'MAC_ADDRESS', safeHarbor: 'M', description: 'A hardware address of a network interface' },
  { name: 'URL', safeHarbor: 'N', description: 'A web address' },
  { name: 'IP_ADDRESS', safeHarbor: 'O', description: 'An IPv4 or IPv6 address' },
  {
    name: 'BIOMETRIC_ID',
    safeHarbor: 'P',
    description: 'A reference to a fingerprint, voice print or the like',
  },
  { name: 'PHOTO_REFERENCE', safeHarbor: 'Q', description: 'A reference to a photograph of a face' },
  { name: 'US_ITIN', safeHarbor: 'R', description: 'A United States individual taxpayer number' },
  { name: 'UNIQUE_ID', safeHarbor: 'R', description: 'Another code that stands for one person or case' },
] as const satisfies readonly Entity[];

const NAMES: ReadonlySet<string> = new Set(ENTITIES.map((entity) => entity.name));

/** As a placeholder and a condition can have it: `STUDY_CODE`. */
const CUSTOM_NAME = /^[A-Z][A-Z0-9_]{2,39}$/;

/** Whether the text is the name of an entity of the catalogue. */
export function isEntityName(name: string): name is BuiltInEntity {
  return NAMES.has(name);
}

/** The name of an identifier that a policy defines; undefined when it has not its form, or is of the catalogue. */
export function customEntity(name: string): CustomEntity | undefined {
  return CUSTOM_NAME.test(name) && !isEntityName(name) ? (name as CustomEntity) : undefined;
}
