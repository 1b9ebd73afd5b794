import { EvidenceError } from './error.ts';

// A mark at the start is text like any other: what was signed has it.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The UTF-8 text of the bytes.
 * @throws EvidenceError malformed
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new EvidenceError('malformed', 'not UTF-8', cause);
  }
}

/** The bytes of a text in UTF-8. */
export function encodeText(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}
