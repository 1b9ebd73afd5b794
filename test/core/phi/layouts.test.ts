import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';

/* Numbers are invented or published as examples: see text.ts. */
const detector = createDetector();

/** Labels of identifiers that nothing else gives away, or that would be taken for others. */
const LABELLED: readonly (readonly [string, string, string])[] = [
  ['MRN', 'MRN', '4829'],
  ['MRN', 'Medical record number', '00482913'],
  ['ACCOUNT_NUMBER', 'Account', '88213'],
  ['ACCOUNT_NUMBER', 'Invoice number', 'INV-20391'],
  ['HEALTH_PLAN_ID', 'Member ID', 'XQH884120937'],
  ['UNIQUE_ID', 'Claim', '88213'],
  ['UNIQUE_ID', 'Accession number', 'S24-10382'],
  ['LICENSE_NUMBER', 'License no.', '55812'],
  ['LICENSE_PLATE', 'Plate', 'KLM-482'],
  ['US_SSN', 'SSN last 4', '1120'],
  ['ZIP_CODE', 'ZIP', '02139'],
  ['AGE', 'Age', '94'],
  ['DATE_OF_BIRTH', 'Date of birth', '03/14/1975'],
  ['FAX_NUMBER', 'Fax', '617-555-0134'],
  ['PHOTO_REFERENCE', 'Photo ID', 'PH-88213'],
];

const LAYOUTS: readonly (readonly [string, (label: string) => string, string])[] = [
  ['a line', (label) => `Seen today.\n${label}: `, '\nSex: F'],
  ['bold', (label) => `- **${label}:** `, '\n- **Sex:** F'],
  ['code', (label) => `${label}: \``, '`, sex F'],
  ['bold code', (label) => `- **${label}**: \``, '`\n'],
  ['a row', (label) => `| Field | Value |\n| --- | --- |\n| ${label} | `, ' |\n| Sex | F |'],
  ['a bold row', (label) => `| **${label}** | `, ' |\n'],
  ['a tab', (label) => `${label}\t`, '\nSex\tF\n'],
  ['an equals sign', (label) => `${label} = `, '\n'],
  ['JSON', (label) => `{"${label}": "`, '"}'],
  ['cells', (label) => `<tr><td>${label}</td><td>`, '</td></tr>'],
  ['cells with a class', (label) => `<tr><td>${label}</td><td class="value">`, '</td></tr>'],
  ['a heading', (label) => `<tr><th>${label}:</th>\n<td>`, '</td></tr>'],
  ['strong', (label) => `<p><strong>${label}:</strong> `, '</p>'],
  ['an item', (label) => `<li><b>${label}</b>: `, '</li>'],
  ['a definition', (label) => `<dt>${label}</dt><dd>`, '</dd>'],
  ['lines of JSON in JSON', (label) => String.raw`{"note":"Stable.\n${label}: `, String.raw`\nSex: F"}`],
];

test.each(LAYOUTS)('labels in %s', (_name, before, behind) => {
  const found = LABELLED.map(([, label, value]) => {
    const text = before(label) + value + behind;
    const finding = detector.scan(text).find(({ end }) => end > before(label).length);
    return [finding?.entity, label, finding && text.slice(finding.start, finding.end)];
  });
  expect(found).toEqual(LABELLED.map((expected) => [...expected]));
});

test.each([
  ['SSN: 078-\n05-1120', 'US_SSN:078-\n05-1120'],
  ['it is 078-05-\r\n1120 now', 'US_SSN:078-05-\r\n1120'],
  ['call 617-\n555-0134 now', 'PHONE_NUMBER:617-\n555-0134'],
  ['call (617) 555-\n0134 now', 'PHONE_NUMBER:(617) 555-\n0134'],
  ['617 - 555 - 0134 is hers', 'PHONE_NUMBER:617 - 555 - 0134'],
  ['Phone: 6 1 7 5 5 5 0 1 3 4', 'PHONE_NUMBER:6 1 7 5 5 5 0 1 3 4'],
  ['MRN: 0 0 4 8 2 9 1 3, here', 'MRN:0 0 4 8 2 9 1 3'],
  ['card_ending_in=1111', 'CREDIT_CARD:1111'],
  ['ssn_last4: 1120', 'US_SSN:1120'],
])('%j', (text, expected) => {
  const found = detector.scan(text).map(({ entity, start, end }) => `${entity}:${text.slice(start, end)}`);
  expect(found).toEqual([expected]);
});
