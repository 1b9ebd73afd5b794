import type { Masker, MaskStream } from '#core/phi/mask.ts';
import { readEncoded } from '../content/encoded.ts';
import { editJson, type JsonEdit, type JsonPath } from '../edit.ts';
import { parseJson } from '../json.ts';
import { entryOf } from '../labels.ts';
import { isKnownMember } from '../members.ts';
import { isUnknownNumber } from '../numbers.ts';
import { isFree, isJsonText, isNameKey, isOpaque } from '../structure.ts';
import { joinPlace, readTexts } from './read-texts.ts';
import { isRequestName } from './request-names.ts';

/** PHI that policy wants replaced, at a place where no token can stand. The message says why, and holds none of it. */
export class TokenizeError extends Error {
  override readonly name = 'TokenizeError';
  /** `input[0].content[1].image_url`; without keys that could be more than words. */
  readonly place: string;

  constructor(place: string, why: string) {
    super(why);
    this.place = nameless(place);
  }
}

/** UTF-16 units after which others have their turn. */
const TURN_CHARS = 256 * 1024;
/** What a text costs by itself, in as many of them: most are short. */
const TEXT_CHARS = 2_000;

type Json = Record<string, unknown>;

const IN_KEY = 'has one in a key';
/** Addresses that the provider, or a server of its tools, is to call. */
const ADDRESS_KEYS = new Set(['image_url', 'file_url', 'audio_url', 'video_url', 'server_url']);
/** A tool's name is no text: the provider takes letters, digits, `_` and `-` alone. */
const TOOL_NAME = /(?:^|\.)(?:tools|functions|tool_choice|tool_calls|function_call)\b[^"]*\.name$/;
const DATA_URL = /^\s*data:/i;

/**
 * Finds what has to be edited in a request's body so that it has tokens: yields, in document order, an edit for every string that
 * the tokenizer changes, and `undefined` now and then, so that others can have their turn. Strings that are JSON stay JSON.
 * All that readTexts reads is looked at.
 *
 * @param members the parsed body, of bounded depth
 * @param secrets the paths of credentials, which the provider would not know any more
 * @throws TokenizeError where a token cannot stand: in keys, ids, addresses, credentials, names of tools, base64
 */
export function* findTokenEdits(
  members: object,
  secrets: readonly JsonPath[],
  tokenizer: Masker,
): Generator<JsonEdit | undefined> {
  const walk = new Walk(tokenizer, new Set(secrets.map(String)));
  yield* walk.value(members, '', [], '');
}

class Walk {
  readonly #tokenizer: Masker;
  readonly #secrets: ReadonlySet<string>;
  #since = 0;

  constructor(tokenizer: Masker, secrets: ReadonlySet<string>) {
    this.#tokenizer = tokenizer;
    this.#secrets = secrets;
  }

  *value(value: unknown, key: string, path: JsonPath, place: string): Generator<JsonEdit | undefined> {
    if (typeof value === 'string') {
      yield* this.#string(value, key, path, place);
    } else if (typeof value === 'number') {
      if (isUnknownNumber(key, value, place)) yield* this.#entry(value, key, path, [place, place]);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        yield* this.value(item, key, [...path, index], `${place}[${index}]`);
    } else if (typeof value === 'object' && value !== null) {
      if (isFree(key)) yield* this.#map(value as Json, path, place);
      else yield* this.#object(value as Json, path, place);
    }
  }

  *#object(object: Json, path: JsonPath, place: string): Generator<JsonEdit | undefined> {
    const isFilter = typeof object['key'] === 'string' && 'value' in object;
    for (const [key, item] of Object.entries(object)) {
      const inner = joinPlace(place, key);
      if (!isKnownMember(key) && this.#tokenizer.mask(key).text !== key)
        throw new TokenizeError(place, IN_KEY);
      if (isFilter && key === 'value')
        yield* this.#entry(item, String(object['key']), [...path, key], [place, inner]);
      else yield* this.value(item, key, [...path, key], inner);
    }
  }

  /** A map whose keys are the caller's: each key tells what its value is. */
  *#map(map: Json, path: JsonPath, place: string): Generator<JsonEdit | undefined> {
    for (const [key, item] of Object.entries(map)) {
      yield* this.#entry(item, key, [...path, key], [place, joinPlace(place, key)]);
    }
  }

  /** @param places of the map, and of the entry in it */
  *#entry(
    item: unknown,
    key: string,
    path: JsonPath,
    [holder, place]: readonly [string, string],
  ): Generator<JsonEdit | undefined> {
    this.#requireBare(item, key, place);
    const source = JSON.stringify({ [key]: item });
    const masked = JSON.parse(yield* this.#pass(this.#tokenizer.jsonStream(), source)) as Json;
    this.#requireKey(masked, key, holder);
    yield* this.#differences(item, masked[key], path, place);
  }

  /** What is encoded in an entry cannot have a token. */
  #requireBare(value: unknown, key: string, place: string): void {
    if (typeof value === 'string' && readEncoded(value, key) !== undefined)
      this.#requireNothing(value, key, place);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, item] of Object.entries(value))
      this.#requireBare(item, Array.isArray(value) ? key : name, place);
  }

  #requireNothing(value: string, key: string, place: string): void {
    for (const { text } of readTexts({ [key]: value })) {
      if (this.#tokenizer.mask(text).text !== text)
        throw new TokenizeError(place, 'is encoded: send it as text');
    }
  }

  /** No edit changes a key. */
  #requireKey(masked: Json, key: string, place: string): void {
    if (!Object.hasOwn(masked, key) || this.#tokenizer.mask(key).text !== key)
      throw new TokenizeError(place, IN_KEY);
  }

  *#differences(
    item: unknown,
    masked: unknown,
    path: JsonPath,
    place: string,
  ): Generator<JsonEdit | undefined> {
    if (typeof item !== 'object' || item === null) {
      if (typeof masked === 'string' && masked !== item) yield this.#edit(path, place, masked);
      return;
    }
    const changed = masked as Json;
    for (const [key, inner] of Object.entries(item)) {
      const at = Array.isArray(item) ? `${place}[${key}]` : joinPlace(place, key);
      if (!Array.isArray(item)) this.#requireKey(changed, key, place);
      const step = Array.isArray(item) ? Number(key) : key;
      yield* this.#differences(inner, changed[key], [...path, step], at);
    }
  }

  *#string(value: string, key: string, path: JsonPath, place: string): Generator<JsonEdit | undefined> {
    if (value === '' || isRequestName(key, value, place)) return;
    if (isOpaque(key, value) || DATA_URL.test(value) || readEncoded(value, key) !== undefined) {
      this.#requireNothing(value, key, place);
      return;
    }
    const entry = entryOf(key, value);
    if (entry !== undefined) {
      const masked = JSON.parse(yield* this.#pass(this.#tokenizer.jsonStream(), entry)) as Json;
      this.#requireKey(masked, key, place);
      if (masked[key] !== value) yield this.#edit(path, place, String(masked[key]), key);
      return;
    }
    const stream = isJsonText(key, value) ? this.#tokenizer.jsonStream() : this.#tokenizer.stream();
    const masked = yield* this.#pass(stream, value);
    if (masked !== value) yield this.#edit(path, place, masked, key);
  }

  /** What a stream makes of a text. Others have their turn within a long one, and after many. */
  *#pass(stream: MaskStream, text: string): Generator<undefined, string> {
    this.#since += text.length + TEXT_CHARS;
    if (this.#since > TURN_CHARS) {
      this.#since = 0;
      yield undefined;
    }
    const out: string[] = [];
    for (const piece of piecesOf(stream, text)) {
      if (piece === undefined) yield undefined;
      else out.push(piece);
    }
    return out.join('');
  }

  #edit(path: JsonPath, place: string, value: string, key = ''): JsonEdit {
    const parent = path.at(-2);
    if (ADDRESS_KEYS.has(key) || (key === 'url' && ADDRESS_KEYS.has(String(parent))))
      throw new TokenizeError(place, 'is an address that is called');
    if (isNameKey(key)) throw new TokenizeError(place, 'is an id or a word of the API');
    if (path.some((_, index) => this.#secrets.has(String(path.slice(0, index + 1)))))
      throw new TokenizeError(place, 'is a credential');
    if (TOOL_NAME.test(place)) throw new TokenizeError(place, "is a tool's name");
    return { path, value };
  }
}

