import { foldWord } from './fold.ts';
import letters from './lists/name-letters.json' with { type: 'json' };

/** Letters of ASCII, and what stands before and behind a word. */
const SIGNS = 27;
const SMALL_A = 0x61;
const CAPITAL_A = 0x41;
const LETTERS = 26;
/** The sign for nothing: as likely in names as in words. */
const EVEN = 88;
/** Words of fewer letters tell nothing. */
const MIN_CHARACTERS = 4;
/** Of surnames that no list knows about three in five are above, of words one in twenty-five. */
const LIKELY = 25;
/** What folding would change at most in its capitals, which do not matter here. */
const PLAIN = /^[A-Za-z'-]*$/;

const SUMS = decode(letters.trigrams);

/**
 * Whether a word that no list knows is spelled as names are rather than as words: from the letters that stand
 * together in the names of the Census and in the words of the language and of medicine. Capitals do not matter.
 */
export function isNameLike(word: string): boolean {
  return word.length >= MIN_CHARACTERS && nameLikeness(word) > LIKELY;
}

/** Eighths of a natural logarithm: above 0 where names are spelled so more often than words. */
export function nameLikeness(written: string): number {
  const word = PLAIN.test(written) ? written : foldWord(written);
  let sum = 0;
  let two = 0;
  for (let i = 0; i <= word.length; i++) {
    const sign = i < word.length ? signOf(word.charCodeAt(i)) : 0;
    const three = two * SIGNS + sign;
    if (i > 0) sum += SUMS[three] as number;
    two = three % (SIGNS * SIGNS);
  }
  return sum;
}

/** Other letters, apostrophes and hyphens part words. */
function signOf(unit: number): number {
  if (unit >= SMALL_A && unit < SMALL_A + LETTERS) return unit - SMALL_A + 1;
  return unit >= CAPITAL_A && unit < CAPITAL_A + LETTERS ? unit - CAPITAL_A + 1 : 0;
}

function decode(signs: string): Int8Array {
  return Int8Array.from(signs, (sign) => sign.charCodeAt(0) - EVEN);
}
