import { readMediaType } from './content/kind.ts';
import { describeOpaque, type OnOpaque } from './content/opaque.ts';
import { sniff } from './content/sniff.ts';
import { decodeJsonText, renderPlain } from './json.ts';
import { isCipherKey, isFree, isMediaKey, isName, isOpaque, isPlainKey } from './structure.ts';

/** A text of the request, as a reader would see it, and where it stands. */
export interface PromptText {
  /** `input[2].content`, `metadata.patient`; keys that are not plain words are quoted: `metadata["a b"]`. */
  readonly place: string;
  readonly text: string;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const ANY_UTF8 = new TextDecoder('utf-8');
const DATA_URL = /^data:([^,]{0,200});base64,([A-Za-z0-9+/]*={0,2})$/i;
const ANY_DATA_URL = /^\s*data:([^,]{0,200}?)(\s{0,9};\s{0,9}base64\s{0,9})?,([\s\S]*)$/i;
const BASE64_START = /^\s*[A-Za-z0-9+/_-]{60}/;
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|csv|x-ndjson))/i;

/**
 * Reads every string of a parsed request body, in document order, each once:
 *
 * - a string that is JSON (tool arguments, tool outputs) is read with its escapes resolved, since
 *   "\\nJohn" hides the start of a word;
 * - entries of maps whose keys are the caller's (metadata, schemas) are read with their key,
 *   `mrn: 1234567`, numbers included: the key is what tells such a value from any other; so are comparisons in filters;
 * - base64 of a text is read decoded; of other base64 (media, documents, ciphertext) only stands there that it cannot
 *   be read, so that a reviewer knows of it;
 * - the API's own words (types, roles, the model) and ids that the provider issued are no text. An id of
 *   another form was chosen by the caller and is read.
 *
 * The depth of `body` must be bounded (parseJson sees to it). `onOpaque` is told of media and documents that cannot be read.
 */
export function readTexts(body: object, onOpaque?: OnOpaque): PromptText[] {
  const found: Found = { texts: [], onOpaque };
  readObject(body, '', found);
  return found.texts;
}

interface Found {
  readonly texts: PromptText[];
  readonly onOpaque: OnOpaque | undefined;
}

function readValue(value: unknown, key: string, place: string, found: Found): void {
  if (typeof value === 'string') {
    readString(value, key, place, found);
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++)
      readValue(value[index], key, `${place}[${index}]`, found);
  } else if (typeof value === 'object' && value !== null) {
    if (isFree(key)) readMap(value, place, found);
    else readObject(value, place, found);
  }
}

function readObject(value: object, place: string, found: Found): void {
  const isFilter = 'key' in value && typeof value.key === 'string' && 'value' in value;
  for (const [key, item] of Object.entries(value)) {
    const inner = join(place, key);
    if (!isPlainKey(key)) found.texts.push({ place: inner, text: key });
    // A comparison, `{"key": "mrn", "op": "eq", "value": 1234567}`, is an entry of a map, written in another way.
    if (isFilter && key === 'value')
      found.texts.push({ place: inner, text: `${value.key}: ${renderPlain(item)}` });
    else readValue(item, key, inner, found);
  }
}

function readMap(value: object, place: string, found: Found): void {
  for (const [key, item] of Object.entries(value)) {
    const text = typeof item === 'string' ? (decodeJsonText(item) ?? item) : renderPlain(item);
    found.texts.push({ place: join(place, key), text: `${key}: ${text}` });
  }
}

function readString(value: string, key: string, place: string, found: Found): void {
  if (value === '' || isName(key, value)) return;
  report(value, key, place, found);
  if (isOpaque(key, value)) {
    found.texts.push({ place, text: decodeBase64(value) ?? unreadable(value) });
    return;
  }
  const file = readDataUrl(value);
  if (file !== undefined && isMediaKey(key)) found.texts.push({ place, text: file });
  else
    found.texts.push({
      place,
      text: decodeJsonText(value) ?? (file === undefined ? value : `${value}\n${file}`),
    });
}

/** Tells of media and documents that are no text. */
function report(value: string, key: string, place: string, { onOpaque }: Found): void {
  if (onOpaque === undefined || isCipherKey(key)) return;
  const content = readContent(value, key);
  const kind = content && sniff(content.bytes).kind;
  if (kind !== undefined)
    onOpaque(describeOpaque(place, kind, readMediaType(content?.type), content?.bytes ?? NONE));
}

const NONE = new Uint8Array();

/** The content in a data URL, or in base64 where the API has such; written as lenient readers would still take it. */
function readContent(value: string, key: string): { type: string; bytes: Uint8Array } | undefined {
  const [, type, base64, data] = ANY_DATA_URL.exec(value) ?? [];
  if (type !== undefined && data !== undefined) {
    return { type, bytes: base64 === undefined ? decodePercent(data) : Buffer.from(data, 'base64') };
  }
  if (!isMediaKey(key) || !BASE64_START.test(value)) return undefined;
  return isOpaque(key, value.replaceAll(/\s/g, ''))
    ? { type: '', bytes: Buffer.from(value, 'base64') }
    : undefined;
}

function decodePercent(text: string): Uint8Array {
  const decoded = text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}

/** The text in a data URL, or words that say that there is none to read; undefined for anything else. */
function readDataUrl(value: string): string | undefined {
  const [, type, data] = DATA_URL.exec(value) ?? [];
  if (type === undefined || data === undefined) return undefined;
  if (!TEXT_TYPE.test(type)) return decodeBase64(data) ?? unreadable(value);
  // However it is encoded: one byte that is no UTF-8, or UTF-16, must not hide a text. The NULs are UTF-16's.
  return ANY_UTF8.decode(Buffer.from(data, 'base64')).replaceAll('\0', '');
}

function unreadable(value: string): string {
  return `(data that cannot be read, ${value.length} characters)`;
}

/** The text behind base64, or undefined when it is not UTF-8 text. */
function decodeBase64(value: string): string | undefined {
  // A media URL has letters that are not base64, which the decoder would skip.
  if (value.startsWith('data:')) return undefined;
  try {
    return UTF8.decode(Buffer.from(value, 'base64'));
  } catch {
    return undefined;
  }
}

function join(place: string, key: string): string {
  if (!isPlainKey(key)) return `${place}[${JSON.stringify(key)}]`;
  return place === '' ? key : `${place}.${key}`;
}
