import { CONTEXT_CHARACTERS } from '../engine/rule/rule.ts';
import type { FindingCounts } from '../finding.ts';
import { SourceMap } from '../normalise/source-map.ts';
import type { Replacer } from '../replace/replace.ts';
import type { Column } from '../table/heading.ts';
import { Channel } from './channel.ts';
import {
  LITERALS,
  MAX_DEPTH,
  MAX_KEY_CHARACTERS,
  MAX_NUMBER_CHARACTERS,
  NUMBER,
  NUMBER_UNIT,
  type Place,
  readEscape,
  STRING_STOP,
  WHITESPACE,
} from './grammar.ts';
import { JsonKey } from './json-key.ts';
import { type Around, JsonString, NestedJson, type OpenValue, type WrittenText } from './json-string.ts';
import type { MaskStream } from './mask-stream.ts';
import { Nesting } from './nesting.ts';
import { maskNumber } from './number.ts';
import type { OffsetMap } from './offset-map.ts';

/** Masks JSON documents that come in chunks, one or several in a row (JSON Lines). See Masker.maskJson. */
export class JsonMasker implements MaskStream {
  readonly counts: FindingCounts;
  readonly #around: Around | undefined;
  readonly #open: OpenValue;
  readonly #replacer: Replacer;
  readonly #offsets: Pick<OffsetMap, 'add'> | undefined;
  readonly #nesting: Nesting;
  readonly #keys: ReadonlySet<string>;
  #place: Place = 'value';
  /** The string, or the text after a fault, that is being read. */
  #channel: WrittenText | undefined;
  #readingKey = false;
  /** The key, or what may be the heading of a column, that is being read. */
  #key = '';
  #readingHeading = false;
  /** The part read of an escape, or of a number or literal. */
  #partial = '';
  /** The end of the source before the chunk: what stands before a text that begins after a fault. */
  #before = '';
  /** Where the chunk begins in the document. */
  #from = 0;
  /** The brackets that the document begins with, which do not make it one: it may be a text. */
  #lead: string | undefined;
  #out = '';

  /** `keys` stay as they are; `offsets` is told what is replaced; `around` says of what the document is a part. */
  constructor(
    open: OpenValue,
    replacer: Replacer,
    keys: ReadonlySet<string>,
    offsets?: Pick<OffsetMap, 'add'>,
    around?: Around,
  ) {
    this.#keys = keys;
    this.#around = around;
    this.#nesting = new Nesting(around);
    this.counts = around?.counts ?? {};
    this.#open = open;
    this.#replacer = replacer;
    this.#offsets = offsets;
  }

  push(chunk: string): string {
    let i = 0;
    while (i < chunk.length) {
      if (this.#place === 'text') {
        this.#channel?.plain(chunk.slice(i));
        i = chunk.length;
      } else if (this.#place === 'string') {
        i = this.#readString(chunk, i);
      } else if (this.#place === 'word') {
        i = this.#readWord(chunk, i);
      } else {
        i = this.#readStructure(chunk, i);
      }
    }
    this.#from += chunk.length;
    this.#before = (this.#before + chunk).slice(-CONTEXT_CHARACTERS - MAX_NUMBER_CHARACTERS);
    if (this.#channel !== undefined) this.#out += this.#channel.flush();
    return this.#take();
  }

  end(): string {
    if (this.#place === 'word') this.#endWord('', 0);
    if (this.#place === 'string' && this.#partial !== '') this.#fail('', 0);
    this.#out += this.#takeLead() + (this.#channel?.end() ?? '');
    this.#channel = undefined;
    return this.#take();
  }

  #take(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  #readStructure(chunk: string, i: number): number {
    const c = chunk.charAt(i);
    if (WHITESPACE.test(c)) {
      this.#pass(c);
      return i + 1;
    }
    const { kind, depth } = this.#nesting;
    const place = this.#place;
    const value = place === 'value' || place === 'value-or-end';
    if (c === '"' && (value || place === 'key' || place === 'key-or-end')) this.#beginString(!value, i + 1);
    else if ((c === '{' || c === '[') && (value || place === 'done') && depth < MAX_DEPTH) this.#enter(c);
    else if (
      (c === '}' && kind === 'object' && (place === 'comma' || place === 'key-or-end')) ||
      (c === ']' && kind === 'array' && (place === 'comma' || place === 'value-or-end'))
    ) {
      this.#nesting.leave();
      this.#endValue();
    } else if (c === ',' && place === 'comma') this.#place = kind === 'object' ? 'key' : 'value';
    else if (c === ':' && place === 'colon') this.#place = 'value';
    else if (value && /[-0-9a-z]/.test(c)) {
      this.#place = 'word';
      return i;
    } else {
      this.#fail(chunk, i);
      return i;
    }
    this.#pass(c);
    return i + 1;
  }

  /** Passes on a sign of the document's own; the brackets that it begins with when it is certain that they are such. */
  #pass(sign: string): void {
    if (this.#lead !== undefined && /[\s{[]/.test(sign) && this.#lead.length < MAX_DEPTH) this.#lead += sign;
    else this.#out += this.#takeLead() + sign;
  }

  #takeLead(): string {
    const lead = this.#lead ?? '';
    this.#lead = undefined;
    return lead;
  }

  #enter(c: '{' | '['): void {
    if (this.#nesting.depth === 0) this.#lead = '';
    this.#nesting.enter(c === '{' ? 'object' : 'array');
    this.#place = c === '{' ? 'key-or-end' : 'value-or-end';
  }

  #endValue(): void {
    this.#nesting.endValue();
    this.#place = this.#nesting.depth === 0 ? 'done' : 'comma';
  }

