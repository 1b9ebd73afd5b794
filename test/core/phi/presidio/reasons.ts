/** Why the detector may differ from Presidio's recogniser. */
export const KINDS = {
  /** Presidio scores such digits 0.01 to 0.1, and leaves it to a threshold whether that is a finding. */
  bareDigits:
    'Digits alone do not say what they are. A policy that masks this entity only would mask every long number with it; as a unique code they are masked all the same.',
  /** Presidio drops a code that fails its check digit, whatever stands before it. */
  labelled:
    'The label says what the code is. That its check digit does not fit makes it mistyped, and a mistyped identifier still leads to its owner.',
} as const;

export interface Reason {
  /** Presidio's name for the entity, and the text of the case. */
  readonly entity: string;
  readonly text: string;
  readonly kind: keyof typeof KINDS;
  /** What of the kind is particular here. */
  readonly why: string;
}

/** Each case in which the detector differs on purpose. What agrees may not stand here. */
export const REASONS: readonly Reason[] = [
  {
    entity: 'CREDIT_CARD',
    text: 'my credit card number is 4012-8888-8888-1882',
    kind: 'labelled',
    why: 'One digit is off from a card number that is valid.',
  },
  {
    entity: 'MEDICAL_LICENSE',
    text: 'The DEA number is  BG8207031',
    kind: 'labelled',
    why: 'The form is that of a registration, only the last digit is not.',
  },
  {
    entity: 'US_BANK_NUMBER',
    text: '945456787654',
    kind: 'bareDigits',
    why: 'Accounts have 8 to 17 digits and no check digit that banks share.',
  },
  {
    entity: 'US_DRIVER_LICENSE',
    text: '123456789 1234567890 12345679012 123456790123 1234567901234 1234',
    kind: 'bareDigits',
    why: 'Some states issue licences of 6 to 14 digits and nothing else.',
  },
  {
    entity: 'US_PASSPORT',
    text: '912803456',
    kind: 'bareDigits',
    why: 'Passports of before 2021 have nine digits, as record, social security and routing numbers do.',
  },
  {
    entity: 'US_SSN',
    text: '078051121',
    kind: 'bareDigits',
    why: 'Nearly nine of ten numbers of nine digits could be issued ones.',
  },
];

/** The least part of the cases that agrees; what has a reason does not count as agreeing. */
export const LEAST_AGREEMENT = 0.99;
