import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, type MaskStream } from '#core/phi/mask.ts';
import { SourceMap } from '#core/phi/normalise/source-map.ts';
import { cut, fractions, PIECES } from './text.ts';

/* Numbers and names are invented or published as examples: see text.ts. */
const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });

function feed(stream: MaskStream, chunks: readonly string[]): string {
  let out = '';
  for (const chunk of chunks) out += stream.push(chunk);
  return out + stream.end();
}

const { raw } = String;

describe('is read as', () => {
  test.each([
    ['references by number', 'a&#45;b&#x2D;c&#8209;d&#128512;', 'a-b-c-d\u{1f600}'],
    ['references by name', 'a&nbsp;b&ndash;c&amp;d&shy;e&commat;f', 'a b-c&de@f'],
    ['letters by name', 'Jos&eacute; Mu&ntilde;oz &Ccedil;elik', 'José Muñoz Çelik'],
    ['references to nothing', '&#0;&#55555555;&hello;& &x', '&#0;&#55555555;&hello;& &x'],
    ['signs behind a backslash', raw`617\-555\.0134\_\(a\)\/\@\+`, '617-555.0134_(a)/@+'],
    ['other signs behind one', raw`\d\*\"\[`, raw`\d\*\"\[`],
    [
      'units of Unicode',
      raw`Jos\u00e9 \ud83d\ude00 \u002d \u000b \u12`,
      raw`José ${'\u{1f600}'} - \u000b \u12`,
    ],
    ['ends of lines', raw`a.\nb\r\nC\tD 1\n2`, 'a.\nb\r\nC\tD 1\n2'],
    ['escapes of escapes', raw`M\\u00fcller 078\\\\-05 a.\\\nB`, 'Müller 078-05 a.\nB'],
    ['too many backslashes', `a${'\\'.repeat(18)}-b`, 'a\\\\-b'],
    ['paths and formulas', raw`C:\new\temp a\times \nabla`, raw`C:\new\temp a\times \nabla`],
    ['signs of addresses', '03%2F14%3a5%40b%20c%22d%2', '03/14:5@b+c%22d%2'],
    ['bold in numbers', '078-05-**1120** **078**-05 **a** 2**3', '078-05-1120** **078-05 **a** 2**3'],
    ['bullets in numbers', '617\u2022555\u00b70134 \u20221 a\u2022b', '617.555.0134 \u20221 a\u2022b'],
    ['colours', '0\u001b[01;31m\u001b[K78\u001b[m \u001b[2J', '078 \u001b[2J'],
  ])('%s', (_name, text, expected) => {
    expect(new SourceMap().plain(text)).toBe(expected);
    const map = new SourceMap();
    const units = text.split('').map((unit) => map.add(unit));
    expect(units.join('') + map.end()).toBe(expected);
    expect(map.sourceLength).toBe(text.length);
  });
});

test('a sign that waits for the next one keeps its place before what is not read', () => {
  const text = 'a \u00b9\u001b[0m b';
  const map = new SourceMap();
  expect(map.plain(text)).toBe('a 1 b');
  expect(text.slice(map.startOf(2), map.endOf(3))).toBe('\u00b9');
  expect(map.startOf(3)).toBe(text.indexOf(' b'));
});

