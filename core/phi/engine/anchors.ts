import type { Plan } from './plan.ts';

/** In front of a text. */
export const NEWLINE = 0x0a;

/**
 * The first place from another one on at which a value may begin; the end of the text where there is none.
 * @param forced a place that is one in any case
 */
export function nextAnchor(plan: Plan, text: string, from: number, forced: number): number {
  const { classes, pairs, pairShift } = plan;
  let pair = (classes[from > 0 ? text.charCodeAt(from - 1) : NEWLINE] as number) << pairShift;
  let i = from;
  for (; i < text.length; i++) {
    const column = classes[text.charCodeAt(i)] as number;
    if (pairs[pair + column] === 1 || i === forced) break;
    pair = column << pairShift;
  }
  return i;
}
