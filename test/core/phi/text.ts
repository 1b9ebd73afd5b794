import fc from 'fast-check';

/**
 * Pieces of clinical text. All names and numbers are invented: 078-05-1120 and 219-09-9999 are numbers that
 * the SSA has published as never valid again, card numbers are the networks' test numbers, telephone numbers
 * lie in 555-01xx, the IBAN is the standard's own example, the MBI is the one that CMS prints.
 */
export const PIECES: readonly string[] = [
  'Patient: John Smith',
  'patient: anna s. lee',
  'PATIENT NAME: SMITH, JOHN A.',
  'Name: Jane Q. Doe',
  'seen by Dr. Maria Garcia-Lopez',
  'Dear Mr. O’Brien,',
  'Mrs. van der Berg',
  'my name is Zoë Müller',
  'Dr. Penny Marsh',
  'Marsh wrote orders',
  'Müller agrees',
  'ask Berg',
  'Dr.',
  'SSN: 078-05-1120',
  '078-05-1120',
  '219 09 9999',
  'social security number is 078051120',
  'MRN 00123456',
  'medical record number: AB-123456',
  'chart no. 12 34 56',
  'DOB: 01/02/1980',
  'born on March 3rd, 1975',
  '(555) 555-0134 ext. 12',
  '555-555-0142',
  '+1 555 555 0142',
  'call 5550142',
  'john.smith@mail.example.com',
  'a@b.co',
  'a@a@a@a.example',
  'Member ID: XYZ123456789',
  '1EG4-TE5-MK73',
  'acct # 4455-667788',
  '4111 1111 1111 1111',
  '378282246310005',
  'GB82 WEST 1234 5698 7654 32',
  '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20',
  '0７8-05-1\u200b12\u00ad0',
  'metoprolol 25 mg',
  'BP 120/80',
  'ICD-10 E11.9',
  '😀',
  '\ud83d',
  'x',
  'The patient denies pain.',
  '"mrn":"12345678"',
  '\u200b\u200b',
];
const GLUE: readonly string[] = [
  ' ',
  ' ',
  ' ',
  '\n',
  ', ',
  '. ',
  '',
  ': ',
  '-',
  '\r\n',
  '\t',
  '@',
  '.',
  '(',
  '"',
];

/** Text made of the pieces, with the ends of some cut off, so that it is full of near misses. */
export const clinicalText: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.constantFrom(...PIECES),
      fc.constantFrom(...GLUE),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }) },
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.map(([piece, glue, cut]) => piece.slice(0, piece.length - cut) + glue).join(''));

/** Cuts a text at places given as fractions of its length. */
export function cut(text: string, fractions: readonly number[]): string[] {
  const places = [...new Set(fractions.map((fraction) => Math.floor(fraction * text.length)))].sort(
    (a, b) => a - b,
  );
  return [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length));
}

export const fractions: fc.Arbitrary<number[]> = fc.array(
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  { maxLength: 12 },
);
