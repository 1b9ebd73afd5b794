/** What an offset is of the stretch that it belongs to: its start, or its end. */
export type Side = 'start' | 'end';

/** Numbers that are kept of a stretch. */
const STRIDE = 3;

/** Tells where the places of a text are in its masked form. All places and lengths are UTF-16 units. */
export class OffsetMap {
  /** Of each stretch that was replaced: its start and end in the source, and the end of what stands for it in the masked text. */
  readonly #numbers: number[] = [];
  #first: OffsetMap | undefined;
  /** The last stretch is longer than is known yet. */
  #isOpen = false;

  /** Nothing was replaced: all places are where they were. */
  get isEmpty(): boolean {
    return this.#numbers.length === 0 && (this.#first?.isEmpty ?? true);
  }

  /** Notes that a text of some length stands for a stretch of the source, which lies behind those noted before. */
  add(start: number, end: number, length: number): void {
    const last = this.#numbers.length - STRIDE;
    this.#numbers.push(start, end, this.#shift(last) + start + length);
  }

  /** Notes a stretch of which only the start and what stands for it are certain: what lies behind it is nowhere until it is closed. */
  open(start: number, end: number, length: number): void {
    this.add(start, end, length);
    this.#isOpen = true;
  }

  /** Notes that the open stretch goes on to here, and no further where it is closed. */
  extend(end: number, isClosed: boolean): void {
    this.#numbers[this.#numbers.length - STRIDE + 1] = end;
    this.#isOpen = !isClosed;
  }

  /** From now on the places given are those of another text, of which that map makes the source of this one. */
  follow(first: OffsetMap): void {
    this.#first = first;
  }

  /**
   * Moves a place to where it is in the masked text. One inside a replaced stretch goes to before what stands for it when it is a
   * start, and behind it when it is an end. What is beyond all that is noted goes as far as the last stretch makes it.
   */
  move(offset: number, side: Side): number {
    const at = this.#first?.move(offset, side) ?? offset;
    const index = this.#lastBefore(at);
    const end = this.#numbers[index + 1] ?? 0;
    const isUnknown = this.#isOpen && index === this.#numbers.length - STRIDE;
    if (at >= end) return isUnknown ? Number.POSITIVE_INFINITY : at + this.#shift(index);
    if (side === 'end') return this.#numbers[index + 2] ?? at;
    return (this.#numbers[index] ?? at) + this.#shift(index - STRIDE);
  }

  /** By how much places move that lie behind a stretch; 0 before the first. */
  #shift(index: number): number {
    return index < 0 ? 0 : (this.#numbers[index + 2] ?? 0) - (this.#numbers[index + 1] ?? 0);
  }

  /** The index of the last stretch that starts before a place; below 0 when none does. */
  #lastBefore(at: number): number {
    let lo = -1;
    let hi = this.#numbers.length / STRIDE - 1;
    while (lo < hi) {
      const middle = Math.ceil((lo + hi) / 2);
      if ((this.#numbers[middle * STRIDE] ?? 0) < at) lo = middle;
      else hi = middle - 1;
    }
    return lo * STRIDE;
  }
}
