import type { Case, Span } from './cases.ts';

type Place = { readonly start: number; readonly end: number };

/**
 * Compares what was found with what Presidio finds. Quotes and brackets at the rim of a span need not be found:
 * they tell nothing. A finding may be wider than its span, but no further than to the next white space.
 *
 * @returns the faults, in order of their place; empty where both agree.
 */
export function judge({ text, spans }: Case, findings: readonly Place[]): string[] {
  return [
    ...spans.flatMap((span) => missed(text, span, findings)),
    ...findings.flatMap((found) => tooMuch(text, spans, found)),
  ];
}

/** Whether each letter and digit of the span lies in a finding. */
export function covers(text: string, span: Span, findings: readonly Place[]): boolean {
  return missed(text, span, findings).length === 0;
}

function missed(text: string, [start, end]: Span, findings: readonly Place[]): string[] {
  const touching = findings.filter((found) => found.start < end && found.end > start);
  if (touching.length === 0) return [`${start}-${end} is missed`];
  const open = Array.from({ length: end - start }, (_, i) => start + i).filter(
    (at) =>
      /[\p{L}\p{N}]/u.test(text.charAt(at)) && !touching.some((found) => found.start <= at && at < found.end),
  );
  return open.length === 0 ? [] : [`${start}-${end} is found in part, from ${open[0]} it is not`];
}

function tooMuch(text: string, spans: readonly Span[], found: Place): string[] {
  const touched = spans.filter(([start, end]) => found.start < end && found.end > start);
  if (touched.length === 0) return [`${found.start}-${found.end} is found and should not be`];
  let from = found.start;
  const outside: string[] = [];
  for (const [start, end] of touched) {
    outside.push(text.slice(from, start));
    from = Math.max(from, end);
  }
  outside.push(text.slice(from, found.end));
  const wide = outside.some((piece) => /\s/.test(piece) && /[\p{L}\p{N}]/u.test(piece));
  return wide ? [`${found.start}-${found.end} takes other words along`] : [];
}
