import { MAX_DEPTH } from './structure.ts';

/** Why a JSON text is not accepted. */
export type JsonFault =
  | 'not JSON'
  | 'nested too deep'
  | 'too many values'
  | 'a key stands twice in one object';

export class JsonError extends Error {
  readonly fault: JsonFault;

  constructor(fault: JsonFault, options?: { readonly cause?: unknown }) {
    super(fault, options);
    this.name = 'JsonError';
    this.fault = fault;
  }
}

/** Values (strings, numbers, objects, ...) and keys in one document. */
export const MAX_VALUES = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Parses JSON from outside, with limits that hold before anything is built: nesting (MAX_DEPTH) and
 * number of values (MAX_VALUES). A document in which a key stands twice in one object is refused, because
 * two parsers may read it differently: one here, another one at the provider.
 *
 * @throws JsonError
 */
export function parseJson(text: string): unknown {
  const strings = scan(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new JsonError('not JSON');
  }
  if (countStrings(value) !== strings) throw new JsonError('a key stands twice in one object');
  return value;
}

/** How many string literals (keys and values) a valid JSON text holds. */
export function countLiterals(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    count++;
    at = skipString(text, at);
  }
  return count;
}

/** How many keys and string values a parsed value holds. Recursive: only for bounded depth. */
function countStrings(value: unknown): number {
  if (typeof value === 'string') return 1;
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countStrings(item);
    return count;
  }
  for (const item of Object.values(value)) count += 1 + countStrings(item);
  return count;
}

/** One pass over the text, built of hops from string to string; the number of string literals. */
function scan(text: string): number {
  let depth = 0;
  let values = 0;
  let strings = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        strings++;
        at = skipString(text, at) - 1;
        break;
      case 0x7b: // {
      case 0x5b: // [
        values++;
        if (++depth > MAX_DEPTH) throw new JsonError('nested too deep');
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x2c: // ,
      case 0x3a: // :
        values++;
        break;
    }
    if (values > MAX_VALUES) throw new JsonError('too many values');
  }
  return strings;
}

/** The offset after the string literal that starts at `start`; the text's end when it is not closed. */
export function skipString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

/**
 * The text as a reader sees it when it is JSON (tool arguments, tool outputs): the same JSON with every
 * escape resolved, also in strings that are JSON themselves. Undefined when the text is not JSON, or holds no
 * escape and so reads plainly as it is.
 */
export function decodeJsonText(text: string): string | undefined {
  if (!text.includes('\\') || !/^\s*[[{"]/.test(text)) return undefined;
  try {
    return renderPlain(parseJson(text));
  } catch {
    return undefined;
  }
}

/**
 * A JSON value of bounded depth as text with its escapes resolved: for reading, it need not parse again.
 * The recursion through strings ends, because each level of escaping at least halves what is left.
 */
export function renderPlain(value: unknown): string {
  if (typeof value === 'string') return `"${decodeJsonText(value) ?? value}"`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(renderPlain).join(',')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `"${key}":${renderPlain(item)}`)
    .join(',')}}`;
}
