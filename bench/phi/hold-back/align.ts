import { ENTITIES } from '#core/phi/entities.ts';

const PLACEHOLDER = new RegExp(`\\[(?:${ENTITIES.map(({ name }) => name).join('|')})\\]`, 'g');

/** A stretch that stands in the masked text as it does in the source. */
interface Stretch {
  readonly output: number;
  readonly source: number;
  readonly length: number;
}

/**
 * Says of any length of a masked text how much of its source that accounts for: what was passed on as it is, and
 * what the placeholders stand for. Found by looking for what stands between placeholders in the source, in order:
 * where that is a character or two it may be found too early, which makes what is held back look longer.
 * Returns undefined when the two do not fit.
 */
export function align(source: string, output: string): ((length: number) => number) | undefined {
  const stretches: Stretch[] = [];
  let [from, at] = [0, 0];
  for (const found of [...output.matchAll(PLACEHOLDER), undefined]) {
    const literal = output.slice(from, found?.index);
    const place = placeOf(literal, source, { at, first: stretches.length === 0, last: found === undefined });
    if (place < at) return undefined;
    stretches.push({ output: from, source: place, length: literal.length });
    at = place + literal.length;
    if (found !== undefined) from = found.index + found[0].length;
  }
  return (length) => {
    const stretch = stretches.findLast((one) => one.output <= length);
    return stretch === undefined ? 0 : stretch.source + Math.min(length - stretch.output, stretch.length);
  };
}

/** Where a stretch stands in the source; a value, of one character at least, stands before it unless it is the first. */
function placeOf(
  literal: string,
  source: string,
  { at, first, last }: { at: number; first: boolean; last: boolean },
): number {
  if (first) return source.startsWith(literal) ? 0 : -1;
  if (last) return source.endsWith(literal) ? source.length - literal.length : -1;
  return source.indexOf(literal, at + 1);
}
