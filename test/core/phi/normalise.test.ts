import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import type { Finding } from '#core/phi/finding.ts';
import { createMasker, type MaskStream } from '#core/phi/mask.ts';
import { foldCharacter, isSpecial } from '#core/phi/normalise/normalise.ts';
import { SourceMap } from '#core/phi/normalise/source-map.ts';
import { cut, fractions } from './text.ts';

/* Numbers and names are invented or published as examples: see text.ts. */
const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });

function normalise(text: string): string {
  return new SourceMap().plain(text);
}

describe('a character is read as', () => {
  test.each([
    ['ASCII', 'a', 'a'],
    ['a letter with its accent', 'é', 'é'],
    ['full-width', 'Ａ７＠', 'A7@'],
    ['a ligature', 'ﬁﬃ', 'fiffi'],
    ['a mathematical letter', '\u{1d400}\u{1d41b}\u{1d4d2}', 'AbC'],
    ['a mathematical digit', '\u{1d7ce}\u{1d7ff}', '09'],
    ['a segmented digit', '\u{1fbf0}\u{1fbf9}', '09'],
    ['a Roman numeral', 'Ⅳⅻ', 'IVxii'],
    ['a unit in one square', '5㎎', '5mg'],
    ['superscripts and subscripts', '⁰⁷⁸ CO₂', '078 CO2'],
    ['circles', '①②⑩ ⒷⓄⒷ', '1210 BOB'],
    ['dark circles and squares', '⓿❶➋ \u{1f150}\u{1f170}', '012 AA'],
    ['numbers with a full stop or brackets', '⒈⑵', '1.(2)'],
    ['keys', '0\ufe0f\u20e37\ufe0f\u20e3', '07'],
    ['Cyrillic', '\u0410\u0412\u0421 \u0430\u043e\u0440', 'ABC aop'],
    ['Cyrillic that is only that', '\u0414\u0436', '\u0414\u0436'],
    ['Greek', '\u0391\u039f \u03bf\u03bd', 'AO ov'],
    ['Greek that has a meaning of its own', 'TNF-\u03b1', 'TNF-\u03b1'],
    ['an accent that is a character', 'e\u0301n\u0303', 'en'],
    ['accents in numbers', '0\u03367\u03368', '078'],
    ['spaces', '\u00a0\u2009\u202f\u3000', '    '],
    ['dashes', '\u2010\u2011\u2013\u2014\u2212\u207b', '------'],
    ['quotation marks', '\u2019\u201c\u2033\u00b4', '\'""\''],
    ['slashes and colons', '\u2044\u2215\u2236\uff1a', '//::'],
    ['ends of lines', 'a\r\nb\u2028c\u0085', 'a\r\nb\nc\n'],
    ['nothing: joiners', 'a\u200b\u200d\u2060\ufeff\u00adb', 'ab'],
    ['nothing: directions', '\u202e\u2066a\u2069', 'a'],
    ['nothing: fillers', '\u115f\u3164\uffa0a', 'a'],
    ['nothing: tags', 'a\u{e0001}\u{e0041}\u{e007f}\u{e0100}', 'a'],
    ['fractions stay', '1½ ⅔', '1½ ⅔'],
    ['an ellipsis stays', 'a…', 'a…'],
    ['emoji stay', '\u{1f600}\u{1f1fa}\u{1f1f8}', '\u{1f600}\u{1f1fa}\u{1f1f8}'],
    ['halves of pairs stay', '\ud835a\udfce\ud835', '\ud835a\udfce\ud835'],
    ['signs that introduce a number', '№7 ℡5', 'No.7 TEL.5'],
  ])('%s', (_kind, text, expected) => {
    expect(normalise(text)).toBe(expected);
  });

  test.each([
    ['an exponent', '10³/µL, 10⁻³, Ca²⁺', '10³/μL, 10⁻³, Ca²⁺'],
    ['a footnote', 'Smith¹ and Lee¹²', 'Smith¹ and Lee¹²'],
    ['a trade mark', 'Tylenol™ 5', 'Tylenol™ 5'],
    ['a bullet', '①John ②Jane', '①John ②Jane'],
    ['inside a word it is a part of it', '0⁷8 J①hn', '078 J1hn'],
    ['several are a number', '⓪⑦⑧-⁰⁵-⑪', '078-05-11'],
  ])('beside a word: %s', (_kind, text, expected) => {
    expect(normalise(text)).toBe(expected);
  });

  test('every digit of every script that has decimal digits', () => {
    for (const system of Intl.supportedValuesOf('numberingSystem')) {
      const format = new Intl.NumberFormat('en', { numberingSystem: system, useGrouping: false });
      const digits = Array.from({ length: 10 }, (_, i) => format.format(i));
      if (!digits.every((digit) => /^\p{Nd}$/u.test(digit))) continue;
      expect([system, digits.map(foldCharacter).join('')]).toEqual([system, '0123456789']);
    }
  });

  test('what stands in a long text is as special as it is alone', () => {
    const long = 'the patient has had a long history of disease and so on and so forth. '.repeat(2);
    for (let unit = 0; unit < 0x1_0000; unit++) {
      const character = String.fromCharCode(unit);
      if (isSpecial(long + character) !== isSpecial(character)) throw new Error(unit.toString(16));
    }
    expect(isSpecial(`${long}\u200b`)).toBe(true);
  });

  test('never a part of it that would be folded again, and never one that isSpecial denies', () => {
    for (let codePoint = 0; codePoint < 0x3_2000; codePoint++) {
      const character = String.fromCodePoint(codePoint);
      const folded = foldCharacter(character);
      if (folded !== character && !isSpecial(character)) throw new Error(codePoint.toString(16));
      if (folded !== character && [...folded].map(foldCharacter).join('') !== folded) {
        throw new Error(`${codePoint.toString(16)}: ${folded}`);
      }
    }
  });
});

