/**
 * What characters are read as where Unicode's NFKC says nothing or too much. Facts of the Unicode Character Database
 * and of its confusables (UTS #39), of which only letters that no reader can tell apart are taken.
 */

/** Pairs of rows: each character of the first is read as the one at its place in the second. */
const ROWS: readonly (readonly [string, string])[] = [
  // Cyrillic capital and small letters.
  ['\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425', 'ABEKMHOPCTYX'],
  ['\u0405\u0406\u0408\u04ae\u04c0\u051a\u051c', 'SIJYIQW'],
  ['\u0430\u0435\u043e\u0440\u0441\u0443\u0445', 'aeopcyx'],
  ['\u0455\u0456\u0458\u04bb\u04cf\u0501\u051b\u051d', 'sijhldqw'],
  // Greek; most small letters look like Greek only, and stand for themselves in medicine.
  ['\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7', 'ABEZHIKMNOPTYX'],
  ['\u037f\u03bd\u03bf\u03f2\u03f3', 'Jvocj'],
  // Apostrophes and quotation marks, with the accents and primes that are typed for them.
  ['\u2018\u2019\u201a\u201b\u2032\u2035\u00b4\u02b9\u02bb\u02bc', "''''''''''"],
  ['\u201c\u201d\u201e\u201f\u2033\u2036', '""""""'],
  // Dashes, the hyphens among them, and the minus.
  ['\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\u058a\u2e3a\u2e3b', '-----------'],
  // Slashes, the ratio, the full stop of Chinese and Japanese, the blank of Braille.
  ['\u2044\u2215\u2236\u3002\u2800', '//:. '],
  // Ends of lines.
  ['\u0085\u2028\u2029', '\n\n\n'],
];

/** A sign that stands right before a number must not become a part of its word. */
const SIGNS: readonly (readonly [string, string])[] = [
  ['\u2116', 'No.'],
  ['\u2121', 'TEL.'],
  ['\u213b', 'FAX.'],
  ['\u2100', 'a/c.'],
  // An ellipsis is not the full stops of an address.
  ['\u2025', '\u2025'],
  ['\u2026', '\u2026'],
];

/** The first of a row of numbers in circles, the number that it is, and how many there are. */
const CIRCLED_NUMBERS: readonly (readonly [number, number, number])[] = [
  [0x24eb, 11, 10],
  [0x24f5, 1, 10],
  [0x24ff, 0, 1],
  [0x2776, 1, 10],
  [0x2780, 1, 10],
  [0x278a, 1, 10],
  [0x1f10b, 0, 1],
  [0x1f10c, 0, 1],
];
/** The first of a row of the 26 capital letters on dark circles and squares. */
const DARK_LETTERS: readonly number[] = [0x1f150, 0x1f170];

/** What a character is read as, before NFKC is asked. */
export const LOOK_ALIKES: ReadonlyMap<string, string> = build();

/** Read as nothing: what Unicode calls default-ignorable (joiners, direction marks, tags, fillers). */
export const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/** Read as nothing too, but belong to the character before them: accents, variation selectors, the cap of a key. */
export const ATTACHED =
  /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u{e0100}-\u{e01ef}]/u;

/**
 * Superscripts, trade marks, and numbers and letters in circles: inside a word, or several together, they are read as
 * what they show; one that stands beside a word is a footnote's mark, an exponent or a bullet.
 */
export const NOTE_MARK =
  /[\u00b2\u00b3\u00b9\u2070\u2074-\u207b\u2120\u2122\u2460-\u2473\u24b6-\u24ff\u2776-\u2793]/;

function build(): Map<string, string> {
  const map = new Map<string, string>(SIGNS);
  for (const [characters, plain] of ROWS) {
    [...characters].forEach((character, i) => {
      map.set(character, plain.charAt(i));
    });
  }
  for (const [first, number, count] of CIRCLED_NUMBERS) {
    for (let i = 0; i < count; i++) map.set(String.fromCodePoint(first + i), `${number + i}`);
  }
  for (const first of DARK_LETTERS) {
    for (let i = 0; i < 26; i++) map.set(String.fromCodePoint(first + i), String.fromCharCode(0x41 + i));
  }
  return map;
}
