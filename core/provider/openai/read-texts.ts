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
/** Six bytes at least: less is no text that says anything of anybody. */
const BASE64_START = /^\s*(?:[A-Za-z0-9+/_-]\s*){8}/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
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
  const content = readContent(value, key);
  if (content !== undefined) report(content, key, place, found);
  found.texts.push({
    place,
    text: content === undefined ? (decodeJsonText(value) ?? value) : readBoth(value, content),
  });
}

/** Tells of media and documents that are no text. */
function report({ type, bytes }: Content, key: string, place: string, { onOpaque }: Found): void {
  if (onOpaque === undefined || isCipherKey(key)) return;
  const { kind } = sniff(bytes);
  if (kind !== undefined) onOpaque(describeOpaque(place, kind, readMediaType(type), bytes));
}

/** What a string holds in an encoded form. */
interface Content {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** It may be meant as it stands, too. */
  readonly loose: boolean;
}

/** The content in a data URL, or in base64 where the API has such; written as lenient readers would still take it. */
function readContent(value: string, key: string): Content | undefined {
  const [, type, base64, data] = ANY_DATA_URL.exec(value) ?? [];
  const isMedia = isMediaKey(key);
  if (type !== undefined && data !== undefined) {
    // A text may begin with "Data:" and have a comma.
    if (base64 === undefined && !isMedia && !data.includes('%')) return undefined;
    const bytes = base64 === undefined ? decodePercent(data) : Buffer.from(data, 'base64');
    return { type, bytes, loose: !isMedia || !DATA_URL.test(value) };
  }
  if (!isMedia || !BASE64_START.test(value)) return undefined;
  const packed = value.replaceAll(/\s/g, '');
  if (!BASE64.test(packed)) return undefined;
  const bytes = Buffer.from(packed, 'base64');
  if (isOpaque(key, packed)) return { type: '', bytes, loose: packed !== value };
  // What is that short is no picture and no sound.
  return decodeUtf8(bytes) === undefined ? undefined : { type: '', bytes, loose: true };
}

/** The text of a content, or words that say that there is none to read; beside the string itself where it may be meant. */
function readBoth(value: string, { type, bytes, loose }: Content): string {
  const text = readText(type, bytes);
  if (!loose) return text ?? `(data that cannot be read, ${value.length} characters)`;
  return text === undefined || value.endsWith(text) ? value : `${value}\n${text}`;
}

function readText(type: string, bytes: Uint8Array): string | undefined {
  if (!TEXT_TYPE.test(type)) return sniff(bytes).text ?? decodeUtf8(bytes);
  // However it is encoded: one byte that is no UTF-8, or UTF-16, must not hide a text. The NULs are UTF-16's.
  return ANY_UTF8.decode(bytes).replaceAll('\0', '');
}

function decodePercent(text: string): Uint8Array {
  return Buffer.concat(
    text
      .split(/(%[0-9a-f]{2})/i)
      .map((piece, index) =>
        Buffer.from(index % 2 === 1 ? piece.slice(1) : piece, index % 2 === 1 ? 'hex' : 'utf8'),
      ),
  );
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function join(place: string, key: string): string {
  if (!isPlainKey(key)) return `${place}[${JSON.stringify(key)}]`;
  return place === '' ? key : `${place}.${key}`;
}
