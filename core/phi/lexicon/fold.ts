/** Letters that no decomposition takes apart, as the lists write them. */
const LETTERS: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  '’': "'",
  '‘': "'",
};
const SPECIAL_LETTER = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');
/** What folding does not change: most words. */
const PLAIN = /^[a-z'-]*$/;
const MARKS = /\p{M}/gu;

/** A word as the lists write it: small letters, without accents and full stops (`Núñez` is `nunez`, `M.D.` is `md`). */
export function foldWord(word: string): string {
  if (PLAIN.test(word)) return word;
  return word
    .toLowerCase()
    .normalize('NFD')
    .replace(MARKS, '')
    .replace(SPECIAL_LETTER, (letter) => LETTERS[letter] ?? letter)
    .replaceAll('.', '');
}
