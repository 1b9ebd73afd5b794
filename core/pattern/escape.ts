import { type CharSet, MAX_CODE_POINT } from './chars.ts';
import { unicodeProperty } from './classes.ts';
import { PatternError } from './error.ts';
import type { Reader } from './reader.ts';

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
]);

/** Reads the one character that an escape stands for; the backslash at `start` has been read. */
export function readEscape(reader: Reader, start: number): number {
  if (reader.done) throw new PatternError('a backslash at the end', start);
  if (reader.at('k') || reader.match(/[1-9](?![0-7])|[89]/y) !== undefined) {
    throw new PatternError('back-references are not supported', start);
  }
  const octal = reader.match(/[0-7]{1,3}/y);
  if (octal !== undefined) return Number.parseInt(octal[0], 8);
  const hex = reader.match(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/y);
  if (hex !== undefined) {
    const value = Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    if (value > MAX_CODE_POINT) throw new PatternError('a character beyond Unicode', start);
    return value;
  }
  const control = CONTROLS.get(reader.peek());
  if (control === undefined && /^[0-9A-Za-z]|^[^\0-\x7f]/.test(reader.peek())) {
    throw new PatternError(`\\${reader.peek()} is not an escape that RE2 has`, start);
  }
  const literal = reader.next();
  return control ?? literal;
}

/** Reads what follows `\p`: one letter or a name in braces, with `^` for its complement. */
export function readProperty(reader: Reader, start: number): { set: CharSet; negated: boolean } {
  const found = reader.match(/\{(\^?)([^}]*)\}/y) ?? reader.match(/()([A-Za-z])/y);
  const set = found === undefined ? undefined : unicodeProperty(found[2] ?? '');
  if (found === undefined || set === undefined) {
    throw new PatternError('\\p of a category or script that is not supported', start);
  }
  return { set, negated: found[1] === '^' };
}
