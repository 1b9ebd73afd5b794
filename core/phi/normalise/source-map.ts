import { escapeAt, isUnfinished, nextEscape } from './escapes.ts';
import {
  DROPPED,
  foldCodePoint,
  HALF,
  isAttached,
  isHighSurrogate,
  isLowSurrogate,
  isSpecial,
  isWordUnit,
  MARK,
  readUnit,
  UNITS,
} from './normalise.ts';
import { Places } from './places.ts';

/**
 * How much source may be dropped in a row, and beyond that for each character kept. What is more is kept, as itself,
 * so that what a stream holds back stays bounded. No real text has so much.
 */
const MAX_DROPPED = 4_096;
const DROPPED_PER_KEPT = 16;

/** A whole text as it is read, for who needs no places in it. */
export function readPlain(text: string): string {
  return isSpecial(text) || nextEscape(text, 0) >= 0 ? new SourceMap().plain(text) : text;
}

/** Normalises a text that comes in pieces, and knows where each character came from. */
export class SourceMap {
  readonly #places = new Places();
  /** How much may be dropped now. */
  #credit = MAX_DROPPED;
  /** A unit that the next one decides about, and its width; not yet counted in the lengths. */
  #waiting: { readonly unit: number; readonly width: number } | undefined;
  /** The last unit of the source, what waits left aside. */
  #before = 0;
  /** The end of the source so far, when it may be the beginning of an escape, and the width of each of its units. */
  #unfinished = '';
  readonly #widths: number[] = [];
  /** Where the last note mark ends in the source, and whether it was read as what it shows. */
  #noteEnd = -1;
  #noteFolded = false;

