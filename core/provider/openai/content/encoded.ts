import { Buffer } from 'node:buffer';
import { isBase64, isMediaKey } from '../structure.ts';
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
const DATA_URL = /^data:[^,]{0,200};base64,[A-Za-z0-9+/]*={0,2}$/i;
const ANY_DATA_URL = /^\s*data:([^,]{0,200}?)(\s{0,9};\s{0,9}base64\s{0,9})?,([\s\S]*)$/i;
/** Six bytes at least: less is no text that says anything of anybody. */
const BASE64_START = /^\s*(?:[A-Za-z0-9+/_-]\s*){8}/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|csv|x-ndjson))/i;

/** The content in a data URL, or in base64 where the API has such; written as lenient readers would still take it. */
export function readEncoded(value: string, key: string): Encoded | undefined {
  const [, type, base64, data] = ANY_DATA_URL.exec(value) ?? [];
  const isMedia = isMediaKey(key);
  if (type !== undefined && data !== undefined) {
    // A text may begin with "Data:" and have a comma.
    if (base64 === undefined && !isMedia && !data.includes('%')) return undefined;
    const bytes = base64 === undefined ? decodePercent(data) : Buffer.from(data, 'base64');
    const prefix = base64 === undefined ? `data:${type};base64,` : value.slice(0, -data.length || undefined);
    return { type, bytes, prefix, loose: !isMedia || !DATA_URL.test(value) };
  }
  if (!isMedia || !BASE64_START.test(value)) return undefined;
  const packed = value.replaceAll(/\s/g, '');
  if (!BASE64.test(packed)) return undefined;
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

function decodePercent(text: string): Uint8Array {
  const pieces = text.split(/%([0-9a-f]{2})/i);
  return Buffer.concat(pieces.map((piece, index) => Buffer.from(piece, index % 2 === 1 ? 'hex' : 'utf8')));
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
