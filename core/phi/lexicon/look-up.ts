import { keptWords } from '../compiled/words.ts';
import { foldWord } from './fold.ts';
import { MAX_LENGTH, type Words } from './words.ts';

let read: Words | undefined;

/** The lexicon, read when it is first asked for. */
export function lexicon(): Words {
  read ??= keptWords();
  return read;
}

/**
 * What the lists know of a word: the bits of flags.ts or-ed together, 0 for nothing.
 *
 * Capitals do not matter. On a miss accents are folded and full stops dropped (`Núñez`, `M.D.`), then a possessive
 * `'s` (`Parkinson's`), then apostrophes (`O'Brien`). A word with a hyphen is looked up as it stands: ask for its
 * parts as well.
 */
export function lookUp(word: string): number {
  return lookUpIn(word, 0, word.length);
}

/** `lookUp` of the text from `start` to `end` (UTF-16, end exclusive); a plain ASCII word costs no allocation. */
export function lookUpIn(text: string, start: number, end: number): number {
  if (end - start > MAX_LENGTH) return 0;
  const words = lexicon();
  const mask = words.get(text, start, end);
  return mask !== 0 || isPlain(text, start, end) ? mask : lookUpFolded(text.slice(start, end));
}

function lookUpFolded(written: string): number {
  const words = lexicon();
  const word = foldWord(written);
  const owner = word.replace(/'s?$/, '');
  return words.get(word) || words.get(owner) || words.get(owner.replaceAll("'", ''));
}

/** Whether folding would change nothing. */
function isPlain(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7e || unit === FULL_STOP || unit === APOSTROPHE) return false;
  }
  return true;
}

const FULL_STOP = 46;
const APOSTROPHE = 39;
