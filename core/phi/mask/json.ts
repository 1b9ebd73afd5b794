import { CONTEXT_CHARACTERS } from '../engine/rule.ts';
import type { FindingCounts } from '../finding.ts';
import { SourceMap } from '../normalise/source-map.ts';
import type { Replacer } from '../replace/replace.ts';
import type { Column } from '../table/heading.ts';
import { Channel } from './channel.ts';
import { Columns } from './columns.ts';
import {
  type Container,
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
import { type Around, JsonString, NestedJson, type OpenValue, type WrittenText } from './json-string.ts';
import { labelOf } from './label.ts';
import type { MaskStream } from './mask-stream.ts';
import { maskNumber } from './number.ts';
import type { OffsetMap } from './offset-map.ts';

/** Masks JSON documents that come in chunks, one or several in a row (JSON Lines). See Masker.maskJson. */
export class JsonMasker implements MaskStream {
  readonly counts: FindingCounts;
  readonly #around: Around | undefined;
  readonly #open: OpenValue;
  readonly #replacer: Replacer;
  readonly #offsets: Pick<OffsetMap, 'add'> | undefined;
  readonly #stack: Container[] = [];
  readonly #columns = new Columns();
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
  #out = '';

  /** `offsets` is told what is replaced; `around` says of what the document is a part. */
  constructor(open: OpenValue, replacer: Replacer, offsets?: Pick<OffsetMap, 'add'>, around?: Around) {
    this.#around = around;
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
    if (this.#channel !== undefined) this.#out += this.#channel.end();
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
      this.#out += c;
      return i + 1;
    }
    const top = this.#stack.at(-1);
    const place = this.#place;
    const value = place === 'value' || place === 'value-or-end';
    if (c === '"' && (value || place === 'key' || place === 'key-or-end')) this.#beginString(!value, i + 1);
    else if ((c === '{' || c === '[') && (value || place === 'done') && this.#stack.length < MAX_DEPTH)
      this.#enter(c);
    else if (c === '}' && top?.kind === 'object' && (place === 'comma' || place === 'key-or-end'))
      this.#leave();
    else if (c === ']' && top?.kind === 'array' && (place === 'comma' || place === 'value-or-end'))
      this.#leave();
    else if (c === ',' && place === 'comma') this.#place = top?.kind === 'object' ? 'key' : 'value';
    else if (c === ':' && place === 'colon') this.#place = 'value';
    else if (value && /[-0-9a-z]/.test(c)) {
      this.#place = 'word';
      return i;
    } else {
      this.#fail(chunk, i);
      return i;
    }
    this.#out += c;
    return i + 1;
  }

  #enter(c: '{' | '['): void {
    const kind = c === '{' ? 'object' : 'array';
    this.#stack.push({ kind, name: this.#name(), key: '', values: 0 });
    this.#columns.enter(kind, this.#stack.length);
    this.#place = c === '{' ? 'key-or-end' : 'value-or-end';
  }

  #leave(): void {
    this.#columns.leave(this.#stack.length);
    this.#stack.pop();
    this.#endValue();
  }

  #endValue(): void {
    const top = this.#stack.at(-1);
    if (top !== undefined) top.values += 1;
    this.#place = top === undefined ? 'done' : 'comma';
  }

  /** The key that the value which comes next stands under, or the array that it is in. */
  #name(): string {
    const top = this.#stack.at(-1);
    return (top?.kind === 'object' ? top.key : top?.name) ?? this.#around?.key ?? '';
  }

  /** What counts as standing before that value. */
  #label(): string {
    const top = this.#stack.at(-1);
    return top === undefined ? (this.#around?.label ?? '') : labelOf(top.name, top.key);
  }

  /** The column that the value which comes next is in. */
  #column(): Column | undefined {
    const top = this.#stack.at(-1);
    return top?.kind === 'array' ? this.#columns.at(this.#stack.length, top.values) : undefined;
  }

  /** Whether the value that comes next may be the heading of a column. */
  #mayBeHeading(): boolean {
    const top = this.#stack.at(-1);
    return top !== undefined && this.#columns.mayBeHeading(this.#stack.length, top);
  }

  #beginString(isKey: boolean, i: number): void {
    const start = this.#from + i;
    const label = isKey ? '' : this.#label();
    const column = isKey ? undefined : this.#column();
    const { inJson = this.#replacer } = this.#replacer;
    const text = () => this.#openChannel(label, inJson, start, column);
    // A cell is what the heading of its column says, however it begins.
    const isText = isKey || column !== undefined;
    this.#channel = isText ? text() : new JsonString(text, () => this.#openNested(label, start));
    this.#readingKey = isKey;
    this.#readingHeading = !isKey && this.#mayBeHeading();
    this.#key = '';
    this.#place = 'string';
  }

  /** Opens the text that begins at a place of the document. */
  #openChannel(context: string, replacer: Replacer, start: number, column?: Column): Channel {
    return new Channel(this.#open(context, column), this.counts, replacer, this.#offsets, start);
  }

  /** Opens JSON in a string that begins there. */
  #openNested(label: string, start: number): NestedJson {
    const around = { counts: this.counts, key: this.#name(), label };
    const open = (told: Pick<OffsetMap, 'add'>) => new JsonMasker(this.#open, this.#replacer, told, around);
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
    const top = this.#stack.at(-1);
    if (!this.#readingKey || top === undefined) {
      if (this.#readingHeading) this.#columns.read(this.#key);
      this.#endValue();
      return;
    }
    top.key = new SourceMap().plain(this.#key);
    this.#place = 'colon';
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
      if (this.#mayBeHeading()) this.#columns.read('');
      this.#out += word;
    } else if (NUMBER.test(word)) {
      this.#out += this.#maskNumber(word, this.#from + i);
    } else {
      this.#fail(chunk, i);
      return;
    }
    this.#partial = '';
    this.#endValue();
  }

  /** A number that is PHI becomes a string. `end` is where it ends in the document. */
  #maskNumber(number: string, end: number): string {
    if (this.#mayBeHeading()) this.#columns.read(number);
    const put = maskNumber(number, this.#open(this.#label(), this.#column()), this.#replacer, this.counts);
    if (put !== number) this.#offsets?.add(end - number.length, end, put.length);
    return put;
  }

  /** What follows is not JSON: the rest is masked as text, with all that was not yet passed on. */
  #fail(chunk: string, i: number): void {
    if (this.#channel === undefined) {
      const before = this.#before + chunk.slice(0, i);
      const said = `${this.#around?.label ?? ''}${before.slice(0, before.length - this.#partial.length)}`;
      const context = said.slice(-CONTEXT_CHARACTERS);
      this.#channel = this.#openChannel(context, this.#replacer, this.#from + i - this.#partial.length);
    }
    this.#channel.plain(this.#partial);
    this.#partial = '';
    this.#place = 'text';
  }
}