/** Characters with what they are read as; those without anything may belong to the one before. */
const CHARACTERS: readonly (readonly [string, string, 'attached'?])[] = [
  ['a', 'a'],
  ['7', '7'],
  ['é', 'é'],
  ['７', '7'],
  ['’', "'"],
  ['ﬃ', 'ffi'],
  ['㎎', 'mg'],
  ['\u{1d7d5}', '7'],
  ['\u{1f100}', '0.'],
  ['\u{1f600}', '\u{1f600}'],
  ['\u200b', ''],
  ['\u{e0041}', ''],
  ['\u0301', '', 'attached'],
  ['\ufe0f', '', 'attached'],
];

test('every place of the normalised text points to whole characters of the source', () => {
  const characters = fc.array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(characters, fractions, (parts, places) => {
      let text = '';
      let expected = '';
      const starts: number[] = [];
      const ends: number[] = [];
      for (const [source, folded, attached] of parts) {
        const from = text.length;
        text += source;
        // A pair that stands for itself may be cut; nothing else is.
        const whole = source === folded ? 1 : source.length;
        for (let i = 0; i < folded.length; i++) {
          starts.push(source === folded ? from + i : from);
          ends.push(source === folded ? from + i + whole : from + whole);
        }
        if (attached !== undefined) {
          const last = starts.at(-1);
          for (let i = starts.length - 1; i >= 0 && starts[i] === last; i--) ends[i] = text.length;
        }
        expected += folded;
      }
      const map = new SourceMap();
      const normalised = cut(text, places).map((piece) => map.add(piece));
      expect(normalised.join('') + map.end()).toBe(expected);
      for (let i = 0; i < expected.length; i++) {
        expect([i, map.startOf(i), map.endOf(i + 1)]).toEqual([i, starts[i], ends[i]]);
      }
      expect(map.sourceLength).toBe(text.length);
    }),
    { numRuns: 3_000 },
  );
});

