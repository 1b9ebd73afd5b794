import type { OffsetMap } from '#core/phi/mask.ts';

const OFFSETS = ['start_index', 'end_index', 'index'] as const;

type Json = Record<string, unknown>;

/**
 * Moves the offsets of citations from a text to its masked form. An offset inside a masked span goes to
 * the nearest place outside of it: a start before, an end after; one beyond the text to its end.
 *
 * @param offsets of the text, as far as the citations reach
 * @param length of the text, in UTF-16 units
 * @returns whether any was moved: none is where nothing was masked
 */
export function moveAnnotations(
  annotations: readonly unknown[],
  offsets: OffsetMap,
  length: number,
): boolean {
  if (offsets.isEmpty) return false;
  let moved = false;
  for (const holder of annotations.flatMap(holdersOf)) {
    for (const key of OFFSETS) {
      const offset = holder[key];
      if (typeof offset !== 'number') continue;
      const target = offsets.move(Math.min(offset, length), key === 'end_index' ? 'end' : 'start');
      if (target === offset) continue;
      holder[key] = target;
      moved = true;
    }
  }
  return moved;
}

/** The largest offset that an annotation names, 0 when it names none. */
export function lastOffset(annotation: unknown): number {
  const offsets = holdersOf(annotation).flatMap((holder) => OFFSETS.map((key) => holder[key]));
  return Math.max(0, ...offsets.filter((offset) => typeof offset === 'number'));
}

/** Responses put the offsets in the annotation, Chat Completions one level below. */
function holdersOf(annotation: unknown): Json[] {
  return isObject(annotation) ? [annotation, annotation['url_citation']].filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
