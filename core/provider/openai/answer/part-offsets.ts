import { OffsetMap, type Side } from '#core/phi/mask.ts';

/** Where the places of a part are in its masked form, by where those of the whole are. */
export class PartOffsets extends OffsetMap {
  readonly #whole: OffsetMap;
  readonly #from: number;
  readonly #maskedFrom: number;
  readonly #maskedTo: number;

  /** The part begins there in the whole, and in its masked form, in which it ends there. */
  constructor(whole: OffsetMap, from: number, maskedFrom: number, maskedTo = Number.POSITIVE_INFINITY) {
    super();
    this.#whole = whole;
    this.#from = from;
    this.#maskedFrom = maskedFrom;
    this.#maskedTo = maskedTo;
  }

  override get isEmpty(): boolean {
    return this.#whole.isEmpty;
  }

  /** What of the part stands in the one before it is at its start, and at its end what stands in the next one. */
  override move(offset: number, side: Side): number {
    const moved = this.#whole.move(this.#from + offset, side);
    return Math.max(0, Math.min(moved, this.#maskedTo) - this.#maskedFrom);
  }
}
