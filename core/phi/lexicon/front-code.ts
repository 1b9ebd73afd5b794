/**
 * The words of a front-coded list: for each a capital letter that says how many letters it shares with the word
 * before it (`A` none, `Z` 25), then the rest of it. `AsalemDtBioux falls` is `salem`, `salt`, `sioux falls`.
 */
export function decodeFrontCoded(list: string): string[] {
  let word = '';
  return (list.match(/[A-Z][^A-Z]*/g) ?? []).map((entry) => {
    word = word.slice(0, entry.charCodeAt(0) - 65) + entry.slice(1);
    return word;
  });
}