/** Passes a text through a stream: what comes out, and between stretches `undefined`, for others to have their turn. */
export function* piecesOf(stream: MaskStream, text: string): Generator<string | undefined> {
  for (let at = 0; at < text.length; at += TURN_CHARS) {
    if (at > 0) yield undefined;
    yield stream.push(text.slice(at, at + TURN_CHARS));
  }
  yield stream.end();
}

/**
 * A masker that does what a function does to a plain text: of JSON to its strings, also those that are JSON, its numbers and keys. It
 * counts nothing, and tells nobody where: in requests no offsets are moved.
 */
export function replaceInTexts(replace: (text: string) => string): Masker {
  const counts = {};
  const maskJson = (text: string) => {
    const value = parseOrUndefined(text);
    if (value === undefined) return { text: replace(text), counts };
    const keys = new Set<string>();
    let out = editJson(text, [...editsIn(value, [], keys)]);
    for (const key of keys) out = out.replaceAll(JSON.stringify(key), () => JSON.stringify(replace(key)));
    return { text: out, counts };
  };
  function* editsIn(value: unknown, path: JsonPath, keys: Set<string>): Generator<JsonEdit> {
    if (typeof value === 'string') {
      const replaced = isJsonText('', value) ? maskJson(value).text : replace(value);
      if (replaced !== value) yield { path, value: replaced };
    } else if (typeof value === 'number') {
      const written = String(value);
      const replaced = replace(written);
      if (replaced !== written) yield { path, value: replaced };
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) yield* editsIn(item, [...path, index], keys);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (replace(key) !== key) keys.add(key);
        yield* editsIn(item, [...path, key], keys);
      }
    }
  }
  const mask = (text: string) => ({ text: replace(text), counts });
  return {
    mask,
    maskJson,
    stream: () => atTheEnd((text) => mask(text).text),
    jsonStream: () => atTheEnd((text) => maskJson(text).text),
  };
}

function atTheEnd(replace: (text: string) => string): MaskStream {
  let source = '';
  return {
    counts: {},
    push: (chunk) => {
      source += chunk;
      return '';
    },
    end: () => replace(source),
  };
}

/** A place without the keys in it that are no plain words: they may be what was found. */
export function nameless(place: string): string {
  return place.replaceAll(/\["(?:[^"\\]|\\.)*"\]/g, '[...]') || 'body';
}

function parseOrUndefined(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