describe('is found, and the original goes out around it:', () => {
  test.each([
    [
      'HTML',
      'MRN&nbsp;00482913, Phone:&nbsp;617&#8209;555&#8209;0134&nbsp;',
      'MRN&nbsp;[MRN], Phone:&nbsp;[PHONE_NUMBER]&nbsp;',
    ],
    ['an apostrophe', 'Patient: Tom O&#39;Brien came', 'Patient: [PERSON] came'],
    ['Markdown', raw`call 617\-555\-0134 or jane\_doe@example.com`, 'call [PHONE_NUMBER] or [EMAIL_ADDRESS]'],
    ['slashes of JSON', raw`DOB: 03\/14\/1975.`, 'DOB: [DATE_OF_BIRTH].'],
    [
      'JSON in JSON',
      raw`{"note":"Stable.\nDOB: 03/14/1975\nMRN: 00482913\tZIP: 02139"}`,
      raw`{"note":"Stable.\nDOB: [DATE_OF_BIRTH]\nMRN: [MRN]\tZIP: [ZIP_CODE]"}`,
    ],
    [
      'a form',
      'ssn=078-05-1120&dob=03%2F14%2F1975&email=jane.doe%40example.com',
      'ssn=[US_SSN]&dob=[DATE_OF_BIRTH]&email=[EMAIL_ADDRESS]',
    ],
    ['a whole address', 'see https://example.org/p?name=Jane%20Doe%2C%22x now', 'see [URL] now'],
    ['bold', 'SSN 078-05-**1120**', 'SSN [US_SSN]**'],
    ['bullets', 'call 617\u2022555\u20220134', 'call [PHONE_NUMBER]'],
    ['colours', 'MRN: \u001b[01;31m\u001b[K00482913\u001b[m', 'MRN: \u001b[01;31m\u001b[K[MRN]\u001b[m'],
  ])('%s', (_name, text, expected) => {
    expect(masker.mask(text).text).toBe(expected);
    expect(feed(masker.stream(), text.split(''))).toBe(expected);
    expect(JSON.parse(masker.maskJson(JSON.stringify(text)).text)).toBe(expected);
  });
});

test('every chunking gives what the whole gives, in JSON too', () => {
  const piece = fc.oneof(
    fc.constantFrom(...PIECES),
    fc.constantFrom(
      '&#45;',
      '&#x2d',
      '&nbsp;',
      '&',
      '&shy;',
      '&#128512;',
      raw`\-`,
      raw`\n`,
      raw`\u00e9`,
      raw`\ud835`,
      '\\',
    ),
    fc.constantFrom(
      '%2F',
      '%20',
      '%',
      '**',
      '*',
      '-',
      '1',
      'A',
      ';',
      '\u2022',
      '\u001b[1m',
      '\u001b',
      '\u00b2',
    ),
  );
  const escaped = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(escaped, fractions, (text, places) => {
      const whole = masker.mask(text).text;
      expect(feed(masker.stream(), cut(text, places))).toBe(whole);
      expect(feed(masker.stream(), text.split(''))).toBe(whole);
      const json = JSON.stringify({ note: text });
      const masked = masker.maskJson(json).text;
      JSON.parse(masked);
      expect(feed(masker.jsonStream(), cut(json, places))).toBe(masked);
      expect(feed(masker.jsonStream(), json.split(''))).toBe(masked);
    }),
    { numRuns: 1_000 },
  );
});

/** JSON as many programs write it: in ASCII alone. */
function encode(value: unknown, asciiOnly: boolean): string {
  const json = JSON.stringify(value);
  if (!asciiOnly) return json;
  return json.replaceAll(
    /[-@\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

test('JSON within JSON is masked at every level, and stays JSON', () => {
  const said = fc
    .array(
      fc.constantFrom(
        'SSN 078-05-1120',
        'MRN 482913',
        'Dr. Maria Müller',
        'm@example.com',
        '😀 "ok"\\',
        '\n',
        '. ',
      ),
    )
    .map((parts) => parts.join(' '));
  const nested = fc.record({ said, levels: fc.integer({ min: 1, max: 4 }), asciiOnly: fc.boolean() });
  fc.assert(
    fc.property(nested, fractions, ({ said, levels, asciiOnly }, places) => {
      let text = said;
      for (let level = 0; level < levels; level++) text = encode({ note: text }, asciiOnly);
      const masked = masker.maskJson(text).text;
      expect(feed(masker.jsonStream(), cut(text, places))).toBe(masked);
      let inner: string = masked;
      for (let level = 0; level < levels; level++) inner = JSON.parse(inner).note;
      expect(inner).not.toMatch(/078-05-1120|482913|Maria|Müller|m@example/);
    }),
    { numRuns: 300 },
  );
});
