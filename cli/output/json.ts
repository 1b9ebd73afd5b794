import type { JsonValue } from '@bufbuild/protobuf';

/**
 * What `JSON.stringify` leaves as it is though a terminal could obey it: DEL, C1 controls and bidirectional
 * controls. Inside JSON they can only stand in strings, where the escape means the same.
 */
const UNESCAPED = /[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Escapes, in text whose strings are all JSON strings, what a terminal could obey. */
export function escapeUnsafe(json: string): string {
  return json.replace(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Indented JSON with a line end. */
export function formatJson(value: JsonValue): string {
  return `${escapeUnsafe(JSON.stringify(value, undefined, 2))}\n`;
}

/** JSON on one line with a line end (https://jsonlines.org). */
export function formatJsonLine(value: JsonValue): string {
  return `${escapeUnsafe(JSON.stringify(value))}\n`;
}
