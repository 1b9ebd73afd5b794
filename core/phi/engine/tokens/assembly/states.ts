import { BEFORE, BOUNDS, NARROW_TABLE, TEXT } from './layout';

/** Below it states, from it on sets of rules; in a table of states these are counted down from the last entry. */
export const HALF: i32 = 0x8000;
const LAST_ENTRY: i32 = 0xffff;
const NARROW: i32 = 0x4000;
const UNKNOWN: i32 = 0;
/** In place of a set of rules. */
export const UNDECIDED: i32 = -1;

/** What becomes of values behind a token: nothing at once, nothing, something, or what is not known yet. */
export const OVER_AT_ONCE: i32 = 0;
const OVER: i32 = 1;
export const GOES_ON: i32 = 2;
export const UNSURE: i32 = 4;

/** By how much a state is shifted to be the place of its row. */
let rowShift: i32 = 0;

export function setRowShift(shift: i32): void {
  rowShift = shift;
}

/** The labels before a place, read backwards from `from` down to `until`: UNDECIDED where that does not tell. */
export function labelsBehind(state: i32, from: i32, until: i32): i32 {
  const last = max(-1, until);
  let at = state;
  for (let i = from; i > last; i--) {
    const entry = follow(BEFORE, at, <i32>load<u8>(TEXT + i));
    if (entry === UNKNOWN) return UNDECIDED;
    if (entry >= HALF) return LAST_ENTRY - entry;
    at = entry;
  }
  return UNDECIDED;
}

/**
 * Reads on from a token with what has become of a value within it, and puts the outcome `to` an address.
 *
 * @param half a state, or from HALF on a set of rules that have matched
 * @param matchEnd where these have
 */
export function readValue(table: i32, half: i32, matchEnd: i32, from: i32, until: i32, to: i32): i32 {
  if (half >= HALF) {
    become(to, 0, half - HALF, matchEnd);
    return GOES_ON;
  }
  let at = half;
  let place = from;
  for (; at !== 0 && place < until; place++) {
    const entry = follow(table, at, <i32>load<u8>(TEXT + place));
    if (entry === UNKNOWN) return UNSURE;
    if (entry >= HALF) {
      become(to, 0, LAST_ENTRY - entry, place);
      if (entry !== LAST_ENTRY) return GOES_ON;
      return place === from ? OVER_AT_ONCE : OVER;
    }
    at = entry;
  }
  become(to, at, 0, place);
  return at === 0 ? OVER_AT_ONCE : GOES_ON;
}

function become(to: i32, state: i32, accepted: i32, place: i32): void {
  store<i32>(to, state);
  store<i32>(to + 4, accepted);
  store<i32>(to + 8, place);
}

/** Where a class leads from a state, as `Automaton.read` does. */
function follow(table: i32, state: i32, column: i32): i32 {
  if (state < NARROW) return load<u16>(table + (((state << rowShift) + column) << 1));
  const row = table + NARROW_TABLE + ((state - NARROW) << 4);
  if (load<u16>(row) === column) return load<u16>(row + 2);
  if (load<u16>(row + 4) === column) return load<u16>(row + 6);
  if (load<u16>(row + 8) === column) return load<u16>(row + 10);
  return load<u16>(row + 12 + ((<i32>load<u8>(BOUNDS + column)) << 1));
}
