/** A list up to this length is told whole. */
const LISTED_MAX = 12;
const NAMED_MAX = 3;
/** Longer names are no slip of a known one. */
const MAX_NAME_CHARS = 64;

/** What to write in the place of an unknown name: `did you mean US_SSN?`, or all that there are where none is near. */
export function suggest(name: string, known: readonly string[]): string {
  const near = known.length <= LISTED_MAX ? [] : nearest(name, known);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  return `there are ${known.length === 0 ? 'none' : known.join(', ')}`;
}

/** Those known names that take the fewest changes of a letter, where these are few, or that have the name in them. */
function nearest(name: string, known: readonly string[]): string[] {
  if (name.length > MAX_NAME_CHARS) return [];
  const typed = name.toLowerCase();
  const ranked = known
    .map((one) => ({ one, changes: changesBetween(typed, one.toLowerCase()) }))
    .filter(({ one, changes }) => changes <= typed.length / 3 || isPart(typed, one.toLowerCase()));
  const fewest = Math.min(...ranked.map(({ changes }) => changes));
  return ranked.flatMap(({ one, changes }) => (changes === fewest ? [one] : [])).slice(0, NAMED_MAX);
}

function isPart(typed: string, known: string): boolean {
  return typed.length > 2 && known.includes(typed);
}

/** How many letters have to be put in, left out or replaced to make the one of the other (Levenshtein's distance). */
function changesBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
