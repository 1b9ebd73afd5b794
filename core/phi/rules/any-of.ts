/** A pattern for any of the words that shares their beginnings: `anna`, `anne` give `ann(?:a|e)`. */
export function anyOf(words: readonly string[]): string {
  const byFirst = new Map<string, string[]>();
  let ends = false;
  for (const word of words) {
    if (word === '') {
      ends = true;
      continue;
    }
    const rests = byFirst.get(word.charAt(0)) ?? [];
    rests.push(word.slice(1));
    byFirst.set(word.charAt(0), rests);
  }
  const branches = Array.from(byFirst, ([first, rests]) => first + anyOf(rests));
  if (branches.length === 0) return '';
  if (branches.length === 1 && !ends) return branches[0] ?? '';
  return `(?:${branches.join('|')})${ends ? '?' : ''}`;
}
