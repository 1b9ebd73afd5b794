import { expect } from 'vitest';
import type { OffsetMap } from '#core/phi/mask.ts';

/** Words in capitals, in JSON perhaps instead of a number. */
const PLACEHOLDERS = /^(?:"?\[[A-Z_]+\]"?)+$/;

/**
 * Expects that every place of a source is moved to where it is in the masked text: that the latter is, unit by unit, what the
 * source has at the places that are moved there, and for the rest only what may stand for a finding.
 *
 * @param put what may stand for the findings that lie side by side
 */
export function expectExact(source: string, masked: string, offsets: OffsetMap, put = PLACEHOLDERS): void {
  const copied = new Set<number>();
  const at = (place: number) => [offsets.move(place, 'start'), offsets.move(place, 'end')] as const;
  const wrong: number[] = [];
  for (let place = 0; place < source.length; place++) {
    const [start, end] = at(place);
    const [nextStart, nextEnd] = at(place + 1);
    if (start > end || start > nextStart) wrong.push(place);
    if (start !== end || nextStart !== nextEnd || nextStart !== start + 1) continue;
    if (masked[start] !== source[place]) wrong.push(place);
    copied.add(start);
  }
  expect(wrong).toEqual([]);
  expect(at(source.length)).toEqual([masked.length, masked.length]);
  for (let from = 0; from < masked.length; ) {
    let to = from;
    while (to < masked.length && !copied.has(to)) to++;
    if (to > from) expect(masked.slice(from, to)).toMatch(put);
    from = to + 1;
  }
}
