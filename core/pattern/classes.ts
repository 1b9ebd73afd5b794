import { ANY, type CharSet, charSet, DIGIT, MAX_CODE_POINT, SPACE, WORD } from './chars.ts';

/** `\d`, `\s`, `\w`: ASCII only, as in RE2. */
export const PERL: ReadonlyMap<string, CharSet> = new Map([
  ['d', DIGIT],
  ['s', SPACE],
  ['w', WORD],
]);

/** `[[:name:]]`: ASCII only, as in RE2. */
export const POSIX: ReadonlyMap<string, CharSet> = new Map([
  ['alnum', [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]],
  ['alpha', [0x41, 0x5a, 0x61, 0x7a]],
  ['ascii', [0, 0x7f]],
  ['blank', [0x09, 0x09, 0x20, 0x20]],
  ['cntrl', [0, 0x1f, 0x7f, 0x7f]],
  ['digit', DIGIT],
  ['graph', [0x21, 0x7e]],
  ['lower', [0x61, 0x7a]],
  ['print', [0x20, 0x7e]],
  ['punct', [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ['space', [0x09, 0x0d, 0x20, 0x20]],
  ['upper', [0x41, 0x5a]],
  ['word', WORD],
  ['xdigit', [0x30, 0x39, 0x41, 0x46, 0x61, 0x66]],
]);

/**
 * The properties that `\p` knows: general categories and the common scripts. Each value is this module's own
 * regular expression, so that no text of the pattern's author ever becomes a `RegExp`.
 */
const PROPERTIES: ReadonlyMap<string, RegExp> = new Map([
  ...['C', 'Cc', 'Cf', 'Co', 'Cs'].map(category),
  ...['L', 'Ll', 'Lm', 'Lo', 'Lt', 'Lu'].map(category),
  ...['M', 'Mc', 'Me', 'Mn'].map(category),
  ...['N', 'Nd', 'Nl', 'No'].map(category),
  ...['P', 'Pc', 'Pd', 'Pe', 'Pf', 'Pi', 'Po', 'Ps'].map(category),
  ...['S', 'Sc', 'Sk', 'Sm', 'So'].map(category),
  ...['Z', 'Zl', 'Zp', 'Zs'].map(category),
  ...['Arabic', 'Armenian', 'Bengali', 'Common', 'Cyrillic', 'Devanagari', 'Georgian', 'Greek'].map(script),
  ...['Gujarati', 'Gurmukhi', 'Han', 'Hangul', 'Hebrew', 'Hiragana', 'Kannada', 'Katakana'].map(script),
  ...['Khmer', 'Latin', 'Malayalam', 'Tamil', 'Telugu', 'Thai'].map(script),
]);

const cache = new Map<string, CharSet>();

/** The code points of a Unicode property, by the name in `\p{name}`; undefined when it is not known here. */
export function unicodeProperty(name: string): CharSet | undefined {
  if (name === 'Any') return ANY;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const test = PROPERTIES.get(name);
  if (test === undefined) return undefined;
  const pairs: number[] = [];
  let start = -1;
  for (let c = 0; c <= MAX_CODE_POINT + 1; c++) {
    const inside = c <= MAX_CODE_POINT && test.test(String.fromCodePoint(c));
    if (inside && start < 0) start = c;
    if (!inside && start >= 0) {
      pairs.push(start, c - 1);
      start = -1;
    }
  }
  const set = charSet(pairs);
  cache.set(name, set);
  return set;
}

function category(name: string): [string, RegExp] {
  // C in RE2 has no unassigned code points (Cn); V8's does.
  const source = name === 'C' ? '[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}]' : `\\p{${name}}`;
  return [name, new RegExp(source, 'u')];
}

function script(name: string): [string, RegExp] {
  return [name, new RegExp(`\\p{Script=${name}}`, 'u')];
}
