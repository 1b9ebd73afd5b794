/**
 * Decodes base64 of RFC 4648, section 4, in its one canonical form: padded, without blanks, unused bits zero.
 * @returns undefined for anything else
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}

/** Base64 of RFC 4648, section 4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