  #beginString(isKey: boolean, i: number): void {
    const start = this.#from + i;
    const label = isKey ? '' : this.#nesting.label;
    const column = isKey ? undefined : this.#nesting.column;
    const { inJson = this.#replacer } = this.#replacer;
    const text = () => this.#openChannel(label, inJson, start, column);
    // A cell is what the heading of its column says, however it begins.
    if (isKey && this.#keys.size > 0) this.#channel = new JsonKey(this.#keys, text);
    else if (isKey || column !== undefined) this.#channel = text();
    else this.#channel = new JsonString(text, () => this.#openNested(label, start));
    this.#readingKey = isKey;
    this.#readingHeading = !isKey && this.#nesting.mayBeHeading;
    this.#key = '';
    this.#place = 'string';
  }

  /** Opens the text that begins at a place of the document. */
  #openChannel(context: string, replacer: Replacer, start: number, column?: Column): Channel {
    return new Channel(this.#open(context, column), this.counts, replacer, this.#offsets, start);
  }

  /** Opens JSON in a string that begins there. */
  #openNested(label: string, start: number): NestedJson {
    const around = { counts: this.counts, key: this.#nesting.name, label };
    const open = (told: Pick<OffsetMap, 'add'>) =>
      new JsonMasker(this.#open, this.#replacer, this.#keys, told, around);
    return new NestedJson(open, this.#offsets, start);
  }

  #readString(chunk: string, start: number): number {
    if (this.#partial !== '') return this.#readEscape(chunk, start);
    STRING_STOP.lastIndex = start;
    const stop = STRING_STOP.exec(chunk)?.index ?? chunk.length;
    const run = chunk.slice(start, stop);
    this.#channel?.plain(run);
    this.#addToKey(run);
    if (stop === chunk.length) return stop;
    const c = chunk.charAt(stop);
    if (c === '"') {
      this.#endString();
      return stop + 1;
    }
    if (c === '\\') {
      this.#partial = c;
      return stop + 1;
    }
    this.#fail(chunk, stop);
    return stop;
  }

  /** Reads one more character of an escape whose start is in `#partial`. */
  #readEscape(chunk: string, i: number): number {
    const c = chunk.charAt(i);
    const read = this.#partial + c;
    const unit = readEscape(read);
    if (unit === undefined) this.#fail(chunk, i);
    else if (unit === 'unfinished') this.#partial = read;
    else this.#endEscape(read, unit);
    return unit === undefined ? i : i + 1;
  }

  #endEscape(source: string, unit: number): void {
    this.#channel?.escaped(source, unit);
    this.#addToKey(String.fromCharCode(unit));
    this.#partial = '';
  }

  #addToKey(text: string): void {
    const isRead = this.#readingKey || this.#readingHeading;
    if (isRead && this.#key.length < MAX_KEY_CHARACTERS) {
      this.#key = (this.#key + text).slice(0, MAX_KEY_CHARACTERS);
    }
  }

  #endString(): void {
    this.#out += `${this.#channel?.end() ?? ''}"`;
    this.#channel = undefined;
    if (this.#readingKey) {
      this.#nesting.setKey(new SourceMap().plain(this.#key));
      this.#place = 'colon';
      return;
    }
    if (this.#readingHeading) this.#nesting.readHeading(this.#key);
    this.#endValue();
  }

  /** Reads a number or a literal up to what cannot belong to it. */
  #readWord(chunk: string, start: number): number {
    const numeric = /[-0-9]/.test(this.#partial.charAt(0) || chunk.charAt(start));
    let i = start;
    while (i < chunk.length && (numeric ? NUMBER_UNIT : /[a-z]/).test(chunk.charAt(i))) {
      i += 1;
      if (i - start + this.#partial.length > MAX_NUMBER_CHARACTERS) break;
    }
    this.#partial += chunk.slice(start, i);
    if (this.#partial.length > MAX_NUMBER_CHARACTERS) this.#fail(chunk, i);
    else if (i < chunk.length) this.#endWord(chunk, i);
    return i;
  }

  #endWord(chunk: string, i: number): void {
    const word = this.#partial;
    if (LITERALS.includes(word)) {
      if (this.#nesting.mayBeHeading) this.#nesting.readHeading('');
      this.#pass(word);
    } else if (NUMBER.test(word)) {
      this.#pass(this.#maskNumber(word, this.#from + i));
    } else {
      this.#fail(chunk, i);
      return;
    }
    this.#partial = '';
    this.#endValue();
  }

  /** A number that is PHI becomes a string. `end` is where it ends in the document. */
  #maskNumber(number: string, end: number): string {
    const { mayBeHeading, label, column } = this.#nesting;
    if (mayBeHeading) this.#nesting.readHeading(number);
    const put = maskNumber(number, this.#open(label, column), this.#replacer, this.counts);
    if (put !== number) this.#offsets?.add(end - number.length, end, put.length);
    return put;
  }

  /** What follows is not JSON: the rest is masked as text, with all that was not yet passed on. */
  #fail(chunk: string, i: number): void {
    // As a text it begins with its brackets: "[PERSON] was here".
    const rest = this.#takeLead() + this.#partial;
    if (this.#channel === undefined) {
      const before = this.#before + chunk.slice(0, i);
      const said = `${this.#around?.label ?? ''}${before.slice(0, Math.max(0, before.length - rest.length))}`;
      const start = this.#from + i - rest.length;
      this.#channel = this.#openChannel(said.slice(-CONTEXT_CHARACTERS), this.#replacer, start);
    }
    this.#channel.plain(rest);
    this.#partial = '';
    this.#place = 'text';
  }
}
