/** Groups from this length on are worth it: names of months are. */
const LARGE_CHARACTERS = 100;
/** Always true, and reads nothing. */
const EMPTY_LOOK_AHEAD = '(?=)';

/**
 * The same pattern for V8 with an empty look-ahead before each large group. Its compiler writes the code of a group up to
 * ten times, once for each way that comes to it with another number of characters read since the last assertion; a
 * date with the names of months took it ten milliseconds, and three with these.
 */
export function keepApart(source: string): string {
  const large: number[] = [];
  const open: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const c = source.charAt(i);
    if (c === '\\') i += 1;
    else if (c === '[') i = classEnd(source, i);
    else if (c === '(') open.push(i);
    else if (c === ')') {
      const start = open.pop() ?? 0;
      if (i - start >= LARGE_CHARACTERS) large.push(start);
    }
  }
  let out = '';
  let from = 0;
  for (const start of large.sort((a, b) => a - b)) {
    out += source.slice(from, start) + EMPTY_LOOK_AHEAD;
    from = start;
  }
  return out + source.slice(from);
}

/** Where the class ends that begins at `start`. */
function classEnd(source: string, start: number): number {
  let i = start + 1;
  while (i < source.length && source.charAt(i) !== ']') i += source.charAt(i) === '\\' ? 2 : 1;
  return i;
}