describe('is found, and the original goes out around it:', () => {
  test.each([
    ['full-width', 'SSN ０７８-０５-１１２０ a', 'SSN [US_SSN] a'],
    ['zero-width', 'SSN 0\u200b7\u200b8\u200b-05-1\u2060120 a', 'SSN [US_SSN] a'],
    ['mathematical', 'SSN \u{1d7ce}\u{1d7d5}\u{1d7d6}-05-1120\u200b', 'SSN [US_SSN]\u200b'],
    ['Arabic', 'SSN: \u0660\u0667\u0668-\u0660\u0665-\u0661\u0661\u0662\u0660, a', 'SSN: [US_SSN], a'],
    ['Devanagari', '०७८-०५-११२०', '[US_SSN]'],
    ['circles', '⓪⑦⑧-⓪⑤-①①②⓪', '[US_SSN]'],
    ['superscripts', '⁰⁷⁸⁻⁰⁵⁻¹¹²⁰', '[US_SSN]'],
    ['keys', '0️⃣7️⃣8️⃣-0️⃣5️⃣-1️⃣1️⃣2️⃣0️⃣ a', '[US_SSN] a'],
    ['tags', '078\u{e0041}-05-\u{e007f}1120', '[US_SSN]'],
    ['struck out', '0\u03367\u03368-05-1120\u0336 a', '[US_SSN] a'],
    ['Cyrillic in a label', '\u0405\u0405N is 078051120', '\u0405\u0405N is [US_SSN]'],
    ['Cyrillic in an address', 'j\u043ehn@exampl\u0435.com', '[EMAIL_ADDRESS]'],
    ['Cyrillic in a name', 'Patient: J\u043ehn Smith came', 'Patient: [PERSON] came'],
    ['Greek in a name', 'Patient: \u039fscar Smith came', 'Patient: [PERSON] came'],
    ['mathematical letters', 'Patient: 𝐉𝐨𝐡𝐧 𝐒𝐦𝐢𝐭𝐡 came', 'Patient: [PERSON] came'],
    ['a ligature', 'Patient: Tom Hoﬀman, oﬃce 2', 'Patient: [PERSON], oﬃce 2'],
    ['a ligature at the end', 'mail a@b.example.aﬁ now', 'mail [EMAIL_ADDRESS] now'],
    ['accents apart', 'Patient: Jose\u0301 Nun\u0303e\u0301 came', 'Patient: [PERSON] came'],
    ['slashes', 'DOB 01\u204402\u22151980', 'DOB [DATE_OF_BIRTH]'],
    ['a sign before', '\u2116078-05-1120', '\u2116[US_SSN]'],
    ['a footnote after', '078-05-1120\u00b9, Dr. Smith\u00b2', '[US_SSN]\u00b9, Dr. [PERSON]\u00b2'],
    ['a bullet before', '①555-555-0142', '①[PHONE_NUMBER]'],
    ['CRLF', 'DOB:\r\n01/02/1980\r\nName: Jane Doe\r\n', 'DOB:\r\n[DATE_OF_BIRTH]\r\nName: [PERSON]\r\n'],
  ])('%s', (_kind, text, expected) => {
    expect(masker.mask(text).text).toBe(expected);
    expect(JSON.parse(masker.maskJson(JSON.stringify(text)).text)).toBe(expected);
    expect(feed(masker.stream(), text.split(''))).toBe(expected);
  });

  test('in JSON, keys and escapes', () => {
    const text = String.raw`{"ｓ\u0455n":"\ud835\udfd5\u200b mg\ud83d\ude00","\u0455sn":"\ud835\udfce78051120"}`;
    const expected = text.replace(String.raw`\ud835\udfce78051120`, '[US_SSN]');
    expect(masker.maskJson(text).text).toBe(expected);
    for (let i = 0; i < text.length; i++) {
      expect(feed(masker.jsonStream(), [text.slice(0, i), text.slice(i)])).toBe(expected);
    }
  });

  test('more invisible characters than are dropped do not hold the rest of the text', () => {
    const run = '\u200b'.repeat(5_000);
    expect(masker.mask(`${run}ssn 078-05-1120`).text).toBe(`${run}ssn [US_SSN]`);
    const woven = [...'ssn 078-05-1120'].join('\u200b'.repeat(16));
    expect(masker.mask(`${run}${woven}`).text).toMatch(/\[US_SSN\]$/);
  });
});

test('what a scan finds in one character does not overlap', () => {
  // Read as "1.", of which the first belongs to one finding and the second to another.
  const text = 'MRN AB 4829⒈anna@b.example';
  const findings = detector.scan(text).map(({ start, end }) => text.slice(start, end));
  expect(findings).toEqual(['AB 4829⒈', 'anna@b.example']);
});

