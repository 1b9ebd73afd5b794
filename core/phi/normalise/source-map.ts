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

/**
 * How much source may be dropped in a row, and beyond that for each character kept. What is more is kept, as itself,
 * so that what a stream holds back stays bounded. No real text has so much.
 */
const MAX_DROPPED = 4_096;
const DROPPED_PER_KEPT = 16;

/** A place where the source and the normalised text part: from `at` on, places differ by a fixed amount. */
interface Mark {
  /** In the normalised text. */
  readonly at: number;
  /** In the source. */
  readonly source: number;
  /** A character of `width` in the source stands from `at` to the next mark; 0 when they run side by side. */
  readonly width: number;
}

/** Normalises a text that comes in pieces, and knows where each character came from. */
export class SourceMap {
  #marks: Mark[] = [{ at: 0, source: 0, width: 0 }];
  /** How far both texts go. */
  #length = 0;
  #sourceLength = 0;
  /** How much may be dropped now. */
  #credit = MAX_DROPPED;
  /** A unit that the next one decides about, and its width; not yet counted in the lengths. */
  #waiting: { readonly unit: number; readonly width: number } | undefined;
  /** The last unit of the source, what waits left aside. */
  #before = 0;
  /** Where the last note mark ends in the source, and whether it was read as what it shows. */
  #noteEnd = -1;
  #noteFolded = false;

  /** How far the source goes that is in the normalised text. */
  get sourceLength(): number {
    return this.#sourceLength;
  }

  /** Normalises a whole text. */
  plain(source: string): string {
    return this.add(source) + this.end();
  }

  /** Adds a piece of source that stands for itself; returns what is now sure of its normalised form. */
  add(source: string): string {
    if (source === '') return '';
    if (this.#waiting === undefined)
      return isSpecial(source) ? this.#addSpecial(source) : this.#addPlain(source);
    let text = '';
    let i = 0;
    for (; this.#waiting !== undefined && i < source.length; i++) text += this.unit(source.charCodeAt(i), 1);
    return text + this.add(source.slice(i));
  }

  /** Adds one UTF-16 unit that takes `width` characters of the source; returns what is now sure. */
  unit(unit: number, width: number): string {
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
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting === undefined ? '' : this.#decide(waiting.unit, waiting.width, 0);
  }

  /** Where the normalised character at a place begins in the source. */
  startOf(at: number): number {
    const mark = this.#markBefore(at);
    return mark.width > 0 ? mark.source : mark.source + (at - mark.at);
  }

  /** Where the normalised text that ends before a place ends in the source, without what was dropped after it. */
  endOf(at: number): number {
    const mark = this.#markBefore(at - 1);
    return mark.width > 0 ? mark.source + mark.width : mark.source + (at - mark.at);
  }

  /** Forgets what lies before a place. */
  forget(at: number): void {
    const index = this.#indexBefore(at);
    if (index > 0) this.#marks = this.#marks.slice(index);
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
      this.#noteEnd === this.#sourceLength
        ? this.#noteFolded || isWordUnit(next)
        : isWordUnit(before) === isWordUnit(next);
    const text = this.#put(character, folds ? foldCodePoint(unit) : character, width);
    this.#noteEnd = this.#sourceLength;
    this.#noteFolded = folds;
    return text;
  }

  /** Adds one character of the source, and what it is read as. */
  #put(character: string, folded: string, width: number): string {
    if (folded === '' && this.#credit >= width) {
      this.#credit -= width;
      if (isAttached(character)) this.#attach(width);
      this.#sourceLength += width;
      this.#mark(0);
      return '';
    }
    const text = folded === '' ? character : folded;
    if (width === text.length && (width === 1 || text === character)) {
      this.#run(width);
      return text;
    }
    this.#mark(width);
    this.#length += text.length;
    this.#sourceLength += width;
    this.#earn(text.length);
    this.#mark(0);
    return text;
  }

  /** Adds a stretch in which both texts run side by side. */
  #run(length: number): void {
    this.#length += length;
    this.#sourceLength += length;
    this.#earn(length);
  }

  #earn(kept: number): void {
    this.#credit = Math.min(MAX_DROPPED, this.#credit + kept * DROPPED_PER_KEPT);
  }

  /** Makes the last character of the normalised text take what comes now, and what was dropped since. */
  #attach(width: number): void {
    const at = this.#length - 1;
    if ((this.#marks[0]?.at ?? 0) > at) return;
    const index = this.#indexBefore(at);
    const mark = this.#marks[index];
    if (mark === undefined) return;
    const last = mark.width > 0 ? mark : { at, source: this.startOf(at) };
    this.#marks.length = mark.at < last.at ? index + 1 : index;
    this.#marks.push({ ...last, width: this.#sourceLength + width - last.source });
  }

  /** Notes that the texts part here. */
  #mark(width: number): void {
    if (this.#marks.at(-1)?.at === this.#length) this.#marks.pop();
    this.#marks.push({ at: this.#length, source: this.#sourceLength, width });
  }

  /** The last mark up to a place. */
  #markBefore(at: number): Mark {
    const mark = this.#marks[this.#indexBefore(at)];
    if (mark === undefined) throw new Error('a place before the start of the text');
    return mark;
  }

  #indexBefore(at: number): number {
    const marks = this.#marks;
    let lo = 0;
    let hi = marks.length - 1;
    while (lo < hi) {
      const middle = (lo + hi + 1) >> 1;
      if ((marks[middle]?.at ?? 0) <= at) lo = middle;
      else hi = middle - 1;
    }
    return lo;
  }
}
