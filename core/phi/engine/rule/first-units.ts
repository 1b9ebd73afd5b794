import type { PatternNode } from '#core/pattern/node.ts';

/** Units from here on are not told apart. */
const OTHERS = 0x80;

/**
 * By UTF-16 unit, with all beyond ASCII as one, whether a text of the pattern may begin with it. All are flagged for one that
 * matches nothing at all.
 */
export function firstUnits(node: PatternNode): Uint8Array {
  const flags = new Uint8Array(OTHERS + 1);
  if (addFirsts(node, flags)) flags.fill(1);
  return flags;
}

/** Whether `firstUnits` has the unit at a place, where there is one. */
export function isFirstUnit(flags: Uint8Array, text: string, place: number): boolean {
  return flags[Math.min(text.charCodeAt(place), OTHERS)] === 1;
}

/** Flags what the pattern may begin with. Whether it may be empty, so that what follows begins as well. */
function addFirsts(node: PatternNode, flags: Uint8Array): boolean {
  switch (node.kind) {
    case 'set':
      for (let i = 0; i < node.set.length; i += 2) {
        const last = Math.min(node.set[i + 1] as number, OTHERS);
        for (let unit = node.set[i] as number; unit <= last; unit++) flags[unit] = 1;
        if ((node.set[i + 1] as number) >= OTHERS) flags[OTHERS] = 1;
      }
      return false;
    case 'concat':
      return node.nodes.every((child) => addFirsts(child, flags));
    case 'alternate':
      return node.nodes.map((child) => addFirsts(child, flags)).includes(true);
    case 'repeat':
      return addFirsts(node.node, flags) || node.min === 0;
    default:
      return true;
  }
}
