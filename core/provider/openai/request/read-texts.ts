import type { Masker, MaskStream } from '#core/phi/mask.ts';
import { isBase64From } from '../base64.ts';
import { findDataUrls } from '../content/data-urls.ts';
import { type Encoded, readEncoded, readEncodedText } from '../content/encoded.ts';
import { readMediaType } from '../content/kind.ts';
import { describeOpaque, type OnOpaque, roughly } from '../content/opaque.ts';
import { readFileText } from '../content/read-text.ts';
import { sniff } from '../content/sniff.ts';
import { decodeJsonText, renderPlain } from '../json.ts';
import { entryOf } from '../labels.ts';
import { isKnownMember } from '../members.ts';
import { isUnknownNumber } from '../numbers.ts';
import { isCipherKey, isFree, isJsonText, isMediaKey, isPlainKey, MIN_BASE64_CHARS } from '../structure.ts';
import { isRequestName } from './request-names.ts';

/** Of a data URL that says no more than its type. */
const PLAIN_PREFIX = /^(?:data:(?!.*\d{3})[\w.+/-]{0,100}(?:;charset=[\w-]{1,20})?;base64,)?$/i;

/** What is shorter is no picture, and may be bytes by chance. */
const MIN_MEDIA_BYTES = (MIN_BASE64_CHARS * 3) / 4;

/** A text of the request, as a reader would see it, and where it stands. */
export interface PromptText {
  /** `input[2].content`, `metadata.patient`; keys that are not plain words are quoted: `metadata["a b"]`. */
  readonly place: string;
  readonly text: string;
  /** The text as JSON, where it is that: findings are those in its decoded values, under their keys, as in an answer. */
  readonly json?: string;
}

/** What a masker reads of a text, and the stream in which it does. */
export function streamOf(
  masker: Masker,
  { text, json }: Pick<PromptText, 'text' | 'json'>,
): { readonly stream: MaskStream; readonly text: string } {
  return json === undefined ? { stream: masker.stream(), text } : { stream: masker.jsonStream(), text: json };
}

/**
 * Reads every string of a parsed request body, in document order, each once:
 *
 * - a string that is JSON (tool arguments, tool outputs) is shown and searched with its escapes resolved, since
 *   "\\nJohn" hides the start of a word, and judged as JSON;
 * - entries of maps whose keys are the caller's (metadata, schemas) are read with their key,
 *   `mrn: 1234567`, numbers included: the key is what tells such a value from any other; so are comparisons in filters;
 * - names of members that the API does not have are read as well, and their numbers where they are as long as what identifies;
 * - base64 of a text is read decoded, also in data URLs within a text; of other base64 (media, documents, ciphertext) only stands there that it cannot
 *   be read, so that a reviewer knows of it;
 * - the API's own words (types, roles, the model) and ids that were drawn by chance are no text. Any other word or id was
 *   chosen by the caller and is read.
 *
 * The depth of `body` must be bounded (parseJson sees to it). `onOpaque` is told of media and documents that cannot be read.
 */
export function readTexts(body: object, onOpaque?: OnOpaque): PromptText[] {
  const found: Found = { texts: [], onOpaque };
  readObject(body, '', found);
  return found.texts;
}

/** What was read so far, and who is told of media. */
export interface Found {
  readonly texts: PromptText[];
  readonly onOpaque: OnOpaque | undefined;
}

