/** Short enough for what takes minutes a megabyte. */
const FIRST_PART_CHARACTERS = 256;
/** Work is given up, and the rest reckoned, after so much time and text: enough to fill a cache. */
const ENOUGH_MS = 60;
const ENOUGH_CHARACTERS = 1_500;
/** What takes no longer than this for the whole text is done to its end. */
const MAX_WHOLE_MS = 400;

/**
 * How many milliseconds work takes for a text of a million characters. The text comes in parts, each twice as long as
 * the one before, so that time that grows faster than the text shows. Slow work is not done to the end: the rest is
 * reckoned at the pace of the better of the last two parts, since the first ones also pay for what is made once, and
 * any part may meet a pause.
 */
export function measurePace(text: string, work: (text: string) => unknown): number {
  let spentMs = 0;
  let at = 0;
  let before = Number.POSITIVE_INFINITY;
  for (let length = FIRST_PART_CHARACTERS; at < text.length; length *= 2) {
    const part = text.slice(at, at + length);
    const startMs = performance.now();
    work(part);
    const ms = performance.now() - startMs;
    spentMs += ms;
    at += part.length;
    const pace = ms / part.length;
    const restMs = (text.length - at) * Math.min(pace, before);
    const enough = spentMs > ENOUGH_MS && at > ENOUGH_CHARACTERS;
    if (enough && spentMs + restMs > MAX_WHOLE_MS) return ((spentMs + restMs) * 1_000_000) / text.length;
    before = pace;
  }
  return (spentMs * 1_000_000) / text.length;
}
