import { OffsetMap } from '#core/phi/mask.ts';

/** A stretch of a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a text was replaced, stretch by stretch. */
export class Spans extends OffsetMap {
  readonly list: { readonly start: number; end: number }[] = [];

  override add(start: number, end: number, length: number): void {
    super.add(start, end, length);
    this.list.push({ start, end });
  }

  override extend(end: number, isClosed: boolean): void {
    super.extend(end, isClosed);
    const last = this.list.at(-1);
    if (last !== undefined) last.end = end;
  }
}

/** Where it is not said what of a text was replaced. */
export function replacedWhole(source: string, masked: string): OffsetMap {
  const offsets = new OffsetMap();
  if (masked !== source) offsets.add(0, source.length, masked.length);
  return offsets;
}

/** Whether the character at a place was replaced. */
export function isReplaced(offsets: OffsetMap, at: number): boolean {
  return offsets.move(at + 1, 'end') - offsets.move(at, 'start') !== 1;
}

/** Whether both ends of a stretch were replaced. */
export function isCovered(offsets: OffsetMap, { start, end }: Span): boolean {
  return isReplaced(offsets, start) && isReplaced(offsets, end - 1);
}
