import type { JsonValue } from '@bufbuild/protobuf';
import { stringify } from 'yaml';
import { escapeUnsafe } from './json.ts';
import { sanitise } from './sanitise.ts';

/**
 * YAML. Where the readable form would hold a character that a terminal could obey, all strings are written
 * double-quoted, in which such characters are escaped as in JSON.
 */
export function formatYaml(value: JsonValue): string {
  const readable = stringify(value);
  if (sanitise(readable) === readable) return readable;
  return escapeUnsafe(
    stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' }),
  );
}
