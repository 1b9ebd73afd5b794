import {
  CAME,
  CAME_FORMS,
  CAME_LABELLED,
  FORMS,
  KEY,
  LABELLED,
  MASK_BYTES,
  MASKS,
  NEXT,
  PLACES,
  SLOT_BYTES,
  SLOTS,
  SORTS,
  STATES,
  TAIL,
  TEXT,
} from './layout';
import { GOES_ON, HALF, labelsBehind, OVER_AT_ONCE, readValue, UNDECIDED, UNSURE } from './states';

/** Of a token, with the character before it. */
const MOST_CHARACTERS: i32 = 20;
/** A token of so many leaves room for flags: with a character of the class behind it, nothing that it begins goes on. */
const FLAGGED_CHARACTERS: i32 = 16;
const FLAGGED_CLASSES: i32 = 32;
/** Of a key, and of what is in a slot: as `../memo.ts` has them. */
const LABEL_BITS: i32 = 14;
const SORT_BITS: i32 = 2;
const LENGTH_BITS: i32 = 5;
const PLACE_BITS: i32 = 16;
const PLACE_MASK: i32 = 31;

/** What `read` has come to: the end of what can be read, a token that is new, one that has to be read, one that matters. */
const LAST: i32 = 0;
const NEW: i32 = 1;
const UNREAD: i32 = 2;
const MATTERS: i32 = 3;

/** What of a hash is the first of its two slots. */
let homes: i32 = 0;
/** So many characters of a value are read here, and so many before a place for its labels. */
let nearUnits: i32 = 0;
let contextUnits: i32 = 0;

for (let count = 0; count <= MOST_CHARACTERS; count++) {
  const mask = MASKS + count * MASK_BYTES;
  store<u64>(mask, bitsOf(count));
  store<u64>(mask + 8, bitsOf(count - 8));
  store<u64>(mask + 16, bitsOf(count - 16));
}

function bitsOf(count: i32): u64 {
  if (count <= 0) return 0;
  return count >= 8 ? u64.MAX_VALUE : ((<u64>1) << ((<u64>count) << 3)) - 1;
}

/**
 * @param slots how many tokens are remembered, a power of two
 * @param near how many characters of a value are read here
 * @param context how many characters before a place are read for its labels
 */
export function setLimits(slots: i32, near: i32, context: i32): void {
  homes = slots - 2;
  nearUnits = near;
  contextUnits = context;
}

/**
 * Reads tokens from a place on, up to one that `memo.ts` has to look at.
 *
 * @param from at least 1
 * @param labels the rules whose labels stand before it
 * @param stamp of the keys that hold
 * @param isSingle whether the first token matters in any case
 */
export function read(from: i32, length: i32, labels: i32, stamp: i32, isSingle: bool): i32 {
  let begin = from;
  let before = labels;
  let block = (begin + 1) >>> 6;
  let places = load<u64>(PLACES + (block << 3)) & (u64.MAX_VALUE << (<u64>((begin + 1) & 63)));
  while (true) {
    while (places === 0 && (block + 1) << 6 < length) {
      block += 1;
      places = load<u64>(PLACES + (block << 3));
    }
    if (places === 0) break;
    const end = (block << 6) + <i32>ctz(places);
    const count = end - begin + 1;
    if (count > MOST_CHARACTERS) break;
    const mask = MASKS + count * MASK_BYTES;
    const low = load<u64>(TEXT + begin - 1) & load<u64>(mask);
    const high = load<u64>(TEXT + begin + 7) & load<u64>(mask + 8);
    const tailMask = load<u32>(mask + 16);
    const tail = load<u32>(TEXT + begin + 15) & tailMask;
    const column = <i32>load<u8>(TEXT + end);
    // What is behind it says which labels are wanted there.
    const kind = ((<i32>load<u8>(SORTS + column)) << LENGTH_BITS) | (count - 1);
    const key = (((stamp << LABEL_BITS) | before) << (SORT_BITS + LENGTH_BITS)) | kind;
    let hash =
      (low * 0x1e3779b97f4a7b) ^ ((high + <u64>tail) * 0x12b2ae3d27d4eb) ^ (<u64>kind * 0x165667b19e3779);
    // By a branch, so that the processor can go ahead to the next token before it knows the outcome of this one.
    if (before !== 0) hash ^= <u64>before * 0x16e8feb86659fd;
    hash ^= hash >>> 29;
    const home = SLOTS + (<i32>(hash >>> 20) & homes) * SLOT_BYTES;
    let slot = home;
    if (!holds(slot, key, low, high, tail, tailMask)) {
      slot = home + SLOT_BYTES;
      if (!holds(slot, key, low, high, tail, tailMask)) {
        memory.copy(home + SLOT_BYTES, home, SLOT_BYTES);
        store<u64>(home, low);
        store<u64>(home + 8, high);
        store<u32>(home + TAIL, tail);
        // Until its outcome is known, it is no token's.
        store<i32>(home + KEY, 0);
        come(begin, end, before, 0, home, key);
        return NEW;
      }
    }
    const next = load<i32>(slot + NEXT);
    let behind = next & (HALF - 1);
    if ((next & HALF) !== 0) behind = labelsBehind(behind, begin - 2, end - 1 - contextUnits);
    if (behind === UNDECIDED) {
      come(begin, end, before, behind, slot, key);
      return UNREAD;
    }
    const states = load<u32>(slot + STATES);
    if (isSingle || states !== 0) {
      const flag: u32 = count <= FLAGGED_CHARACTERS && column < FLAGGED_CLASSES ? 1 << column : 0;
      const flags = load<u32>(slot + TAIL);
      if (isSingle || (flags & flag) === 0) {
        const until = min(length, begin + nearUnits);
        const formsEnd = begin + ((next >>> PLACE_BITS) & PLACE_MASK);
        const labelledEnd = begin + (next >>> (PLACE_BITS + LENGTH_BITS));
        const outcome =
          readValue(FORMS, states & 0xffff, formsEnd, end, until, CAME_FORMS) |
          readValue(LABELLED, states >>> 16, labelledEnd, end, until, CAME_LABELLED);
        if (isSingle || outcome >= GOES_ON) {
          come(begin, end, before, behind, slot, key);
          return outcome >= UNSURE ? UNREAD : MATTERS;
        }
        if (outcome === OVER_AT_ONCE) store<u32>(slot + TAIL, flags | flag);
      }
    }
    before = behind;
    begin = end;
    places &= places - 1;
  }
  come(begin, 0, before, 0, 0, 0);
  return LAST;
}

/** Whether a slot has the token. */
function holds(slot: i32, key: i32, low: u64, high: u64, tail: u32, tailMask: u32): bool {
  return (
    load<i32>(slot + KEY) === key &&
    load<u64>(slot) === low &&
    load<u64>(slot + 8) === high &&
    (load<u32>(slot + TAIL) & tailMask) === tail
  );
}

function come(begin: i32, end: i32, before: i32, behind: i32, slot: i32, key: i32): void {
  store<i32>(CAME, begin);
  store<i32>(CAME + 4, end);
  store<i32>(CAME + 8, before);
  store<i32>(CAME + 12, behind);
  store<i32>(CAME + 16, slot);
  store<i32>(CAME + 20, key);
}
