import { type BuiltInEntity, ENTITIES, type Entity } from './entities.ts';
import { ADDED_RULES } from './judge/added.ts';
import { choicesOf, type MaskMethod } from './replace/choice.ts';
import { RULES } from './rules/index.ts';
import { COLUMNS } from './table/heading.ts';

/** What an administrator has to know of how an entity is found. */
interface Detail {
  /** The forms that are recognised, in words. */
  readonly forms: string;
  /** What is calculated over a value, and from where; absent where no standard has a check. */
  readonly checksum?: string;
  /** Words before a value that make it one, or make it surer; the usual ones. */
  readonly context: string;
  /** What is not found, or found too often. */
  readonly limits: string;
}

/** One way in which an entity is found. */
export interface RuleName {
  readonly name: string;
  /** How sure a finding is, 0 to 1; the highest where neighbours decide. */
  readonly score: number;
}

export interface CatalogueEntry extends Entity, Detail {
  readonly name: BuiltInEntity;
  readonly rules: readonly RuleName[];
  /** What a policy may have stand for a value. */
  readonly masks: readonly MaskMethod[];
}

const LABELLED = 'Letters and digits, in groups with dashes, dots, slashes or spaces, three digits at least';

const DETAILS: Readonly<Record<BuiltInEntity, Detail>> = {
  PERSON: {
    forms:
      'Names in any case after a label, names after a title, who signs and who has seen; everything else the model judges: names of the lists or of none, alone or in a row, with initials and hyphens, in capitals and in small letters',
    context:
      'Patient:, Dr., seen by, named; to the model all that stands before a name and behind it: his wife, 54M, reports, denies, labs for',
    limits:
      'Names that are also words need a place that tells; names of things that are called after people are told apart by what stands around them',
  },
  ORGANIZATION: {
    forms:
      'Whatever stands behind a label; everything else the model judges by its words and what is around them',
    context: 'Facility:, Employer:; to the model: Hospital, Clinic, St., at, works for, transferred from',
    limits: 'Organisations whose name is an ordinary word, or an abbreviation that no list has',
  },
  STREET_ADDRESS: {
    forms:
      'Number, street and suffix of USPS Publication 28, with its unit; highways; post boxes; others, and streets alone, where the model finds them',
    context: 'Address:; to the model: on, lives at, corner of',
    limits: 'Streets without a suffix and a number',
  },
  CITY: {
    forms: 'Whatever stands behind a label; towns of the lists and of none, where the model finds them',
    context: 'City:; to the model: in, from, near, lives in, a state behind it',
    limits:
      'Towns that are also words or names need a neighbour that tells; states and countries are no identifiers',
  },
  ZIP_CODE: {
    forms: 'Five digits, or nine with a dash, after a state, a label or a place',
    context: 'ZIP, postal code, a state, a city',
    limits: 'Five digits in a column without a heading that says so',
  },
  DATE: {
    forms:
      'Month, day and year in figures or words, in the usual orders; month and day; month and year; a month after "in" or "since"; holidays; "the 14th"; ISO 8601 with its time',
    context: 'on, since, admitted, DOS:',
    limits:
      'Years, weekdays and times alone are no identifiers; fractions such as 3/4 are told from dates by their neighbours',
  },
  DATE_OF_BIRTH: {
    forms: 'As DATE, and eight digits',
    context: 'DOB, born, date of birth, birthday',
    limits: 'Without its label it is found as DATE',
  },
  AGE: {
    forms: '90 to 125, and the words for it, with "years old", "yo", a sex, or after "age"',
    context: 'age, aged, turned, in her',
    limits: 'Ages up to 89 are no identifiers',
  },
  PHONE_NUMBER: {
    forms: 'US numbers in groups, international ones with +, 7 to 15 digits after a label; extensions',
    context: 'phone, cell, call, pager, reach',
    limits: 'Seven digits, and ten without groups, need a label',
  },
  FAX_NUMBER: {
    forms: 'As PHONE_NUMBER',
    context: 'fax, facsimile',
    limits: 'Without its label it is a telephone number',
  },
  EMAIL_ADDRESS: {
    forms: 'RFC 5321 addresses with a domain of two parts or more; "name at example dot com"',
    context: 'None needed',
    limits: 'Quoted local parts',
  },
  US_SSN: {
    forms:
      'Nine digits grouped 3-2-4 that can have been issued; any grouping, or the last four, after a label',
    checksum: 'Area not 000, 666 or 900-999, group not 00, serial not 0000 (SSA)',
    context: 'SSN, social security, last four',
    limits: 'Nine digits without groups and label',
  },
  MRN: {
    forms: LABELLED,
    context: 'MRN, medical record, chart no., patient ID',
    limits: 'Found as UNIQUE_ID without a label',
  },
  HEALTH_PLAN_ID: {
    forms: `A Medicare beneficiary identifier by its form (CMS). ${LABELLED}`,
    context: 'member ID, policy number, group #, the name of an insurer',
    limits: 'Found as UNIQUE_ID without a label',
  },
  ACCOUNT_NUMBER: {
    forms: LABELLED,
    context: 'account, acct, invoice, billing',
    limits: 'Found as UNIQUE_ID without a label',
  },
  CREDIT_CARD: {
    forms: '12 to 19 digits, in groups or not; the last four after a label',
    checksum: 'Luhn (ISO/IEC 7812-1 annex B)',
    context: 'card number, Visa, ending in',
    limits: 'One number in ten of that length passes the check by chance',
  },
  IBAN_CODE: {
    forms: 'Country, check digits and up to 30 characters, in groups of four or not',
    checksum: 'Length of the country, modulo 97 (ISO 13616)',
    context: 'None needed',
    limits: 'Capitals only',
  },
  ABA_ROUTING_NUMBER: {
    forms: 'Nine digits',
    checksum: 'Weights 3, 7, 1 modulo 10, and the prefix of a Federal Reserve district',
    context: 'routing, ABA',
    limits: 'One number of nine digits in thirty passes the check by chance',
  },
  US_NPI: {
    forms: 'Ten digits that begin with 1 or 2',
    checksum: 'Luhn with the prefix 80840 (45 CFR 162.406)',
    context: 'NPI, provider ID',
    limits: 'One number of ten digits in fifty passes the check by chance',
  },
  DEA_NUMBER: {
    forms: 'Two letters, or a letter and 9, and seven digits',
    checksum: 'The sum of the 1st, 3rd, 5th and twice the 2nd, 4th, 6th digit ends in the 7th',
    context: 'DEA',
    limits: 'Without its label only with the right check digit',
  },
  US_DRIVER_LICENSE: {
    forms: LABELLED,
    context: "driver's license, DL, state ID",
    limits:
      'States have many forms: without a label only a letter with eight digits, which may be a passport as well',
  },
  US_PASSPORT: { forms: LABELLED, context: 'passport', limits: 'Without a label a letter with eight digits' },
  LICENSE_NUMBER: {
    forms: LABELLED,
    context: 'license no., certificate, medical license, permit',
    limits: 'Found as UNIQUE_ID without a label',
  },
  VIN: {
    forms: '17 letters and digits without I, O and Q; 11 to 17 after a label',
    checksum: 'Check digit of 49 CFR 565.15',
    context: 'VIN',
    limits:
      'Where the check digit is wrong, its label, the word for a vehicle or ZZZ at the fourth place must tell',
  },
  LICENSE_PLATE: {
    forms: 'Letters and digits in up to three groups',
    context: 'license plate, plate, tag',
    limits: 'Needs its label',
  },
  DEVICE_ID: {
    forms: `A UDI (GS1 application identifiers, HIBCC). ${LABELLED}`,
    context: 'serial number, S/N, pacemaker ID, lot',
    limits: 'Serial numbers need a label',
  },
  IMEI: {
    forms: '14 to 16 digits after a label; 2-6-6-1 digits',
    checksum: 'Luhn, in groups without a label (3GPP TS 23.003)',
    context: 'IMEI',
    limits: '15 digits in a row need the label',
  },
  MAC_ADDRESS: {
    forms: 'Six groups with colons or dashes; three with dots',
    checksum: 'Not all zero, not all one (IEEE 802)',
    context: 'None needed',
    limits: 'None known',
  },
  URL: {
    forms: 'http, https, ftp, ws with what follows; names of hosts under usual domains, with their path',
    context: 'None needed',
    limits: 'Hosts under other domains without a scheme',
  },
  IP_ADDRESS: {
    forms: 'IPv4, also with a prefix length; IPv6 (RFC 4291)',
    checksum: 'Octets up to 255; eight groups, or fewer with one ::',
    context: 'None needed; not after "version"',
    limits: 'Versions of four numbers without that word',
  },
  BIOMETRIC_ID: {
    forms: `References: ${LABELLED.toLowerCase()}`,
    context: 'fingerprint, voiceprint, iris scan, biometric template, DNA profile',
    limits: 'The print itself, in an image or a sound, is not looked at',
  },
  PHOTO_REFERENCE: {
    forms: 'Names of image files; identifiers after a label',
    context: 'photo, portrait, headshot, image file',
    limits: 'The image itself is not looked at',
  },
  US_ITIN: {
    forms: 'Nine digits that begin with 9, in groups or not',
    checksum: 'Fourth and fifth digit 50-65, 70-88, 90-92 or 94-99 (IRS)',
    context: 'ITIN, taxpayer ID',
    limits: 'None known',
  },
  UNIQUE_ID: {
    forms: `${LABELLED}. Without a label seven digits and more, or letters with five digits and more; addresses of Bitcoin; the UIDs of DICOM`,
    context: 'accession, case, study ID, order no., claim, username',
    limits:
      'Codes of publications, drugs, diseases and tests are told apart by their label or prefix (PMID, NCT, NDC, SNOMED); round numbers and numbers in JSON count as counts. Your own codes: identifiers of a policy',
  },
};

/** Every kind of PHI with how it is found and what may stand for it. */
export const CATALOGUE: readonly CatalogueEntry[] = ENTITIES.map((entity) => ({
  ...entity,
  ...DETAILS[entity.name],
  rules: [...RULES.filter(({ nothing }) => nothing !== true), ...ADDED_RULES, ...COLUMNS]
    .filter((rule) => rule.entity === entity.name)
    .map(({ name, score }) => ({ name, score })),
  masks: choicesOf(entity.name),
}));
