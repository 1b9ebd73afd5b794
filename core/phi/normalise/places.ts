/** A place where the source and the normalised text part: from `at` on, places differ by a fixed amount. */
interface Mark {
  /** In the normalised text. */
  readonly at: number;
  /** In the source. */
  readonly source: number;
  /** A character of `width` in the source stands from `at` to the next mark; 0 when they run side by side. */
  readonly width: number;
}

/** Where the characters of a normalised text came from. */
export class Places {
  /** How far the source goes that is in the normalised text. */
  sourceLength = 0;
  #marks: Mark[] = [{ at: 0, source: 0, width: 0 }];
  #length = 0;

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

  /** A stretch in which both texts run side by side. */
  run(length: number): void {
    this.#length += length;
    this.sourceLength += length;
  }

  /** So many characters are read for `width` of the source. */
  put(length: number, width: number): void {
    this.#mark(width);
    this.#length += length;
    this.sourceLength += width;
    this.#mark(0);
  }

  /** So many characters of the source are read as nothing. */
  drop(width: number, isAttached: boolean): void {
    if (isAttached) this.#attach(width);
    this.sourceLength += width;
    this.#mark(0);
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
    this.#marks.push({ ...last, width: this.sourceLength + width - last.source });
  }

  /** Notes that the texts part here. */
  #mark(width: number): void {
    if (this.#marks.at(-1)?.at === this.#length) this.#marks.pop();
    this.#marks.push({ at: this.#length, source: this.sourceLength, width });
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
