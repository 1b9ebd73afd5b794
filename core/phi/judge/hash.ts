/** FNV-1a, 32 bits. */
export const BASIS = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** The hash with one more unit. */
export function add(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, PRIME);
}

/** A hash of a number of a feature and of up to two hashes. */
export function combine(feature: number, left: number, right: number): number {
  let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0xc2b2ae35) ^ Math.imul(feature, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

export const ZERO = 0x30;
const FOLDED = Uint16Array.from({ length: 0x2000 }, (_, unit) => {
  const c = String.fromCharCode(unit);
  if (/[0-9]/.test(c)) return ZERO;
  const small = c.toLowerCase();
  return small.length === 1 ? small.charCodeAt(0) : unit;
});

/** A UTF-16 unit as features have it: a small letter for a capital, 0 for any digit. */
export function foldUnit(unit: number): number {
  return unit < FOLDED.length ? (FOLDED[unit] as number) : unit;
}
