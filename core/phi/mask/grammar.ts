/* What JSON is made of (RFC 8259), and limits to it. */

/** Deeper nesting, and longer numbers, than any client sends. */
export const MAX_DEPTH = 256;
export const MAX_NUMBER_CHARACTERS = 512;
export const MAX_KEY_CHARACTERS = 64;
export const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
export const NUMBER_UNIT = /[-+.0-9eE]/;
export const LITERALS: readonly string[] = ['true', 'false', 'null'];
export const WHITESPACE = /[ \t\r\n]/;
/** What ends a run of plain characters in a string: the quote, an escape, or what JSON forbids there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what RFC 8259 forbids in a string.
export const STRING_STOP = /["\\\u0000-\u001f]/g;
const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** The unit that an escape stands for; undefined for what is none. */
export function readEscape(written: string): number | 'unfinished' | undefined {
  if (written === '\\u') return 'unfinished';
  if (written.length === 2) return SIMPLE_ESCAPES.get(written.charAt(1))?.charCodeAt(0);
  if (!/^\\u[0-9A-Fa-f]{1,4}$/.test(written)) return undefined;
  return written.length === 6 ? Number.parseInt(written.slice(2), 16) : 'unfinished';
}

/** What the grammar of RFC 8259 allows next. */
export type Place =
  | 'value'
  | 'value-or-end'
  | 'key'
  | 'key-or-end'
  | 'colon'
  | 'comma'
  | 'done'
  | 'string'
  | 'word'
  | 'text';

export interface Container {
  readonly kind: 'object' | 'array';
  /** The key under which it stands, or that of the array around it. */
  readonly name: string;
  /** The last key read, decoded. */
  key: string;
  /** How many values of it were read. */
  values: number;
}
