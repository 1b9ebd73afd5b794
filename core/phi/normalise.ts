/**
 * How many characters in a row may be dropped; longer runs are kept, as themselves, so that what a stream
 * holds back stays bounded. No real text has such runs.
 */
const MAX_DROPPED_RUN = 16;

/** Ranges of invisible characters: soft hyphen, joiners, direction marks, variation selectors, BOM. */
const DROPPED: readonly (readonly [number, number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x180b, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x206f],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
];
/** Ranges of characters that read as an ASCII one. */
const FOLDS: readonly (readonly [number, number, string])[] = [
  [0xa0, 0xa0, ' '],
  [0x1680, 0x1680, ' '],
  [0x2000, 0x200a, ' '],
  [0x202f, 0x202f, ' '],
  [0x205f, 0x205f, ' '],
  [0x3000, 0x3000, ' '],
  [0x2028, 0x2029, '\n'],
  [0x2010, 0x2015, '-'],
  [0x2212, 0x2212, '-'],
  [0xfe58, 0xfe58, '-'],
  [0xfe63, 0xfe63, '-'],
  [0x2018, 0x201b, "'"],
  [0x201c, 0x201f, '"'],
];
const FULL_WIDTH_FIRST = 0xff01;
const FULL_WIDTH_LAST = 0xff5e;
const FULL_WIDTH_OFFSET = 0xfee0;

const FOLDED: ReadonlyMap<number, number> = buildFolded();
const SPECIAL = new RegExp(`[${String.fromCharCode(...FOLDED.keys())}]`);

/** Whether any character of the text is not itself after normalising. */
export function isSpecial(text: string): boolean {
  return SPECIAL.test(text);
}

/** The UTF-16 unit that a character is read as; -1 for nothing. */
export function plainOf(unit: number): number {
  return FOLDED.get(unit) ?? unit;
}

/**
 * Folds characters one by one as the rules want to see them: full-width forms as ASCII, the many spaces,
 * dashes and quotation marks as the plain ones; invisible characters are dropped. One for each text, since it
 * counts runs.
 */
export class Normaliser {
  #run = 0;

  /** The UTF-16 unit that stands for this one; -1 when it is dropped. */
  map(unit: number): number {
    if (unit < 0xa0) {
      this.#run = 0;
      return unit;
    }
    const folded = FOLDED.get(unit) ?? unit;
    this.#run = folded < 0 ? this.#run + 1 : 0;
    return this.#run > MAX_DROPPED_RUN ? unit : folded;
  }

  /** Notes that ordinary text went by. */
  reset(): void {
    this.#run = 0;
  }
}

/** What each special character becomes; -1 for nothing. */
function buildFolded(): Map<number, number> {
  const map = new Map<number, number>();
  const fold = (from: number, to: number, target: (unit: number) => number) => {
    for (let unit = from; unit <= to; unit++) map.set(unit, target(unit));
  };
  for (const [from, to] of DROPPED) fold(from, to, () => -1);
  for (const [from, to, text] of FOLDS) fold(from, to, () => text.charCodeAt(0));
  fold(FULL_WIDTH_FIRST, FULL_WIDTH_LAST, (unit) => unit - FULL_WIDTH_OFFSET);
  return map;
}
