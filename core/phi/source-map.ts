import { isSpecial, Normaliser } from './normalise.ts';

/** A place where the source and the normalised text part: from `at` on, places differ by a fixed amount. */
interface Mark {
  /** In the normalised text. */
  readonly at: number;
  /** In the source. */
  readonly source: number;
  /** How many characters of the source the one at `at` takes. */
  readonly width: number;
}

/** Normalises a text that comes in pieces, and knows where each character came from. */
export class SourceMap {
  readonly #normaliser = new Normaliser();
  #marks: Mark[] = [{ at: 0, source: 0, width: 1 }];
  /** How far both texts go. */
  #length = 0;
  #sourceLength = 0;

  get sourceLength(): number {
    return this.#sourceLength;
  }

  /** Adds a piece of source that stands for itself; returns its normalised form. */
  plain(source: string): string {
    if (!isSpecial(source)) {
      if (source !== '') this.#normaliser.reset();
      this.#length += source.length;
      this.#sourceLength += source.length;
      return source;
    }
    let text = '';
    for (let i = 0; i < source.length; i++) text += this.unit(source.charCodeAt(i), 1);
    return text;
  }

  /** Adds one UTF-16 unit that takes `width` characters of the source; returns its normalised form. */
  unit(unit: number, width: number): string {
    const mapped = this.#normaliser.map(unit);
    if (width !== 1 && mapped >= 0) this.#mark({ at: this.#length, source: this.#sourceLength, width });
    this.#sourceLength += width;
    if (mapped >= 0) this.#length += 1;
    if (width !== 1 || mapped < 0) this.#mark({ at: this.#length, source: this.#sourceLength, width: 1 });
    return mapped < 0 ? '' : String.fromCharCode(mapped);
  }

  /** Where the normalised character at a place begins in the source. */
  startOf(at: number): number {
    const mark = this.#markBefore(at);
    return at === mark.at ? mark.source : mark.source + mark.width - 1 + (at - mark.at);
  }

  /** Where the normalised text that ends before a place ends in the source, without what was dropped after it. */
  endOf(at: number): number {
    const mark = this.#markBefore(at - 1);
    return mark.source + mark.width + (at - 1 - mark.at);
  }

  /** Forgets what lies before a place. */
  forget(at: number): void {
    if (this.#marks.length < 2) return;
    const index = this.#marks.findLastIndex((mark) => mark.at <= at);
    if (index > 0) this.#marks = this.#marks.slice(index);
  }

  #mark(mark: Mark): void {
    if (this.#marks.at(-1)?.at === mark.at) this.#marks.pop();
    this.#marks.push(mark);
  }

  #markBefore(at: number): Mark {
    const marks = this.#marks;
    let lo = 0;
    let hi = marks.length - 1;
    while (lo < hi) {
      const middle = (lo + hi + 1) >> 1;
      if ((marks[middle]?.at ?? 0) <= at) lo = middle;
      else hi = middle - 1;
    }
    const mark = marks[lo];
    if (mark === undefined) throw new Error('a place before the start of the text');
    return mark;
  }
}
