/** The digits of base64 (RFC 4648, section 4), and with those that URLs take in their place (section 5). */
export type Base64Digits = 'standard' | 'any';

const OTHERS: Readonly<Record<Base64Digits, RegExp>> = {
  standard: /[^A-Za-z0-9+/]/g,
  any: /[^A-Za-z0-9+/_-]/g,
};
const PADDING = /^={0,2}$/;

/**
 * Whether a text is base64 from a place on to its end. An expression for the whole of it takes stack for each digit: of some
 * megabytes V8 throws.
 */
export function isBase64From(text: string, from: number, digits: Base64Digits): boolean {
  const others = OTHERS[digits];
  others.lastIndex = from;
  const end = others.exec(text)?.index ?? text.length;
  return PADDING.test(text.slice(end));
}
