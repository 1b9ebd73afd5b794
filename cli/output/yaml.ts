import type { JsonValue } from '@bufbuild/protobuf';
import { stringify } from 'yaml';
import { escapeUnsafe } from './json.ts';
import { sanitise } from './sanitise.ts';

/** A string of nothing but blanks and line ends, in JSON: yaml 2.9.1 loses blanks of one that it writes as a block. */
const BLANK_LINES = /"(?: |\\t)*(?:\\n(?: |\\t)*)+"/;

/**
 * YAML. Where the readable form would hold a character that a terminal could obey, all strings are written
 * double-quoted, in which such characters are escaped as in JSON.
 */
export function formatYaml(value: JsonValue): string {
  const readable = stringify(value, { blockQuote: !BLANK_LINES.test(JSON.stringify(value)) });
  if (sanitise(readable) === readable) return readable;
  return escapeUnsafe(
    stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' }),
  );
}
