const LETTERS = 26;
const SMALL_A = 0x61;

/** The pairs of letters that stand together most in the words and names of core/phi/lexicon: 83 of 100 there, 24 of 100 by chance. */
const PAIRS = tabulate(
  'ab ac ad ag ah ai al am an ap ar as at au av ay ba be bi bl bo br ca ce ch ci ck co ct da de di do dr ea ec ed ee ' +
    'ei el em en er es et ev ey fe fi ga ge gh gi gr ha he hi ho ia ic id ie ig il im in io ir is it iv ja ka ke ki la ' +
    'ld le li ll lo lu ly ma me mi mo mp na nc nd ne ng ni nn no ns nt od ol om on oo or os ot ou ow pa pe pi po pr qu ' +
    'ra rd re ri rl rm rn ro rr rs rt ru ry sa sc se sh si so sp ss st su ta te th ti to tr ts tt ue ul un ur us ut va ' +
    've vi wa we wi ya yl yn',
);
/** So many pairs in a row tell words from what is drawn: of 24 letters and digits by chance 4 in 1,000 are taken for words. */
const STRETCH = 12;
/** What is shorter than that tells nothing. */
const MIN_PAIRS = 4;
/** Of the pairs of a stretch, of 1. */
const MIN_USUAL = 0.7;
/** Of 24 small letters and digits by chance 4 in 10,000 have so many digits in a row; of shorter rows some in a hundred. */
const LONG_NUMBER = /\d{8}/;

/** True for letters and digits that are drawn by chance: no words stand in them, and no long number. */
export function isDrawn(text: string): boolean {
  return !LONG_NUMBER.test(text) && !hasWords(text.toLowerCase());
}

function hasWords(text: string): boolean {
  // Of each pair of letters, whether it is usual.
  const pairs: number[] = [];
  for (let at = 1; at < text.length; at++) {
    const one = text.charCodeAt(at - 1) - SMALL_A;
    const next = text.charCodeAt(at) - SMALL_A;
    // Digits and signs come before letters.
    if (one >= 0 && next >= 0) pairs.push(PAIRS[one * LETTERS + next] ?? 0);
  }
  const length = Math.min(STRETCH, pairs.length);
  if (length < MIN_PAIRS) return false;
  let usual = 0;
  for (let at = 0; at < pairs.length; at++) {
    usual += (pairs[at] ?? 0) - (at < length ? 0 : (pairs[at - length] ?? 0));
    if (at >= length - 1 && usual >= length * MIN_USUAL) return true;
  }
  return false;
}

function tabulate(pairs: string): Uint8Array {
  const table = new Uint8Array(LETTERS * LETTERS);
  for (const pair of pairs.split(' '))
    table[(pair.charCodeAt(0) - SMALL_A) * LETTERS + pair.charCodeAt(1) - SMALL_A] = 1;
  return table;
}
