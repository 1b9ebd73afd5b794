import type { Counter } from '#core/limit/counter.ts';
import { firstSlot, lastSlot, slotEndMs, slotOf } from '#core/limit/window.ts';

/** What one report may have of a slot (usage.proto): more no program counts exactly. */
const MAX_AMOUNT = Number.MAX_SAFE_INTEGER;

/** What is known of one slot. */
interface Slot {
  readonly slot: number;
  /** Counted here, and in no report yet. */
  unsent: number;
  /** Counted here, and in the report that is under way. */
  sending: number;
  /** Counted here, and not stored when it was reported: it counts here alone. */
  alone: number;
  /** Of all planes, as the control plane has it; grows only. */
  total: number;
}

/** What one counter has, here and on other planes, for the slots that count. */
export class Tally {
  readonly counter: Counter;
  /** What requests that are under way may yet come to. */
  held = 0;
  #slots: Slot[] = [];

  constructor(counter: Counter) {
    this.counter = counter;
  }

  /** What counts at a moment, without what is held. */
  used(nowMs: number): number {
    const first = firstSlot(this.counter.everySeconds, nowMs);
    let sum = 0;
    // A slot that has not begun by this clock counts as well: the clock of another plane may go ahead.
    for (const slot of this.#slots) if (slot.slot >= first) sum += amountOf(slot);
    return sum;
  }

  /** Counts, in the slot of a moment. */
  add(amount: number, nowMs: number): void {
    const slot = this.#at(slotOf(this.counter.everySeconds, nowMs));
    slot.unsent = Math.min(slot.unsent + amount, MAX_AMOUNT);
  }

  /** What all planes together have in a slot. What came before from another replica may be newer. */
  learn(slot: number, total: number): void {
    const known = this.#at(slot);
    known.total = Math.max(known.total, total);
  }

  /**
   * When there is room for less than `below` again, in milliseconds since 1970, if nobody asks meanwhile; undefined when that
   * is now.
   */
  roomMs(below: number, nowMs: number): number | undefined {
    let used = this.used(nowMs);
    const { everySeconds } = this.counter;
    const first = firstSlot(everySeconds, nowMs);
    for (const slot of this.#slots.toSorted((left, right) => left.slot - right.slot)) {
      if (used < below) return undefined;
      if (slot.slot < first) continue;
      used -= amountOf(slot);
      if (used < below) return slotEndMs(everySeconds, slot.slot);
    }
    return undefined;
  }

  /** Slots of which something is in no report yet. */
  get unsent(): number {
    return this.#slots.filter(({ unsent }) => unsent > 0).length;
  }

  /** Takes what is in no report yet, by slot. */
  *take(): Generator<{ readonly slot: number; readonly amount: number }> {
    for (const slot of this.#slots) {
      if (slot.unsent === 0) continue;
      slot.sending = slot.unsent;
      slot.unsent = 0;
      yield { slot: slot.slot, amount: slot.sending };
    }
  }

  /** What was taken is in the totals of these slots; of others it counts here alone. */
  settle(stored: ReadonlySet<number>): void {
    for (const slot of this.#slots) {
      if (!stored.has(slot.slot)) slot.alone += slot.sending;
      slot.sending = 0;
    }
  }

  /**
   * Forgets what does not count any more; true when nothing is left. What was counted here while the clock was far ahead counts
   * from now on: as it stands, it would until then.
   */
  prune(nowMs: number): boolean {
    const { everySeconds } = this.counter;
    const first = firstSlot(everySeconds, nowMs);
    const last = lastSlot(everySeconds, nowMs);
    if (this.#slots.some(({ slot }) => slot > last)) this.#redate(last, nowMs);
    if (this.#slots.some(({ slot }) => slot < first)) {
      this.#slots = this.#slots.filter(({ slot }) => slot >= first);
    }
    return this.#slots.length === 0 && this.held === 0;
  }

  #redate(last: number, nowMs: number): void {
    let own = 0;
    for (const slot of this.#slots) {
      if (slot.slot <= last) continue;
      own += slot.unsent + slot.alone;
      slot.unsent = 0;
      slot.alone = 0;
    }
    this.#slots = this.#slots.filter((slot) => slot.slot <= last || amountOf(slot) > 0);
    if (own > 0) this.add(own, nowMs);
  }

  #at(number: number): Slot {
    // Most often the newest.
    const found = this.#slots.findLast(({ slot }) => slot === number);
    if (found !== undefined) return found;
    const made = { slot: number, unsent: 0, sending: 0, alone: 0, total: 0 };
    this.#slots.push(made);
    return made;
  }
}

function amountOf({ unsent, sending, alone, total }: Slot): number {
  return unsent + sending + alone + total;
}
