import { type Counter, counterId } from '#core/limit/counter.ts';
import type { AppliedLimit } from '#core/policy/limit/plan.ts';
import { Tally } from './tally.ts';

/** Counters that a plane keeps, at 0.5 to 1.5 KiB each: callers, groups and policies that asked for something in a limit's time. */
const MAX_COUNTERS = 100_000;
/** While there is no place for another one, it is looked for as often as that. */
const SWEEP_MS = 1_000;
/** With what is held by others it can be another matter in a moment. */
const SOON_MS = 1_000;

/** What a request asks of a limit. */
export interface Charge {
  readonly limit: AppliedLimit;
  /** Counted at once. */
  readonly amount: number;
  /** What it may come to, set aside until it is known. */
  readonly held: number;
}

/** A limit that lets no more through. */
export interface Exhausted {
  readonly limit: AppliedLimit;
  readonly used: number;
  /** When there is room again, in milliseconds since 1970; undefined when there never is for so much at once. */
  readonly roomMs: number | undefined;
}

/** What is counted in one slot of a counter. */
export interface Amount {
  readonly counter: Counter;
  readonly slot: number;
  readonly amount: number;
}

/**
 * What this plane knows of all that limits count: its own, at once, and that of the others as it comes. Nothing here waits, so
 * that what is asked at the same time is counted one after the other.
 */
export class Ledger {
  readonly #tallies = new Map<string, Tally>();
  readonly #unsent = new Set<Tally>();
  #sweeping = this.#tallies.entries();
  #sending: readonly Tally[] = [];
  #sweptMs = 0;
  readonly #maxCounters: number;

  constructor(maxCounters = MAX_COUNTERS) {
    this.#maxCounters = maxCounters;
  }

  /**
   * Counts a request for all of its limits, or for none: then it is the limit that has room again last. A limit of requests
   * lets as many through as it says; one that is known only afterwards lets another one through while anything is left.
   */
  reserve(charges: readonly Charge[], nowMs: number): Exhausted | 'full' | undefined {
    let refused: Exhausted | undefined;
    for (const { limit, amount } of charges) {
      const tally = this.#open(limit.id, limit, nowMs);
      if (tally === undefined) return 'full';
      const exhausted = exhaustedOf(tally, limit, amount, nowMs);
      if (waitOf(exhausted) > waitOf(refused)) refused = exhausted;
    }
    if (refused !== undefined) return refused;
    for (const { limit, amount, held } of charges) {
      this.#add(limit.id, amount, nowMs);
      const tally = this.#tallies.get(limit.id);
      if (tally !== undefined) tally.held += held;
    }
    return undefined;
  }

  /** Counts what a request has come to, and gives back what was held for it. */
  settle(limit: AppliedLimit, held: number, amount: number, nowMs: number): void {
    const tally = this.#open(limit.id, limit, nowMs);
    if (tally === undefined) return;
    tally.held = Math.max(0, tally.held - held);
    this.#add(limit.id, amount, nowMs);
  }

  /** Notes what all planes together have counted. */
  learn(totals: readonly Amount[], nowMs: number): void {
    for (const { counter, slot, amount } of totals) {
      this.#open(counterId(counter), counter, nowMs)?.learn(slot, amount);
    }
  }

  /** Takes what no report has had yet, so many slots at most; empty when there is nothing. `sent` ends it. */
  take(maxSlots: number, nowMs: number): Amount[] {
    const amounts: Amount[] = [];
    const sending: Tally[] = [];
    for (const tally of this.#unsent) {
      tally.prune(nowMs);
      if (amounts.length + tally.unsent > maxSlots) break;
      for (const part of tally.take()) amounts.push({ counter: tally.counter, ...part });
      sending.push(tally);
    }
    for (const tally of sending) this.#unsent.delete(tally);
    this.#sending = sending;
    return amounts;
  }

  /** What was taken is stored, as far as these totals have it; what they have not counts on this plane alone. */
  sent(totals: readonly Amount[], nowMs: number): void {
    this.learn(totals, nowMs);
    const stored = new Map<string, Set<number>>();
    for (const { counter, slot } of totals) {
      const id = counterId(counter);
      stored.set(id, (stored.get(id) ?? new Set()).add(slot));
    }
    for (const tally of this.#sending) tally.settle(stored.get(counterId(tally.counter)) ?? new Set());
    this.#sending = [];
  }

  /** Looks at so many counters, going on from those before, and forgets those of which nothing counts any more. */
  sweep(nowMs: number, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const next = this.#sweeping.next();
      if (next.done === true) {
        this.#sweeping = this.#tallies.entries();
        return;
      }
      const [id, tally] = next.value;
      const isEmpty = tally.prune(nowMs);
      if (tally.unsent > 0) this.#unsent.add(tally);
      else if (isEmpty && !this.#unsent.has(tally)) this.#tallies.delete(id);
    }
  }

  #add(id: string, amount: number, nowMs: number): void {
    const tally = this.#tallies.get(id);
    if (amount === 0 || tally === undefined) return;
    tally.add(amount, nowMs);
    this.#unsent.add(tally);
  }

  /** Undefined when there is no place for another one: nothing that counts is forgotten. */
  #open(id: string, counter: Counter, nowMs: number): Tally | undefined {
    const known = this.#tallies.get(id);
    if (known !== undefined) return known;
    if (this.#tallies.size >= this.#maxCounters && Math.abs(nowMs - this.#sweptMs) >= SWEEP_MS) {
      this.#sweptMs = nowMs;
      // What is left of the round before, and a whole one.
      for (let round = 0; round < 2; round += 1) this.sweep(nowMs, this.#maxCounters + 1);
    }
    if (this.#tallies.size >= this.#maxCounters) return undefined;
    const { policy, limit, per, issuer, subject, unit, everySeconds } = counter;
    const tally = new Tally({ policy, limit, per, issuer, subject, unit, everySeconds });
    this.#tallies.set(id, tally);
    return tally;
  }
}

function exhaustedOf(
  tally: Tally,
  limit: AppliedLimit,
  amount: number,
  nowMs: number,
): Exhausted | undefined {
  const used = tally.used(nowMs);
  // Of what is known only afterwards nothing is asked yet: something has to be left.
  const below = amount === 0 ? limit.max : limit.max - amount + 1;
  if (used + tally.held < below) return undefined;
  if (below <= 0) return { limit, used, roomMs: undefined };
  return { limit, used, roomMs: tally.roomMs(below, nowMs) ?? nowMs + SOON_MS };
}

/** How late there is room again; negative for none that refuses. */
function waitOf(exhausted: Exhausted | undefined): number {
  if (exhausted === undefined) return -1;
  return exhausted.roomMs ?? Number.POSITIVE_INFINITY;
}
