import {
  ASCII_BEGINS,
  ASCII_CLASSES,
  ASCII_KINDS,
  BEGINS_SHIFT,
  CLASS_FACTS,
  FACTS,
  KIND_SHIFT,
  MOST_KINDS,
  PLACES,
  TEXT,
  UNITS,
} from './layout';

/** So many kinds have a bit each in a byte. */
const KINDS_OF_BYTE: u32 = 8;
const LAST_KIND: u32 = MOST_KINDS - 1;
const ASCII: i32 = 0x80;

/** Whether units of ASCII may be read 16 at once: no more kinds are among all units than a byte has bits. */
let areFew: bool = false;

/** Fills FACTS, and what is known of ASCII: in UNITS are the classes of all units. */
export function spread(): void {
  let most: u32 = 0;
  for (let unit = 0; unit < 0x10000; unit++) {
    const column = <i32>load<u16>(UNITS + (unit << 1));
    const facts = load<u32>(CLASS_FACTS + (column << 2));
    store<u32>(FACTS + (unit << 2), facts);
    most = max(most, kindOf(facts));
  }
  areFew = most < KINDS_OF_BYTE;
  for (let unit = 0; unit < ASCII; unit++) {
    const facts = factsOf(unit);
    store<u8>(ASCII_CLASSES + unit, <u8>facts);
    store<u8>(ASCII_KINDS + unit, <u8>((<u32>1) << kindOf(facts)));
    store<u8>(ASCII_BEGINS + unit, <u8>(facts >>> BEGINS_SHIFT));
  }
}

/** Reads UNITS, behind another unit: their classes, and the places at which values may begin. */
export function divide(length: i32, before: i32): void {
  let facts = factsOf(before);
  store<u8>(TEXT - 1, <u8>facts);
  for (let from = 0; from <= length + 1; from += 64) {
    const until = min(from + 64, length);
    let places: u64 = 0;
    // Behind the end is room, and no value begins there.
    for (let i = from; i < until; i += 16) {
      const some = areFew && areAscii(i) ? divideAscii(i, facts) : divideAny(i, facts);
      places |= (<u64>some) << (<u64>(i & 63));
      facts = factsOf(unitAt(i + 15));
    }
    if (until - from < 64) places &= ((<u64>1) << (<u64>(until - from))) - 1;
    store<u64>(PLACES + (from >>> 3), places);
  }
}

function areAscii(from: i32): bool {
  const units = v128.or(v128.load(UNITS + (from << 1)), v128.load(UNITS + (from << 1), 16));
  return !v128.any_true(v128.and(units, i16x8.splat(<i16>-ASCII)));
}

/** Reads 16 units; returns a bit for each, whether a value may begin there. */
function divideAny(from: i32, before: u32): u32 {
  let facts = before;
  let places: u32 = 0;
  for (let i = 0; i < 16; i++) {
    const next = factsOf(unitAt(from + i));
    store<u8>(TEXT + from + i, <u8>next);
    places |= ((next >>> (kindOf(facts) + BEGINS_SHIFT)) & 1) << i;
    facts = next;
  }
  return places;
}

/**
 * The same of units of ASCII, side by side: what each of three tables has for them. A swizzle gives 0 for an index that is not in its
 * 16 bytes.
 */
function divideAscii(from: i32, before: u32): u32 {
  const address = UNITS + (from << 1);
  let index = i8x16.narrow_i16x8_u(v128.load(address), v128.load(address, 16));
  const step = i8x16.splat(16);
  let classes = i8x16.swizzle(v128.load(ASCII_CLASSES), index);
  let kinds = i8x16.swizzle(v128.load(ASCII_KINDS), index);
  let begins = i8x16.swizzle(v128.load(ASCII_BEGINS), index);
  for (let part = 16; part < ASCII; part += 16) {
    index = i8x16.sub(index, step);
    classes = v128.or(classes, i8x16.swizzle(v128.load(ASCII_CLASSES + part), index));
    kinds = v128.or(kinds, i8x16.swizzle(v128.load(ASCII_KINDS + part), index));
    begins = v128.or(begins, i8x16.swizzle(v128.load(ASCII_BEGINS + part), index));
  }
  v128.store(TEXT + from, classes);
  // Of each unit the kind of the one before it.
  const first = i8x16.splat(<i8>((<u32>1) << kindOf(before)));
  const behind = i8x16.shuffle(first, kinds, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  return <u32>i8x16.bitmask(i8x16.ne(v128.and(behind, begins), i8x16.splat(0)));
}

function unitAt(place: i32): i32 {
  return <i32>load<u16>(UNITS + (place << 1));
}

function factsOf(unit: i32): u32 {
  return load<u32>(FACTS + (unit << 2));
}

function kindOf(facts: u32): u32 {
  return (facts >>> KIND_SHIFT) & LAST_KIND;
}
