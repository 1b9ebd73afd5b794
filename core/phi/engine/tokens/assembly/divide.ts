import { BEGINS_SHIFT, CLASS_FACTS, FACTS, KIND_SHIFT, MOST_KINDS, PLACES, TEXT, UNITS } from './layout';

/** Fills FACTS: in UNITS are the classes of all units. */
export function spread(): void {
  for (let unit = 0; unit < 0x10000; unit++) {
    const column = <i32>load<u16>(UNITS + (unit << 1));
    store<u32>(FACTS + (unit << 2), load<u32>(CLASS_FACTS + (column << 2)));
  }
}

/** Reads UNITS, behind another unit: their classes, and the places at which values may begin. */
export function divide(length: i32, before: i32): void {
  let facts = factsOf(before);
  store<u8>(TEXT - 1, <u8>facts);
  for (let from = 0; from <= length; from += 64) {
    const until = min(from + 64, length);
    let places: u64 = 0;
    // Four at once: behind the end is room, and it is not looked at.
    for (let i = from; i < until; i += 4) {
      const units = load<u64>(UNITS + (i << 1));
      const first = factsOf(<i32>(units & 0xffff));
      const second = factsOf(<i32>((units >>> 16) & 0xffff));
      const third = factsOf(<i32>((units >>> 32) & 0xffff));
      const fourth = factsOf(<i32>(units >>> 48));
      const classes = (first & 0xff) | ((second & 0xff) << 8) | ((third & 0xff) << 16) | (fourth << 24);
      store<u32>(TEXT + i, classes);
      const four =
        begins(first, facts) |
        (begins(second, first) << 1) |
        (begins(third, second) << 2) |
        (begins(fourth, third) << 3);
      places |= (<u64>four) << (<u64>(i & 63));
      facts = fourth;
    }
    if (until - from < 64) places &= ((<u64>1) << (<u64>(until - from))) - 1;
    store<u64>(PLACES + (from >>> 3), places);
  }
}

function factsOf(unit: i32): u32 {
  return load<u32>(FACTS + (unit << 2));
}

/** 1 where a value may begin with a unit behind another one, or else 0. */
function begins(facts: u32, before: u32): u32 {
  return (facts >>> (((before >>> KIND_SHIFT) & (MOST_KINDS - 1)) + BEGINS_SHIFT)) & 1;
}
