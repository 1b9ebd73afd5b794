import { Random } from '../corpus/random.ts';

/** Texts that are written to cost much time, or memory: each makes one of about so many characters. */
export const INPUTS: Readonly<Record<string, (length: number) => string>> = {
  'one digit': (length) => '7'.repeat(length),
  'random digits': (length) => new Random(1).digits(length),
  'digits with dashes': (length) => new Random(2).form('###-##-'.repeat(length / 7)),
  'digits with spaces': (length) => new Random(3).form('### '.repeat(length / 4)),
  'card numbers in a row': (length) => '4111 1111 1111 1111 '.repeat(length / 20),
  'numbers 1 2 3': counting,
  'digits with dots': (length) => '1.'.repeat(length / 2),
  'hexadecimal pairs': (length) =>
    new Random(4).string(length, '0123456789abcdef').replace(/(..)/g, '$1:').slice(0, length),
  'slashes between digits': (length) => '1/2/'.repeat(length / 4),
  'at signs': (length) => '@'.repeat(length),
  'a@a@a@': (length) => 'a@'.repeat(length / 2),
  'a.a.a.': (length) => 'a.'.repeat(length / 2),
  'dots and at signs': (length) => new Random(5).string(length, 'a.@-_'),
  'one long local part': (length) => `${'a'.repeat(length - 10)}@b.example`,
  'addresses without end': (length) => 'a@b.c.d.e.f.g.h.'.repeat(length / 16),
  'http://': (length) => 'http://'.repeat(length / 7),
  'one long URL': (length) => `https://example.org/${'a/b?c=d&'.repeat(length / 8)}`,
  'colons and hexadecimal': (length) => '::1:2:fe80:'.repeat(length / 11),
  'label words': (length) => 'Patient Name: MRN: SSN: DOB: Dr. '.repeat(length / 33),
  'one label': (length) => 'MRN '.repeat(length / 4),
  'labels without values': (length) => 'account number is was of : # '.repeat(length / 29),
  'labels before a long word': (length) => `MRN: ${'x'.repeat(200)} `.repeat(length / 206),
  titles: (length) => 'Dr. Mrs. Prof. '.repeat(length / 15),
  'seen by': (length) => 'seen by referred by '.repeat(length / 20),
  'one capital letter': (length) => 'A'.repeat(length),
  'capital letters with dots': (length) => 'A. '.repeat(length / 3),
  'capitalised words': (length) => capitalised(length),
  'capital words': (length) => capitalised(length).toUpperCase(),
  'one name repeated': (length) => 'John Smith '.repeat(length / 11),
  'names with commas': (length) => 'Smith, John, '.repeat(length / 13),
  particles: (length) => 'de la van der von del al '.repeat(length / 25),
  months: (length) => 'May March 3 Jan '.repeat(length / 16),
  'street numbers': (length) => '12 Oak 14 Elm N '.repeat(length / 16),
  'street suffixes': (length) => '1 St St Ave Dr Ct '.repeat(length / 18),
  saints: (length) => "St. Mary's of the St. ".repeat(length / 22),
  'facility words': (length) => 'General Hospital of Medical Center '.repeat(length / 35),
  'nested brackets': (length) => '('.repeat(length / 2) + ')'.repeat(length / 2),
  'brackets and quotes': (length) => '[{("*_'.repeat(length / 6),
  'zero-width characters': (length) => '\u200b'.repeat(length),
  'digits and zero-width': (length) => '1\u200b'.repeat(length / 2),
  'an SSN and zero-width': (length) => '078-\u200b05-\u200b\u200b'.repeat(length / 10),
  'full-width digits': (length) => '\uff17'.repeat(length),
  'combining accents': (length) => 'e\u0301'.repeat(length / 2),
  surrogates: (length) => '\ud83d\ude00'.repeat(length / 2),
  spaces: (length) => ' '.repeat(length),
  'line feeds': (length) => '\n'.repeat(length),
  'one letter': (length) => 'a'.repeat(length),
  apostrophes: (length) => "O'".repeat(length / 2),
  hyphens: (length) => 'A-'.repeat(length / 2),
  'random ASCII': (length) => random(length, 0x20, 0x7e),
  'random Latin': (length) => random(length, 0x20, 0x17f),
  'random units': (length) => random(length, 0x20, 0xd7ff),
};

function counting(length: number): string {
  let text = '';
  for (let i = 1; text.length < length; i++) text += `${i} `;
  return text;
}

function capitalised(length: number): string {
  const numbers = new Random(6);
  let text = '';
  while (text.length < length)
    text += `${numbers.string(1, 'BCDFGHKLMNPRST')}${numbers.string(5, 'aeioulnrst')} `;
  return text;
}

function random(length: number, first: number, last: number): string {
  const numbers = new Random(first + last);
  return Array.from({ length }, () => String.fromCharCode(numbers.integer(first, last))).join('');
}