function readValue(value: unknown, key: string, place: string, found: Found): void {
  if (typeof value === 'string') {
    readString(value, key, place, found);
  } else if (typeof value === 'number') {
    if (isUnknownNumber(key, value, place)) found.texts.push(entryText(place, key, value));
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
  found.texts.push(...readNames(place, Object.keys(value).filter(isPlainKey)));
  for (const [key, item] of Object.entries(value)) {
    const inner = joinPlace(place, key);
    if (!isPlainKey(key)) found.texts.push({ place: inner, text: key });
    // A comparison, `{"key": "mrn", "op": "eq", "value": 1234567}`, is an entry of a map, written in another way.
    if (isFilter && key === 'value') add(entryText(inner, String(value.key), item), found);
    else readValue(item, key, inner, found);
  }
}

function readMap(value: object, place: string, found: Found): void {
  for (const [key, item] of Object.entries(value)) {
    const inner = joinPlace(place, key);
    found.texts.push(entryText(inner, key, item));
    readWithin(item, key, inner, found);
  }
}

/** Reads what is encoded in an entry of a map: a variable of a prompt may be a file or a picture. */
function readWithin(value: unknown, key: string, place: string, found: Found): void {
  if (typeof value === 'string') {
    const content = readWhole(value, key);
    if (content !== undefined) readContent(value, content, key, place, found);
    else readDataUrls(decodeJsonText(value) ?? value, place, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      if (Array.isArray(value)) readWithin(item, key, `${place}[${name}]`, found);
      else readWithin(item, name, joinPlace(place, name), found);
    }
  }
}

/** Of names of members, or of fields, those that the API does not have: their author may have put words into them. */
export function readNames(place: string, names: readonly string[]): PromptText[] {
  const unknown = names.filter((name) => !isKnownMember(name));
  if (unknown.length === 0) return [];
  const json = JSON.stringify(Object.fromEntries(unknown.map((name) => [name, null])));
  return [{ place: place || 'body', text: unknown.join('\n'), json }];
}

/** A value and the key that tells what it is. */
function entryText(place: string, key: string, item: unknown): PromptText {
  const text = typeof item === 'string' ? (decodeJsonText(item) ?? item) : renderPlain(item);
  return { place, text: `${key}: ${text}`, json: JSON.stringify({ [key]: item }) };
}

function readString(value: string, key: string, place: string, found: Found): void {
  if (value === '' || isRequestName(key, value, place)) return;
  const content = readWhole(value, key);
  if (content !== undefined) {
    readContent(value, content, key, place, found);
  } else if (entryOf(key, value) !== undefined) {
    // The API has no such member: its key tells what it is.
    add(entryText(place, key, value), found);
  } else {
    const text = decodeJsonText(value) ?? value;
    add(isJsonText(key, value) ? { place, text, json: value } : { place, text }, found);
  }
}

/** Adds a text, and what stands in its data URLs. */
function add(read: PromptText, found: Found): void {
  found.texts.push(read);
  readDataUrls(read.text, read.place, found);
}

/** Adds the texts in the data URLs of a text, and in theirs: each is shorter than the one that it stands in. */
export function readDataUrls(text: string, place: string, found: Found): void {
  for (const content of findDataUrls(text)) {
    if (content.bytes.length >= MIN_MEDIA_BYTES) report(content, '', place, found);
    const inner = readEncodedText(content);
    if (inner === undefined) continue;
    const read = { place, text: readFileText(inner) };
    add(isJsonText('', inner) ? { ...read, json: inner } : read, found);
  }
}

/** What a string holds in an encoded form and nothing else. A data URL that has words behind it is read within the text. */
function readWhole(value: string, key: string): Encoded | undefined {
  const content = readEncoded(value, key);
  if (content === undefined || isMediaKey(key) || isBase64From(value, content.prefix.length, 'any'))
    return content;
  return findDataUrls(value).next().done ? content : undefined;
}

function readContent(value: string, content: Encoded, key: string, place: string, found: Found): void {
  report(content, key, place, found);
  const text = readEncodedText(content);
  found.texts.push({ place, text: readBoth(value, content, text) });
  if (text !== undefined) readDataUrls(text, place, found);
}

/** Tells of media and documents that are no text. */
function report({ type, bytes }: Encoded, key: string, place: string, { onOpaque }: Found): void {
  if (onOpaque === undefined || isCipherKey(key)) return;
  const { kind } = sniff(bytes);
  if (kind !== undefined) onOpaque(describeOpaque(place, kind, readMediaType(type), bytes));
}

/** The text of a content, or words that say that there is none to read; beside the string itself where it may be meant. */
function readBoth(value: string, content: Encoded, text: string | undefined): string {
  if (!content.loose) {
    const said = PLAIN_PREFIX.test(content.prefix) ? '' : `${content.prefix}\n`;
    return `${said}${text ?? `(data that cannot be read, ${roughly(content.bytes.length)})`}`;
  }
  return text === undefined || value.endsWith(text) ? value : `${value}\n${text}`;
}

/** The place of a member of what stands at a place. */
export function joinPlace(place: string, key: string): string {
  if (!isPlainKey(key)) return `${place}[${JSON.stringify(key)}]`;
  return place === '' ? key : `${place}.${key}`;
}
