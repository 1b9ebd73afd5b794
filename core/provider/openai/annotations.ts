const OFFSETS = ['start_index', 'end_index', 'index'] as const;

/** How far from an offset that has no counterpart one is looked for, in UTF-16 units. */
const MAX_SHIFT = 64;

type Json = Record<string, unknown>;

/**
 * Moves the offsets of citations from a text to its masked form. An offset inside a masked span goes to
 * the nearest place outside of it: a start before, an end after.
 *
 * `mask` masks any text as `masked` was made from `source`.
 */
export function moveAnnotations(
  annotations: readonly unknown[],
  source: string,
  masked: string,
  mask: (text: string) => string,
): boolean {
  let moved = false;
  for (const annotation of annotations) {
    if (!isObject(annotation)) continue;
    // Responses put the offsets in the annotation, Chat Completions one level below.
    for (const holder of [annotation, annotation['url_citation']]) {
      if (isObject(holder) && moveOffsets(holder, source, masked, mask)) moved = true;
    }
  }
  return moved;
}

/** The largest offset that an annotation names, 0 when it names none. */
export function lastOffset(annotation: unknown): number {
  if (!isObject(annotation)) return 0;
  return Math.max(0, ...OFFSETS.map((key) => annotation[key]).filter((value) => typeof value === 'number'));
}

function moveOffsets(holder: Json, source: string, masked: string, mask: (text: string) => string): boolean {
  let moved = false;
  for (const key of OFFSETS) {
    const offset = holder[key];
    if (typeof offset !== 'number') continue;
    const target = moveOffset(offset, key === 'end_index' ? 1 : -1, source, masked, mask);
    if (target === offset) continue;
    holder[key] = target;
    moved = true;
  }
  return moved;
}

function moveOffset(
  offset: number,
  direction: 1 | -1,
  source: string,
  masked: string,
  mask: (text: string) => string,
): number {
  if (masked.startsWith(source.slice(0, offset))) return Math.min(offset, masked.length);
  for (let shift = 0; shift <= MAX_SHIFT; shift++) {
    const at = offset + direction * shift;
    if (at <= 0) return 0;
    if (at >= source.length) return masked.length;
    const prefix = mask(source.slice(0, at));
    if (masked.startsWith(prefix)) return prefix.length;
  }
  return direction === 1 ? masked.length : 0;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
