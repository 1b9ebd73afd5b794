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
/** Has no accents: most words. */
const ASCII = /^[\0-\x7f]*$/;
const MARKS = /\p{M}/gu;

/** A word as the lists write it: small letters, without accents and full stops (`Núñez` is `nunez`, `M.D.` is `md`). */
export function foldWord(word: string): string {
  const small = word.toLowerCase();
  if (ASCII.test(small)) return small.includes('.') ? small.replaceAll('.', '') : small;
  return small
    .normalize('NFD')
    .replace(MARKS, '')
    .replace(SPECIAL_LETTER, (letter) => LETTERS[letter] ?? letter)
    .replaceAll('.', '');
}
