/**
 * Writes each `(?i:…)` of a rule's pattern out as classes: `(?i:ab)` becomes `(?:[aA][bB])`.
 *
 * V8 13.6 has `(?i:…)` but misses matches with it: `/(?<=(?i:birth ?(?:date|day))(?: (?i:on|in))?: )\d/u` does
 * not find the 1 of `Birthdate: 1`. So V8 is never given one.
 */
export function foldCase(source: string): string {
  if (!source.includes('(?i:')) return source;
  const folding: boolean[] = [false];
  let out = '';
  for (let i = 0; i < source.length; i++) {
    const c = source.charAt(i);
    const fold = folding.at(-1) === true;
    if (c === '\\') {
      out += source.slice(i, i + 2);
      i += 1;
    } else if (c === '[') {
      const end = source.indexOf(']', source.charAt(i + 1) === ']' ? i + 2 : i + 1);
      const members = classEnd(source, i, end);
      out += fold ? foldClass(members) : members;
      i += members.length - 1;
    } else if (source.startsWith('(?i:', i)) {
      folding.push(true);
      out += '(?:';
      i += 3;
    } else if (c === '(') {
      folding.push(fold);
      const opening = source.startsWith('(?:', i) ? '(?:' : c;
      out += opening;
      i += opening.length - 1;
    } else {
      if (c === ')') folding.pop();
      out += fold ? foldLetter(c) : c;
    }
  }
  return out;
}

function foldLetter(c: string): string {
  const small = c.toLowerCase();
  const capital = c.toUpperCase();
  return small === capital || c > 'z' ? c : `[${small}${capital}]`;
}

/** `[sx]` becomes `[sSxX]`, `[a-f]` becomes `[a-fA-F]`; escapes stay. */
function foldClass(members: string): string {
  return members.replace(/\\.|[A-Za-z](?:-[A-Za-z])?/g, (part) =>
    part.startsWith('\\') ? part : part.toLowerCase() + part.toUpperCase(),
  );
}

/** The class that begins at `start`; an escaped bracket does not end it. */
function classEnd(source: string, start: number, end: number): string {
  let close = end;
  while (close >= 0 && source.charAt(close - 1) === '\\' && source.charAt(close - 2) !== '\\') {
    close = source.indexOf(']', close + 1);
  }
  if (close < 0) throw new Error('a [ without its ]');
  return source.slice(start, close + 1);
}
