/**
 * Limits count in slots: a tenth of the limit's time each, counted from 1970. At any moment those count that reach into the
 * time behind it: the slot of the moment and the ten before. So what is counted covers the whole time, up to a tenth more, and
 * in no stretch of that length, wherever it begins, is there more than the limit. The way is known as a sliding window of
 * counters: https://www.figma.com/blog/an-alternative-approach-to-rate-limiting/.
 */
const SLOTS = 10;
/** Clocks differ by less. */
const MAX_AHEAD_MS = 60_000;

/** The length of a slot of a limit, in milliseconds. */
function slotMs(everySeconds: number): number {
  return (everySeconds * 1_000) / SLOTS;
}

/** The slot of a moment in milliseconds since 1970. */
export function slotOf(everySeconds: number, nowMs: number): number {
  return Math.floor(nowMs / slotMs(everySeconds));
}

/** The first slot that counts at a moment. */
export function firstSlot(everySeconds: number, nowMs: number): number {
  return slotOf(everySeconds, nowMs) - SLOTS;
}

/** The last slot that counts at a moment. One that begins later is of a clock that goes wrong, and would count for too long. */
export function lastSlot(everySeconds: number, nowMs: number): number {
  return slotOf(everySeconds, nowMs + MAX_AHEAD_MS);
}

/** From when on a slot does not count any more, in milliseconds since 1970. */
export function slotEndMs(everySeconds: number, slot: number): number {
  return (slot + SLOTS + 1) * slotMs(everySeconds);
}
