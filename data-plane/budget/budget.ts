import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';

/**
 * The bytes of bodies, messages and answers that a plane may have under way, for all callers together. A caller may have as
 * many as are free for all others: alone half of them, two alike a third each; whoever takes all that they can leaves as much
 * again. (A dynamic threshold, as switches share their memory: Choudhury and Hahne, 1998,
 * https://doi.org/10.1109/90.664262, with a factor of one.)
 */
export class ByteBudget {
  /** Bytes. */
  readonly total: number;
  #underWay = 0;
  #refusals = 0;
  readonly #byCaller = new Map<string, number>();

  constructor(total: number) {
    this.total = total;
  }

  /** Bytes of all callers. */
  get underWay(): number {
    return this.#underWay;
  }

  /** How often there was no room, since the plane started. */
  get refusals(): number {
    return this.#refusals;
  }

  /** An account for what one request, connection or message holds; empty at first. */
  open(caller?: Caller): Hold {
    return new Hold(this, caller);
  }

  /** Of Hold: takes bytes for a caller, or changes nothing and says no. A negative number gives them back. */
  charge(key: string, bytes: number): boolean {
    const own = (this.#byCaller.get(key) ?? 0) + bytes;
    const underWay = this.#underWay + bytes;
    if (bytes > 0 && own > this.total - underWay) {
      this.#refusals += 1;
      return false;
    }
    this.#underWay = underWay;
    if (own === 0) this.#byCaller.delete(key);
    else this.#byCaller.set(key, own);
    return true;
  }
}

/** Of a text that is read: its place, its objects. Measured with 900,000 of one letter each: 108. */
const TEXT_BYTES = 128;

/** What one request, connection or message holds of a budget. */
export class Hold {
  readonly #budget: ByteBudget;
  #key: string;
  #bytes = 0;
  #released = false;

  /** @param caller absent while it is not known who asks: nothing of theirs is read before */
  constructor(budget: ByteBudget, caller: Caller | undefined) {
    this.#budget = budget;
    this.#key = keyOf(caller);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Says who asks, before anything is taken. */
  belongTo(caller: Caller): void {
    if (this.#bytes === 0) this.#key = keyOf(caller);
  }

  /** Takes more. Throws GatewayError `too_much_under_way`. */
  take(bytes: number): void {
    if (!this.resize(this.#bytes + bytes)) throw tooMuch();
  }

  /** Takes what so many texts need beside the bytes that they came in. Throws as `take`. */
  takeTexts(count: number): void {
    this.take(count * TEXT_BYTES);
  }

  /** Gives some back. */
  give(bytes: number): void {
    this.resize(Math.max(0, this.#bytes - bytes));
  }

  /** Holds so many from now on; false, with nothing changed, where there is no room for them. */
  resize(bytes: number): boolean {
    if (bytes === this.#bytes) return true;
    if (this.#released || !this.#budget.charge(this.#key, bytes - this.#bytes)) return false;
    this.#bytes = bytes;
    return true;
  }

  /** Hands some over to another hold of the same caller. */
  move(bytes: number, other: Hold): void {
    const moved = Math.min(bytes, this.#bytes);
    if (other.#released) {
      this.give(moved);
    } else {
      this.#bytes -= moved;
      other.#bytes += moved;
    }
  }

  /** Gives everything back, once; from now on nothing can be taken. */
  release(): void {
    this.resize(0);
    this.#released = true;
  }
}

function keyOf(caller: Caller | undefined): string {
  return caller === undefined ? '' : `${caller.issuer}\n${caller.subject}`;
}

/** The refusal of what there is no room for. */
export function tooMuch(): GatewayError {
  const message =
    'Too much of this caller, or of all, is under way on this plane; send it again when some of that has ended.';
  return new GatewayError('too_much_under_way', message);
}
