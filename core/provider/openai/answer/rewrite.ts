import { Buffer } from 'node:buffer';
import { type Encoded, readEncoded } from '../content/encoded.ts';
import { sniff } from '../content/sniff.ts';
import { countLiterals } from '../json.ts';
import { entryOf, isList } from '../labels.ts';
import { isKnownMember } from '../members.ts';
import { isMeasure, isNumeral, replacerOf, spellsText } from '../numbers.ts';
import type { AnswerKind } from '../routes/route.ts';
import { redactTool } from '../secrets.ts';
import {
  isCipherKey,
  isFree,
  isIdKey,
  isModelId,
  isName,
  isOpaque,
  isWordKey,
  MAX_DEPTH,
  MIN_BASE64_CHARS,
} from '../structure.ts';
import { isAnswerWord } from '../words.ts';
import { moveAnnotations } from './annotations.ts';
import { isGivenName, renameId } from './naming.ts';
import { settleParts } from './parts.ts';
import { ResponseError } from './response-error.ts';
import type { Texts } from './texts.ts';

type Json = Record<string, unknown>;

/** Of a list that may be of the tokens of a text: so many are a value, and so long is one on average. */
const MIN_PIECES = 3;
const MAX_PIECE_CHARS = 8;

const PRESSED_KEY = 'keys';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const PADDINGS = [LETTERS + DIGITS, LETTERS + LETTERS.toUpperCase() + DIGITS].map((signs) => signs.repeat(4));

/**
 * Masks every string of a parsed JSON value, in place, and removes what would give the text away.
 * Nothing depends on knowing the value's shape: what is not recognised as structure is text.
 */
export class Rewrite {
  /** Something differs from what came. */
  changed = false;
  /** The strings that were looked at, keys included: all that the value holds, as long as nothing was removed. */
  strings = 0;
  readonly #texts: Texts;
  readonly #kind: AnswerKind | undefined;

  /** `kind` of a whole answer: vectors have numbers, as have transcripts, and what is known of models, which says no text again. */
  constructor(texts: Texts, kind?: AnswerKind) {
    this.#texts = texts;
    this.#kind = kind;
  }

