/** What a UTF-16 unit is to the reader of words. */
export const OTHER = 0;
export const UPPER = 1;
export const LOWER = 2;
export const DIGIT = 3;

/** Beyond this place no script has capitals that names of these lists use; letters there count as small. */
const TABLE_SIZE = 0x2000;
const KINDS = buildKinds();
const LETTER = /\p{L}/u;
/** From the end of the table to here there are punctuation and symbols only. */
const FIRST_SCRIPT = 0x2c00;

/** The kind of a unit: `UPPER`, `LOWER` (any other letter), `DIGIT` or `OTHER`. */
export function kindOf(unit: number): number {
  if (unit < TABLE_SIZE) return KINDS[unit] as number;
  return unit >= FIRST_SCRIPT && LETTER.test(String.fromCharCode(unit)) ? LOWER : OTHER;
}

function buildKinds(): Uint8Array {
  const kinds = new Uint8Array(TABLE_SIZE);
  for (let unit = 0; unit < TABLE_SIZE; unit++) {
    const c = String.fromCharCode(unit);
    if (/\p{Lu}|\p{Lt}/u.test(c)) kinds[unit] = UPPER;
    else if (/\p{L}/u.test(c)) kinds[unit] = LOWER;
    else if (/[0-9]/.test(c)) kinds[unit] = DIGIT;
  }
  return kinds;
}
