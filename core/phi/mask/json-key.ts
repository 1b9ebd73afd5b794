import { MAX_KEY_CHARACTERS } from './grammar.ts';
import type { WrittenText } from './json-string.ts';

/** A key of a JSON document: one of those that are known beforehand stays as it is written, any other is a text. */
export class JsonKey implements WrittenText {
  readonly #keys: ReadonlySet<string>;
  readonly #open: () => WrittenText;
  #text: WrittenText | undefined;
  /** What has come while it may be one that is known: pieces, and the unit that each writes when it is an escape. */
  #pieces: (readonly [source: string, unit: number | undefined])[] = [];
  #key = '';

  constructor(keys: ReadonlySet<string>, open: () => WrittenText) {
    this.#keys = keys;
    this.#open = open;
  }

  plain(source: string): void {
    if (this.#text !== undefined) this.#text.plain(source);
    else this.#add(source, undefined, source);
  }

  escaped(source: string, unit: number): void {
    if (this.#text !== undefined) this.#text.escaped(source, unit);
    else this.#add(source, unit, String.fromCharCode(unit));
  }

  flush(): string {
    return this.#text?.flush() ?? '';
  }

  end(): string {
    if (this.#text === undefined && this.#keys.has(this.#key))
      return this.#pieces.map(([source]) => source).join('');
    return this.#begin().end();
  }

  #add(source: string, unit: number | undefined, text: string): void {
    this.#pieces.push([source, unit]);
    this.#key += text;
    if (this.#key.length > MAX_KEY_CHARACTERS) this.#begin();
  }

  #begin(): WrittenText {
    if (this.#text !== undefined) return this.#text;
    const text = this.#open();
    for (const [source, unit] of this.#pieces) {
      if (unit === undefined) text.plain(source);
      else text.escaped(source, unit);
    }
    this.#pieces = [];
    this.#text = text;
    return text;
  }
}
