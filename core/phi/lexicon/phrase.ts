import { HOSPITAL, PLACE, SHORT_FORMS } from './build.ts';
import { foldWord } from './fold.ts';
import { lexicon } from './look-up.ts';

/** More words than any phrase of the lists has. */
const MAX_PARTS = 12;

/**
 * How many of the words from `from` on are a US city, town or county of several words, the longest that fits; 0
 * for none. `St.` and `Saint`, `Ft.` and `Fort`, `Mt.` and `Mount` are the same, and a hyphen is a space, so that
 * `['Winston-Salem']` is 1. Worth asking where `lookUp` of the first word (up to a hyphen) has `CITY_FIRST`.
 */
export function placePhrase(words: readonly string[], from: number): number {
  return longest(words, from, PLACE);
}

/** The same for the name of a known hospital, without its article; where `lookUp` has `HOSPITAL_FIRST`. */
export function hospitalPhrase(words: readonly string[], from: number): number {
  return longest(words, from, HOSPITAL);
}

function longest(words: readonly string[], from: number, kind: number): number {
  const { phrases } = lexicon();
  let phrase = '';
  let found = 0;
  for (let count = 1, parts = 0; from + count <= words.length && parts < MAX_PARTS; count++) {
    for (const part of foldWord(words[from + count - 1] ?? '').split('-')) {
      const word = part === '&' ? 'and' : part.replaceAll("'", '');
      phrase += `${phrase === '' ? '' : ' '}${SHORT_FORMS[word] ?? word}`;
      parts += 1;
    }
    if ((phrases.get(phrase) & kind) !== 0) found = count;
  }
  return found;
}
