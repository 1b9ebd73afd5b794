/** Tells whether a name fits. */
export type Matcher = (name: string) => boolean;

/**
 * A matcher for names where `*` stands for any number of characters and all else for itself.
 * Its time is linear in the name for each literal part; a pattern of an admin never becomes a RegExp.
 */
export function compileGlob(pattern: string): Matcher {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return (name) => name === first;
  const last = parts[parts.length - 1] ?? '';
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (name) => {
    if (name.length < first.length + last.length) return false;
    if (!name.startsWith(first) || !name.endsWith(last)) return false;
    let from = first.length;
    // The leftmost fit of each part leaves the most room for the rest, so no step is ever taken back.
    for (const part of middle) {
      const at = name.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return from <= name.length - last.length;
  };
}

/** A matcher for names that fit any of the patterns; every name when there are none. */
export function compileGlobs(patterns: readonly string[]): Matcher {
  if (patterns.length === 0 || patterns.includes('*')) return () => true;
  const matchers = patterns.map(compileGlob);
  return (name) => matchers.some((matches) => matches(name));
}