  /**
   * Masks a value that stands at a place under a key.
   *
   * @returns the value, changed in place; a new one where it is a string or a map of the caller's.
   * @throws ResponseError when it is nested deeper than MAX_DEPTH.
   */
  value(value: unknown, key: string, place: string, depth = 0): unknown {
    if (typeof value === 'string') return this.#string(value, key, place);
    if (typeof value === 'number') return this.#number(value, key, place);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) throw new ResponseError('The answer is nested too deep.');
    if (Array.isArray(value)) {
      if (this.isSpelled(key, value)) value.length = 0;
      if (key === 'content') settleParts(value, place, this.#texts);
      let kept = 0;
      for (let index = 0; index < value.length; index++) {
        const item: unknown = value[index];
        const isVector = typeof item === 'number' && this.#hasVector(key);
        const masked = isVector ? item : this.value(item, key, `${place}.${index}`, depth + 1);
        // A letter or a token may be written as a text, too.
        const isSpelled =
          masked === null ? typeof item === 'number' : masked === item && isNumeral(key, item);
        if (isSpelled) this.changed = true;
        else value[kept++] = masked;
      }
      value.length = kept;
      return value;
    }
    // What an answer repeats of the request's tools has their credentials.
    if (key === 'tools' && redactTool(value as Json)) this.changed = true;
    return isFree(key) ? this.#map(value, key, place) : this.#object(value as Json, place, depth);
  }

  /** Whether a list that the API does not have, or of what is pressed on a keyboard, is of the pieces of a text, as tokens are, in which something is found across two. */
  isSpelled(key: string, list: readonly unknown[]): boolean {
    const mayBePieces = !isList(key) || key === PRESSED_KEY;
    if (list.length < MIN_PIECES || !mayBePieces || !list.every((item) => typeof item === 'string'))
      return false;
    const chars = list.reduce((sum, { length }) => sum + length, 0);
    if (chars > list.length * MAX_PIECE_CHARS || !this.#texts.isOneText(list)) return false;
    this.changed = true;
    return true;
  }

  /** Whether a text comes in deltas at a place. */
  isContinued(place: string): boolean {
    return this.#texts.channel(place) !== undefined;
  }

  /** Has what cannot be read go through the gate also where the API has no such member. */
  passUnknown(key: string, value: string, place: string): void {
    if (!isKnownMember(key)) this.#texts.passUnknown(place, value);
  }

  /** Masks the keys of an object that are not the API's own; the object itself when that changes none. */
  keys(object: Json, place: string): Json {
    const keys = Object.keys(object);
    if (keys.every(isKnownMember)) return object;
    const entries = new Map<string, unknown>();
    const numbers = new Map<string, number>();
    for (const key of keys) {
      const masked = isKnownMember(key) ? key : this.#texts.mask(`${place}.#${key}`, '', key);
      let name = masked;
      // Keys that become the same are told apart by a number, which goes on where the last one ended.
      for (let number = numbers.get(masked) ?? 2; entries.has(name); number++) {
        name = `${masked}_${number}`;
        numbers.set(masked, number + 1);
      }
      if (name !== key) this.changed = true;
      entries.set(name, object[key]);
    }
    return Object.fromEntries(entries);
  }

  /** Looks at an object's key: counts it, and says whether it names something that must not go out. */
  removes(holder: Json, key: string): boolean {
    this.strings++;
    const member = holder[key];
    if (typeof member === 'string' && (key === 'obfuscation' || (key === 'p' && isPadding(member)))) {
      // Random padding that hides the length of a delta; it fits the original's length.
      delete holder[key];
    } else if (this.#spells(key, member)) {
      // Token by token, the text again. Where it is an array, Python's models require one.
      if (!Array.isArray(member)) holder[key] = null;
      else if (member.length > 0) holder[key] = [];
      else return true;
    } else {
      return false;
    }
    this.changed = true;
    return true;
  }

  #spells(key: string, member: unknown): boolean {
    if (key === 'embedding' && member !== null && !this.#hasVector(key)) return true;
    return spellsText(key, member) && !(this.#kind === 'transcript' && key === 'tokens');
  }

  #hasVector(key: string): boolean {
    // Of transcripts they were taken out before where anything is masked.
    if (this.#kind === 'embeddings') return key === 'embedding' || key === 'embeddings';
    return this.#kind === 'transcript' && key === 'tokens';
  }

  #object(object: Json, place: string, depth: number): Json {
    const value = this.keys(object, place);
    const text = value['text'] ?? value['content'];
    for (const key of Object.keys(value)) {
      if (this.removes(value, key)) continue;
      const item = value[key];
      const named = key === 'value' ? this.#compared(value['key'], item, `${place}.${key}`) : item;
      const masked = named === item ? this.value(item, key, `${place}.${key}`, depth + 1) : named;
      if (masked !== item) value[key] = masked;
    }
    if (typeof text === 'string' && Array.isArray(value['annotations']))
      this.#moveAnnotations(value, text, place);
    return value;
  }

  /** A map whose keys are the caller's is masked as JSON, where a key tells what its value is. */
  #map(value: object, key: string, place: string): unknown {
    const source = stringify(value);
    this.strings += countLiterals(source);
    const replacer = replacerOf(key, value);
    const text = replacer === undefined ? source : stringify(value, replacer);
    const masked = this.#texts.mask(place, 'arguments', text);
    if (masked === source) return value;
    this.changed = true;
    return JSON.parse(masked);
  }

  #string(value: string, key: string, place: string): string {
    this.strings++;
    const name = isModelId(key, this.#kind) ? 'model' : key;
    // Of words the form alone says nothing: "maria_beispiel".
    if (value === '' || isGivenName(this.#texts.naming, key, place, value)) return value;
    if (isName(name, value) && (!isWordKey(key) || isAnswerWord(key, value))) return value;
    const encoded = this.#hasVector(key) ? undefined : readContent(value, key);
    if (encoded === undefined) this.passUnknown(key, value, place);
    const masked = this.#encoded(encoded, value, key, place);
    if (masked === value) return value;
    this.changed = true;
    const { key: secret } = this.#texts.naming;
    return isIdKey(key) && secret !== undefined ? renameId(value, secret) : masked;
  }

  /** What cannot be read goes through the gate; text that is encoded is masked, and encoded again. */
  #encoded(encoded: Encoded | undefined, value: string, key: string, place: string): string {
    if (encoded !== undefined) {
      const text = this.#texts.readEncoded(place, key, encoded);
      const masked = text && this.#texts.mask(`${place}.#text`, '', text);
      const isMasked = masked !== undefined && masked !== text;
      if (isMasked || isLongUrl(encoded, value)) {
        const prefix = this.#texts.mask(`${place}.#prefix`, '', encoded.prefix);
        return (
          prefix + (isMasked ? Buffer.from(masked).toString('base64') : value.slice(encoded.prefix.length))
        );
      }
    }
    if (isOpaque(key, value)) return value;
    // Written in another way than the API has it, it may be meant as it stands.
    const labelled = this.#entry(value, key, place);
    return labelled === value ? this.#texts.mask(place, key, value) : labelled;
  }

  #number(value: number, key: string, place: string): number | string | null {
    const masked = Number.isInteger(value) ? this.#entry(value, key, place) : value;
    if (typeof masked === 'string' || isMeasure(key, value, place, this.#kind)) return masked;
    this.changed = true;
    return null;
  }

  /** Masks the value of a comparison, `{"key": "mrn", "type": "eq", "value": 482913}`: what it is stands beside it. */
  #compared(key: unknown, value: unknown, place: string): unknown {
    if (typeof key !== 'string' || value === undefined) return value;
    const source = stringify({ [key]: value });
    const masked = this.#texts.mask(`${place}.#entry`, 'arguments', source);
    if (masked === source) return value;
    this.changed = true;
    return Object.values(JSON.parse(masked))[0];
  }

  /** Masks a value by its key, where the API has no such member. */
  #entry<T extends string | number>(value: T, key: string, place: string): T | string {
    const source = entryOf(key, value);
    if (source === undefined) return value;
    const masked = this.#texts.mask(`${place}.#entry`, 'arguments', source);
    if (masked === source) return value;
    this.changed = true;
    return Object.values(JSON.parse(masked))[0] as T | string;
  }

  #moveAnnotations(value: Json, source: string, place: string): void {
    const key = typeof value['text'] === 'string' ? 'text' : 'content';
    if (value[key] === source) return;
    const offsets = this.#texts.offsets(`${place}.${key}`, key, source);
    moveAnnotations(value['annotations'] as unknown[], offsets, source.length);
  }
}

/** The content of a string; none of ciphertext, unless a text is all that it is. */
function readContent(value: string, key: string): Encoded | undefined {
  const encoded = readEncoded(value, key);
  const isCipher = encoded !== undefined && isCipherKey(key) && sniff(encoded.bytes).text === undefined;
  return isCipher ? undefined : encoded;
}

/** Whether a text is a data URL as the API has it, and long enough to be no text that only looks like one. */
function isLongUrl({ prefix, loose }: Encoded, value: string): boolean {
  return prefix !== '' && !loose && value.length - prefix.length >= MIN_BASE64_CHARS;
}

/** What servers of Mistral, Cloudflare and Amazon pad with: letters and digits in their order, however many. */
function isPadding(text: string): boolean {
  return text !== '' && PADDINGS.some((padding) => padding.startsWith(text));
}

function stringify(
  value: object,
  replacer?: (this: unknown, key: string, value: unknown) => unknown,
): string {
  try {
    return JSON.stringify(value, replacer);
  } catch (cause) {
    // Too deep for the stack, which nothing in the API comes near.
    throw new ResponseError('The answer is nested too deep.', { cause });
  }
}