test.each([
  ['two findings in one character are one', 2, 3, '[US_SSN]xyz'],
  ['a second one that goes on after it begins behind it', 2, 4, '[US_SSN][MRN]yz'],
  ['a finding that ends inside takes the whole character', 4, 4, '[US_SSN]xyz'],
])('%s', (_name, start, end, expected) => {
  const found = { score: 1, rule: 'test.fixed' };
  const findings: Finding[] = [
    { ...found, entity: 'US_SSN', start: 0, end: 2 },
    { ...found, entity: 'MRN', start, end },
  ];
  const waiting = findings.filter((finding) => finding.end > finding.start);
  const open = () => {
    const scan = detector.open(new Set());
    scan.take = () => waiting.splice(0, 1);
    return scan;
  };
  const fixed = createMasker({ ...detector, open }, { default: 'placeholder', entities: {} });
  expect(feed(fixed.stream(), ['\ufb03', 'xyz'])).toBe(expected);
});

function feed(stream: MaskStream, chunks: readonly string[]): string {
  let out = '';
  for (const chunk of chunks) out += stream.push(chunk);
  return out + stream.end();
}

const NASTY = [
  ...CHARACTERS.map(([source]) => source),
  ...[
    '\ud835',
    '\udfce',
    '\u{1d7ce}',
    '①',
    '²',
    '⁻',
    '™',
    '\u0660',
    '\u0441',
    '½',
    '…',
    'é',
    'e\u0301',
    '\r\n',
    '\0',
  ],
  ...[' ', ' ', '-', '@', '.', '"', '\\', '/'],
  ...[
    '078-05-1120',
    '０７８-０５-',
    '1120',
    'ssn ',
    'MRN: ',
    'Dr. ',
    'John',
    'Jоhn',
    'a@b.co',
    '555-555-0142',
    '01/02/1980',
  ],
];
const nasty = fc.array(fc.constantFrom(...NASTY), { maxLength: 14 }).map((parts) => parts.join(''));

describe('whatever the text is made of', () => {
  test('every split gives what the whole gives, and only findings are replaced', () => {
    fc.assert(
      fc.property(nasty, fractions, (text, places) => {
        const whole = masker.mask(text).text;
        for (let i = 0; i < text.length; i++) {
          expect(feed(masker.stream(), [text.slice(0, i), text.slice(i)])).toBe(whole);
        }
        expect(feed(masker.stream(), text.split(''))).toBe(whole);
        expect(feed(masker.stream(), cut(text, places))).toBe(whole);
        let expected = '';
        let from = 0;
        for (const { entity, start, end } of detector.scan(text)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          expected += `${text.slice(from, start)}[${entity}]`;
          from = end;
        }
        expect(whole).toBe(expected + text.slice(from));
      }),
      { numRuns: 500 },
    );
  });

  test('JSON: every split, escaped or not, gives what the text gives', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 4 }), (text, every) => {
        const units = text
          .split('')
          .map((unit, i) =>
            i % every === 0
              ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
              : JSON.stringify(unit).slice(1, -1),
          );
        const json = `"${units.join('')}"`;
        const whole = masker.maskJson(json).text;
        expect(JSON.parse(whole)).toBe(masker.mask(text).text);
        for (let i = 0; i < json.length; i++) {
          expect(feed(masker.jsonStream(), [json.slice(0, i), json.slice(i)])).toBe(whole);
        }
        expect(feed(masker.jsonStream(), json.split(''))).toBe(whole);
      }),
      { numRuns: 300 },
    );
  });

  test('a value across the cap of a block takes the accents of its last character, however it is cut', () => {
    for (let n = 2_040; n < 2_052; n++) {
      const text = `MRN: ${'ﬁ7'.repeat(n / 3)}${'8'.repeat(n % 3)}\u0301\u0301 the`;
      const whole = masker.mask(text).text;
      // What a block's end has cut is masked in two.
      expect(whole).toMatch(/^MRN: (?:\[MRN\]){1,2} the$/);
      for (let i = text.length - 8; i < text.length; i++) {
        expect(feed(masker.stream(), [text.slice(0, i), text.slice(i)])).toBe(whole);
      }
      expect(feed(masker.stream(), text.split(''))).toBe(whole);
    }
  });
});
