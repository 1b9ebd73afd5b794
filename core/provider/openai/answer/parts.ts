import { PartOffsets } from './part-offsets.ts';
import type { Texts } from './texts.ts';

/** Of a chat's message, or of an item, in an answer or a page of them, an event, or a line of a batch. */
const CONTENT =
  /^(?:(?:response|line)\.(?:.+\.)?(?:choices\.\d+\.message|output\.[^.]+|data\.\d+)|response)\.content$/;

/**
 * Has the parts of a content masked as the one text that they are, as they are in a stream. Where something is found across two
 * parts, it moves into the first.
 */
export function settleParts(content: readonly unknown[], place: string, texts: Texts): void {
  if (!CONTENT.test(place)) return;
  const parts = content.flatMap((part, index) => {
    if (typeof part === 'string') return [{ place: `${place}.${index}`, text: part }];
    const text = typeof part === 'object' && part !== null && 'text' in part ? part.text : undefined;
    return typeof text === 'string' ? [{ place: `${place}.${index}.text`, text }] : [];
  });
  if (parts.length < 2) return;
  // In deltas they were one text as well.
  if (parts.every(({ place, text }) => texts.channel(place)?.source === text)) return;
  const together = parts.map(({ text }) => text).join('');
  const masked = texts.mask(`${place}.#parts`, 'text', together);
  const offsets = texts.offsets(`${place}.#parts`, 'text', together);
  let seam = 0;
  let from = 0;
  for (const { place, text } of parts) {
    const start = seam;
    seam += text.length;
    const to = offsets.move(seam, 'end');
    texts.settle(place, text, masked.slice(from, to), new PartOffsets(offsets, start, from, to));
    from = to;
  }
}
