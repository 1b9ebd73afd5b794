import { type CharSet, charSet, contains } from './chars.ts';

/** The last code point with a case pair (Adlam); beyond it nothing folds. */
const LAST_CASED = 0x1e943;
/** Dotless and dotted i have no simple case folding (CaseFolding.txt marks theirs T, Turkic). */
const UNFOLDED: ReadonlySet<number> = new Set([0x130, 0x131]);

const KELVIN_SIGN = 0x212a;
const LONG_S = 0x17f;

let orbits: ReadonlyMap<number, readonly number[]> | undefined;

/**
 * The set with every code point's simple case variants added, as RE2's `(?i)` does: `k` also gives `K` and
 * the Kelvin sign, `s` also the long s.
 */
export function foldCase(set: CharSet): CharSet {
  if ((set.at(-1) ?? 0) <= 0x7f) return foldAscii(set);
  const pairs = [...set];
  orbits ??= buildOrbits();
  for (let i = 0; i < set.length; i += 2) {
    const hi = Math.min(set[i + 1] ?? 0, LAST_CASED);
    for (let c = set[i] ?? 0; c <= hi; c++) {
      const orbit = orbits.get(c);
      if (orbit !== undefined) for (const other of orbit) pairs.push(other, other);
    }
  }
  return pairs.length === set.length ? set : charSet(pairs);
}

const asciiFolds = new Map<CharSet, CharSet>();

/** The set with the other case of every letter of ASCII that it has; the same one for the same one. */
export function foldAsciiLetters(set: CharSet): CharSet {
  const known = asciiFolds.get(set);
  if (known !== undefined) return known;
  const pairs = [...set];
  for (let lower = 0x61; lower <= 0x7a; lower++) {
    const upper = lower - 0x20;
    if (contains(set, lower) !== contains(set, upper)) pairs.push(lower, lower, upper, upper);
  }
  const folded = pairs.length === set.length ? set : charSet(pairs);
  asciiFolds.set(set, folded);
  return folded;
}

/** As `foldCase` for a set within ASCII, without the table of all of Unicode. */
function foldAscii(set: CharSet): CharSet {
  const pairs = [...set];
  for (let lower = 0x61; lower <= 0x7a; lower++) {
    const upper = lower - 0x20;
    if (!contains(set, lower) && !contains(set, upper)) continue;
    pairs.push(lower, lower, upper, upper);
    if (lower === 0x6b) pairs.push(KELVIN_SIGN, KELVIN_SIGN);
    if (lower === 0x73) pairs.push(LONG_S, LONG_S);
  }
  return charSet(pairs);
}

function buildOrbits(): ReadonlyMap<number, readonly number[]> {
  const byKey = new Map<number, number[]>();
  for (let c = 0x41; c <= LAST_CASED; c++) {
    if (UNFOLDED.has(c) || (c >= 0xd800 && c <= 0xf8ff)) continue;
    const key = simple(simple(c, 'toUpperCase'), 'toLowerCase');
    if (key === c && simple(c, 'toUpperCase') === c) continue;
    const orbit = byKey.get(key);
    if (orbit === undefined) byKey.set(key, [key, c]);
    else orbit.push(c);
  }
  const map = new Map<number, readonly number[]>();
  for (const orbit of byKey.values()) {
    const members = [...new Set(orbit)];
    if (members.length > 1) for (const c of members) map.set(c, members);
  }
  return map;
}

/** The one-code-point case variant, or the code point itself where the variant is longer. */
function simple(codePoint: number, method: 'toUpperCase' | 'toLowerCase'): number {
  const text = String.fromCodePoint(codePoint)[method]();
  const first = text.codePointAt(0) ?? codePoint;
  return text.length === (first > 0xffff ? 2 : 1) ? first : codePoint;
}