  /** The unit before what comes next; 0 where that waits. */
  get #last(): number {
    return this.#waiting === undefined ? this.#before : 0;
  }

  /** How far the source goes that is in the normalised text. */
  get sourceLength(): number {
    return this.#places.sourceLength;
  }

  /** Normalises a whole text. */
  plain(source: string): string {
    return this.add(source) + this.end();
  }

  /** Adds a piece of source that stands for itself; returns what is now sure of its normalised form. */
  add(source: string): string {
    let text = '';
    let from = 0;
    for (; this.#unfinished !== '' && from < source.length; from++)
      text += this.unit(source.charCodeAt(from), 1);
    for (let at = nextEscape(source, from); at >= 0; ) {
      const found = escapeAt(source, at, at > from ? source.charCodeAt(at - 1) : this.#last);
      if (found !== undefined) {
        text +=
          this.#addRead(source.slice(from, at)) +
          this.#addEscape(found.plain, source.slice(at, at + found.length), found.length);
        from = at + found.length;
        at = nextEscape(source, from);
      } else if (isUnfinished(source, at)) {
        text += this.#addRead(source.slice(from, at));
        for (let i = at; i < source.length; i++) text += this.unit(source.charCodeAt(i), 1);
        return text;
      } else at = nextEscape(source, at + 1);
    }
    return text + this.#addRead(from === 0 ? source : source.slice(from));
  }

  /** Adds one UTF-16 unit that takes `width` characters of the source; returns what is now sure. */
  unit(unit: number, width: number): string {
    this.#unfinished += String.fromCharCode(unit);
    this.#widths.push(width);
    return this.#finish(false);
  }

  /** Reads what may be an escape, as far as that is known. */
  #finish(ended: boolean): string {
    let text = '';
    while (this.#unfinished !== '') {
      const held = this.#unfinished;
      const found = escapeAt(held, 0, this.#last);
      if (found === undefined && !ended && isUnfinished(held, 0)) break;
      const length = found?.length ?? 1;
      let width = 0;
      for (const one of this.#widths.splice(0, length)) width += one;
      this.#unfinished = held.slice(length);
      text +=
        found === undefined
          ? this.#addUnit(held.charCodeAt(0), width)
          : this.#addEscape(found.plain, held.slice(0, length), width);
    }
    return text;
  }

  /** Adds what takes `width` characters of the source, and is written as `source` for `plain`. */
  #addEscape(plain: string, source: string, width: number): string {
    if (plain === '') return this.#endWaiting() + this.#put(source, plain, width);
    const text = this.#addUnit(plain.charCodeAt(0), width);
    // A pair: its second half takes none.
    return plain.length === 1 ? text : text + this.#addUnit(plain.charCodeAt(1), 0);
  }

  /** Adds source without escapes. */
  #addRead(source: string): string {
    if (source === '') return '';
    if (this.#waiting === undefined)
      return isSpecial(source) ? this.#addSpecial(source) : this.#addPlain(source);
    let text = '';
    let i = 0;
    for (; this.#waiting !== undefined && i < source.length; i++)
      text += this.#addUnit(source.charCodeAt(i), 1);
    return text + this.#addRead(source.slice(i));
  }

  #addUnit(unit: number, width: number): string {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    let text = '';
    if (waiting !== undefined) {
      if (isHighSurrogate(waiting.unit) && isLowSurrogate(unit)) {
        const character = String.fromCharCode(waiting.unit, unit);
        this.#before = unit;
        return this.#put(character, foldCodePoint(character.codePointAt(0) ?? 0), waiting.width + width);
      }
      text = this.#decide(waiting.unit, waiting.width, unit);
    }
    const entry = readUnit(unit);
    if (entry === HALF || entry === MARK) {
      this.#waiting = { unit, width };
      return text;
    }
    const character = String.fromCharCode(unit);
    text += this.#put(character, entry >= 0 ? String.fromCharCode(entry) : foldCodePoint(unit), width);
    this.#before = unit;
    return text;
  }

  /** The text has ended; returns what waited. */
  end(): string {
    return this.#finish(true) + this.#endWaiting();
  }

  /** What waits is followed by nothing that counts for it. */
  #endWaiting(): string {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting === undefined ? '' : this.#decide(waiting.unit, waiting.width, 0);
  }

  /** Where the normalised character at a place begins in the source. */
  startOf(at: number): number {
    return this.#places.startOf(at);
  }

  /** Where the normalised text that ends before a place ends in the source, without what was dropped after it. */
  endOf(at: number): number {
    return this.#places.endOf(at);
  }

  /** Forgets what lies before a place. */
  forget(at: number): void {
    this.#places.forget(at);
  }

  #addPlain(source: string): string {
    this.#run(source.length);
    this.#before = source.charCodeAt(source.length - 1);
    return source;
  }

  /** The hot loop for text that is not all plain: stretches between special characters are copied whole. */
  #addSpecial(source: string): string {
    let text = '';
    /** What is copied, and what is counted in the lengths. */
    let from = 0;
    let counted = 0;
    const { length } = source;
    for (let i = 0; i < length; i++) {
      const unit = source.charCodeAt(i);
      let entry = UNITS[unit] as number;
      if (entry === unit) continue;
      if (entry === 0) entry = readUnit(unit);
      if (entry === unit) continue;
      if (entry > 0) {
        // Two steps: V8 joins a long and a short string faster than a long one and one that was just joined.
        if (i > from) text += source.slice(from, i);
        text += String.fromCharCode(entry);
        from = i + 1;
        continue;
      }
      const next = i + 1 < length ? source.charCodeAt(i + 1) : -1;
      const pair = entry === HALF && isLowSurrogate(next);
      // Most pairs are emoji, which stand for themselves, as does half a pair.
      if (entry === HALF && next >= 0 && !pair) continue;
      const folded = pair ? foldCodePoint(source.codePointAt(i) ?? 0) : '';
      if (pair && folded === source.slice(i, i + 2)) {
        i += 1;
        continue;
      }
      text += source.slice(from, i);
      this.#run(i - counted);
      if (i > 0) this.#before = source.charCodeAt(i - 1);
      if (pair) {
        text += this.#put(source.slice(i, i + 2), folded, 2);
        i += 1;
      } else if (next < 0 && (entry === HALF || entry === MARK)) this.#waiting = { unit, width: 1 };
      else if (entry === MARK) text += this.#decide(unit, 1, next);
      else text += this.#put(source.charAt(i), entry === DROPPED ? '' : foldCodePoint(unit), 1);
      from = i + 1;
      counted = from;
    }
    this.#run(length - counted);
    if (this.#waiting === undefined) this.#before = source.charCodeAt(length - 1);
    return text + source.slice(from);
  }

  /** Adds a unit that has waited for the next one: a lone half of a pair, or a note mark. */
  #decide(unit: number, width: number, next: number): string {
    const character = String.fromCharCode(unit);
    const before = this.#before;
    this.#before = unit;
    if (isHighSurrogate(unit)) return this.#put(character, character, width);
    const folds =
      this.#noteEnd === this.#places.sourceLength
        ? this.#noteFolded || isWordUnit(next)
        : isWordUnit(before) === isWordUnit(next);
    const text = this.#put(character, folds ? foldCodePoint(unit) : character, width);
    this.#noteEnd = this.#places.sourceLength;
    this.#noteFolded = folds;
    return text;
  }

  /** Adds one character of the source, and what it is read as. */
  #put(character: string, folded: string, width: number): string {
    if (folded === '' && this.#credit >= width) {
      this.#credit -= width;
      this.#places.drop(width, isAttached(character));
      return '';
    }
    const text = folded === '' ? character : folded;
    if (width === text.length && (width === 1 || text === character)) {
      this.#run(width);
      return text;
    }
    this.#places.put(text.length, width);
    this.#earn(text.length);
    return text;
  }

  /** Adds a stretch in which both texts run side by side. */
  #run(length: number): void {
    this.#places.run(length);
    this.#earn(length);
  }

  #earn(kept: number): void {
    this.#credit = Math.min(MAX_DROPPED, this.#credit + kept * DROPPED_PER_KEPT);
  }
}
