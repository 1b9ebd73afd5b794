import type { EntityName } from '../entities.ts';
import { digestValue } from '../replace/digest.ts';
import { TOKEN, tokensOf } from './token.ts';

/** What a token stands for. */
export interface TokenEntry {
  readonly entity: EntityName;
  readonly token: string;
  /** As it was written where it came first. */
  readonly value: string;
}

interface Known extends TokenEntry {
  /** Tells it from all other values, however it is written. */
  readonly identity: string;
}

const WORD = /[\p{L}\p{N}]+/gu;
const WORD_OR_TOKEN = new RegExp(`${TOKEN.source}|${WORD.source}`, 'gu');
const WORD_BEFORE = /[\p{L}\p{N}]$/u;
const WORD_AFTER = /^[\p{L}\p{N}]/u;
/** Letters and digits of a value that is replaced wherever it stands: shorter ones are parts of many things. */
const MIN_LITERAL_CHARS = 5;
/** UTF-16 units of a value around tokens: values around values around values would grow without end. */
const MAX_VALUE_CHARS = 2_000;
/** Of one word they may be any word of a text. */
const PLACES: ReadonlySet<EntityName> = new Set(['CITY', 'ORGANIZATION']);
/** Values with one first word that are replaced wherever they stand: each costs a look at every such word. */
const MAX_LITERALS = 64;

/** A value that is looked for by itself, and where in it its first word begins. */
interface Literal {
  readonly value: string;
  readonly offset: number;
  readonly entry: Known;
}

/** The tokens of one session of one caller: in memory, and nowhere else in the clear. */
export class TokenMap {
  readonly #key: Uint8Array;
  readonly #byToken = new Map<string, Known>();
  /** By their first words, the longest first. */
  readonly #literals = new Map<string, Literal[]>();
  readonly #written = new Set<string>();
  readonly #onNew: () => void;
  #forgotten = false;

  /**
   * @param key 32 bytes that no other session and no other caller has
   * @param onNew is told of every value that is kept from now on
   */
  constructor(key: Uint8Array, onNew: () => void = () => undefined) {
    this.#key = key;
    this.#onNew = onNew;
  }

  /** How many values it holds, each way of writing one counted as well. */
  get size(): number {
    return this.#byToken.size + this.#written.size;
  }

  /**
   * The token of a value, kept from now on.
   * @param value as the detector reads it
   * @param written as it stands in the request; tokens in it stand for what they stand for
   */
  take(entity: EntityName, value: string, written: string): TokenEntry {
    const entry = this.#entryOf(entity, this.expand(value), written);
    this.#index(written, entry);
    return entry;
  }

  /** Knows no value any more, whoever holds it. */
  forget(): void {
    this.#byToken.clear();
    this.#literals.clear();
    this.#written.clear();
    this.#forgotten = true;
  }

  /** It has known values that it does not know any more. */
  get isForgotten(): boolean {
    return this.#forgotten;
  }

  /** What a token stands for; undefined for one that this session did not make. */
  find(token: string): TokenEntry | undefined {
    return this.#byToken.get(token);
  }

  /** A text with the values of its tokens. */
  expand(text: string): string {
    return text.replaceAll(TOKEN, (token) => this.#byToken.get(token)?.value ?? token);
  }

  /**
   * Replaces the values that have a token where they stand as whole words, also where the detector does not see by what is
   * around them what they are. `onFound` is told of each.
   */
  sweep(text: string, onFound: (entry: TokenEntry) => void): string {
    if (this.#literals.size === 0) return text;
    let out = '';
    let from = 0;
    for (const { 0: word, 1: ofToken, index } of text.matchAll(WORD_OR_TOKEN)) {
      if (ofToken !== undefined || index < from) continue;
      const found = this.#literals.get(word)?.find((literal) => stands(literal, text, index, from));
      if (found === undefined) continue;
      const start = index - found.offset;
      out += text.slice(from, start) + found.entry.token;
      from = start + found.value.length;
      onFound(found.entry);
    }
    return out + text.slice(from);
  }

  #entryOf(entity: EntityName, value: string, written: string): Known {
    const digest = digestValue(this.#key, 'token', entity, value);
    const identity = digest.toString('base64');
    const tokens = tokensOf(entity, digest);
    for (const token of tokens) {
      const known = this.#byToken.get(token);
      if (known?.identity === identity) return known;
    }
    const token = this.#byToken.has(tokens[0]) ? tokens[1] : tokens[0];
    const expanded = this.expand(written);
    const entry = { entity, token, value: expanded.length > MAX_VALUE_CHARS ? written : expanded, identity };
    this.#byToken.set(token, entry);
    this.#onNew();
    return entry;
  }

  #index(written: string, entry: Known): void {
    if (this.#written.has(written)) return;
    this.#written.add(written);
    this.#onNew();
    const words = [...written.matchAll(WORD)];
    const [first] = words;
    const chars = words.reduce((sum, [word]) => sum + word.length, 0);
    if (first === undefined || chars < MIN_LITERAL_CHARS || written.search(TOKEN) >= 0) return;
    // Reading is a city, and reading is what people do.
    if (words.length === 1 && PLACES.has(entry.entity) && !/\d/.test(written)) return;
    const literals = this.#literals.get(first[0]) ?? [];
    if (literals.length >= MAX_LITERALS) return;
    literals.push({ value: written, offset: first.index, entry });
    literals.sort((left, right) => right.value.length - left.value.length);
    this.#literals.set(first[0], literals);
  }
}

function stands({ value, offset }: Literal, text: string, index: number, from: number): boolean {
  const start = index - offset;
  if (start < from || !text.startsWith(value, start)) return false;
  return (
    !(WORD_AFTER.test(value) && WORD_BEFORE.test(text.slice(Math.max(0, start - 2), start))) &&
    !(WORD_BEFORE.test(value) && WORD_AFTER.test(text.slice(start + value.length, start + value.length + 2)))
  );
}
