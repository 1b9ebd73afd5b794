import { Buffer } from 'node:buffer';
import { isBase64From } from '../base64.ts';
import { isBase64, isMediaKey, MIN_BASE64_CHARS } from '../structure.ts';
import { sniff } from './sniff.ts';

/** What a string of the API holds in an encoded form. */
export interface Encoded {
  /** The type that it declares; empty without one. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** What stands before the base64: the beginning of a data URL. */
  readonly prefix: string;
  /** It is not written as the API has it, and may be meant as it stands. */
  readonly loose: boolean;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const ANY_UTF8 = new TextDecoder('utf-8');
/** The beginnings of data URLs: as the API has them, and as lenient readers take them. */
const DATA_URL = /^data:[^,]{0,200};base64,/i;
const ANY_DATA_URL = /^data:([^,]{0,200}?)(\s{0,9};\s{0,9}base64\s{0,9})?,/i;
const PERCENT = 0x25;
const HEX_DIGITS = '0123456789abcdef';
/** Six bytes at least: less is no text that says anything of anybody. */
const BASE64_START = /^[A-Za-z0-9+/_-]{8}/;
const HEXADECIMAL = /^(?=\D*\d)[0-9a-f]+$/;
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|csv|x-ndjson))/i;

/** The content in a data URL, or in base64 where the API has such; written as lenient readers would still take it. */
export function readEncoded(value: string, key: string): Encoded | undefined {
  const trimmed = value.trimStart();
  const [head = '', type, base64] = ANY_DATA_URL.exec(trimmed) ?? [];
  const isMedia = isMediaKey(key);
  if (type !== undefined) {
    const data = trimmed.slice(head.length);
    // A text may begin with "Data:", and have a comma and percents.
    if (base64 === undefined && !isMedia && !isPercents(value)) return undefined;
    const bytes = base64 === undefined ? decodePercent(data) : Buffer.from(data, 'base64');
    const prefix = base64 === undefined ? `data:${type};base64,` : value.slice(0, -data.length || undefined);
    const [strict] = DATA_URL.exec(value) ?? [];
    const isStrict = isMedia && strict !== undefined && isBase64From(value, strict.length, 'standard');
    return { type, bytes, prefix, loose: !isStrict };
  }
  if (!isMedia) return undefined;
  const packed = value.replaceAll(/\s/g, '');
  if (!BASE64_START.test(packed) || !isBase64From(packed, 0, 'any')) return undefined;
  const bytes = Buffer.from(packed, 'base64');
  if (isBase64(key, packed)) return { type: '', bytes, prefix: '', loose: packed !== value };
  // What is that short is no picture and no sound.
  const short = { type: '', bytes, prefix: '', loose: true };
  return readEncodedText(short) === undefined ? undefined : short;
}

/** The text that is encoded, or undefined when it is none. */
export function readEncodedText({ type, bytes }: Encoded): string | undefined {
  if (!TEXT_TYPE.test(type)) return sniff(bytes).text ?? decodeUtf8(bytes);
  // However it is encoded: one byte that is no UTF-8, or UTF-16, must not hide a text. The NULs are UTF-16's.
  return ANY_UTF8.decode(bytes).replaceAll('\0', '');
}

/** Whether a text is base64 of what is no text, long enough to be none by chance. Digests in hexadecimal are letters of base64 as well. */
export function holdsUnreadable(value: string): boolean {
  if (value.length < MIN_BASE64_CHARS || HEXADECIMAL.test(value)) return false;
  const encoded = readEncoded(value, 'data');
  // Silence is no text of control characters.
  return encoded !== undefined && sniff(encoded.bytes).text === undefined;
}

/** Whether a text is all one URL, with signs in percents. */
function isPercents(value: string): boolean {
  return /%[0-9a-f]{2}/i.test(value) && !/\s/.test(value.trim());
}

function decodePercent(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const high = bytes[at] === PERCENT ? hexOf(bytes[at + 1]) : -1;
    const low = high < 0 ? -1 : hexOf(bytes[at + 2]);
    bytes[length++] = low < 0 ? (bytes[at] as number) : high * 16 + low;
    if (low >= 0) at += 2;
  }
  return bytes.subarray(0, length);
}

/** What a digit stands for; -1 for any other byte. */
function hexOf(byte = 0): number {
  return HEX_DIGITS.indexOf(String.fromCharCode(byte).toLowerCase());
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
