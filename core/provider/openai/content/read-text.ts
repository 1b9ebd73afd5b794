import { decodeJsonText } from '../json.ts';

/** What may be lines of JSON; not looked into further, since a file can have more lines than there is time to parse. */
const JSON_START = /^\s{0,64}[[{"]/;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g;
const CODE_ESCAPE = /\\u([0-9a-fA-F]{4})/g;
const LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
/** JSON within JSON within JSON. */
const MAX_LEVELS = 3;

/**
 * The text of a file as a reader of it sees it: JSON, whole or in lines, with its escapes resolved. Of anything else, escapes of
 * characters are resolved wherever they stand, beside the text as it is.
 */
export function readFileText(text: string): string {
  const whole = decodeJsonText(text);
  if (whole !== undefined || !text.includes('\\')) return whole ?? text;
  if (JSON_START.test(text)) return resolve(text);
  const loose = text.replace(CODE_ESCAPE, (_, digits: string) => charOf(digits));
  return loose === text ? text : `${text}\n${loose}`;
}

function resolve(text: string): string {
  let out = text;
  for (let level = 0; level < MAX_LEVELS && out.includes('\\'); level++) {
    out = out.replace(ESCAPE, (_, digits: string | undefined, letter = '') =>
      digits === undefined ? (LETTERS[letter] ?? letter) : charOf(digits),
    );
  }
  return out;
}

function charOf(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}
