import type { FindingCounts } from '../finding.ts';
import type { Column } from '../table/heading.ts';
import type { TextScan } from '../text-scan.ts';
import type { MaskStream } from './mask-stream.ts';
import type { OffsetMap } from './offset-map.ts';

/** Opens a text: what counts as standing before it, and what the column says that it is in. */
export type OpenValue = (context: string, column?: Column) => TextScan;

/** A text that comes in pieces, in which a piece may write a unit with more characters than one. */
export interface WrittenText {
  /** Adds source that stands for itself. */
  plain(source: string): void;
  /** Adds one UTF-16 unit that the source writes with more characters. */
  escaped(source: string, unit: number): void;
  /** What of the source so far may go out, masked. */
  flush(): string;
  /** The rest of it. */
  end(): string;
}

/** Where a document stands that is a string of another one. */
export interface Around {
  readonly counts: FindingCounts;
  /** The key that it stands under, and what that says of it. */
  readonly key: string;
  readonly label: string;
}

/** A piece of a string, and the unit that it writes when it is an escape. */
type Piece = readonly [source: string, unit: number | undefined];

const NO_SPACE = /[^ \t\r\n]/;
/** A string that begins with more white space is a text: what is held back has an end. */
const MAX_SPACE = 256;

/** A string of a JSON document. By how it begins it is a text, or JSON again, as the outputs of tools are that hold those of others. */
export class JsonString implements WrittenText {
  readonly #openText: () => WrittenText;
  readonly #openJson: () => WrittenText;
  #text: WrittenText | undefined;
  /** The white space that it begins with, and how much that is. */
  #space: Piece[] = [];
  #spaceLength = 0;

  constructor(openText: () => WrittenText, openJson: () => WrittenText) {
    this.#openText = openText;
    this.#openJson = openJson;
  }

  plain(source: string): void {
    this.#open(source).plain(source);
  }

  escaped(source: string, unit: number): void {
    this.#open(String.fromCharCode(unit)).escaped(source, unit);
  }

  flush(): string {
    return this.#text?.flush() ?? '';
  }

  end(): string {
    return this.#begin(false).end();
  }

  /** What takes a piece of which the text is given. */
  #open(text: string): WrittenText {
    if (this.#text !== undefined) return this.#text;
    const at = text.search(NO_SPACE);
    this.#spaceLength += at < 0 ? text.length : at;
    if (this.#spaceLength > MAX_SPACE) return this.#begin(false);
    if (at >= 0) return this.#begin(text[at] === '{' || text[at] === '[');
    return {
      plain: (source) => this.#space.push([source, undefined]),
      escaped: (source, unit) => this.#space.push([source, unit]),
      flush: () => '',
      end: () => '',
    };
  }

  #begin(isJson: boolean): WrittenText {
    if (this.#text !== undefined) return this.#text;
    const text = isJson ? this.#openJson() : this.#openText();
    for (const [source, unit] of this.#space) {
      if (unit === undefined) text.plain(source);
      else text.escaped(source, unit);
    }
    this.#space = [];
    this.#text = text;
    return text;
  }
}

/** A stretch of a text that was replaced, and the length of what stands for it. */
type Span = readonly [start: number, end: number, length: number];

/**
 * JSON in a string of JSON: masked as what it is, decoded; what is put in is escaped again. All else stays as it is written.
 */
export class NestedJson implements WrittenText {
  readonly #masker: MaskStream;
  readonly #offsets: Pick<OffsetMap, 'add'> | undefined;
  /** Where the string begins in the source that `#offsets` is about. */
  readonly #base: number;
  readonly #spans: Span[] = [];
  #coming = '';
  /** Source that has not gone out, and where it begins in the whole source and in the decoded text. */
  #held = '';
  #heldFrom = 0;
  #textFrom = 0;
  #textLength = 0;
  /** The ends of escapes that are held: in the decoded text, and in the source. */
  #ends: (readonly [text: number, source: number])[] = [];

  /** `open` gives a masker for the text, which tells a map what it replaces. */
  constructor(
    open: (told: Pick<OffsetMap, 'add'>) => MaskStream,
    offsets: Pick<OffsetMap, 'add'> | undefined,
    base: number,
  ) {
    this.#masker = open({ add: (...span) => this.#spans.push(span) });
    this.#offsets = offsets;
    this.#base = base;
  }

  plain(source: string): void {
    this.#held += source;
    this.#coming += source;
    this.#textLength += source.length;
  }

  escaped(source: string, unit: number): void {
    this.#held += source;
    this.#coming += String.fromCharCode(unit);
    this.#textLength += 1;
    this.#ends.push([this.#textLength, this.#heldFrom + this.#held.length]);
  }

  flush(): string {
    return this.#emit(this.#push());
  }

  end(): string {
    return this.#emit(this.#push() + this.#masker.end());
  }

  #push(): string {
    const coming = this.#coming;
    this.#coming = '';
    return coming === '' ? '' : this.#masker.push(coming);
  }

  /** The source of what the masker has put out. */
  #emit(masked: string): string {
    let out = '';
    let read = 0;
    for (const [start, end, length] of this.#spans.splice(0)) {
      read += start - this.#textFrom;
      out += this.#take(start);
      const put = JSON.stringify(masked.slice(read, read + length)).slice(1, -1);
      const from = this.#base + this.#heldFrom;
      this.#take(end);
      this.#offsets?.add(from, this.#base + this.#heldFrom, put.length);
      out += put;
      read += length;
    }
    return out + this.#take(this.#textFrom + masked.length - read);
  }

  /** Takes the source up to a place of the text. */
  #take(place: number): string {
    let [text, source] = [this.#textFrom, this.#heldFrom];
    let ended = 0;
    for (const end of this.#ends) {
      if (end[0] > place) break;
      [text, source] = end;
      ended += 1;
    }
    this.#ends.splice(0, ended);
    const to = source + place - text - this.#heldFrom;
    const taken = this.#held.slice(0, to);
    this.#held = this.#held.slice(to);
    this.#heldFrom += to;
    this.#textFrom = place;
    return taken;
  }
}
