import type { OffsetMap } from '#core/phi/mask.ts';
import { PartOffsets } from './part-offsets.ts';
import { ResponseError } from './response-error.ts';
import { isCovered, isReplaced, Spans } from './spans.ts';
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
    const within = new PartOffsets(offsets, start, from, to);
    const isAcross = [start, seam].some((at) => offsets.move(at, 'start') !== offsets.move(at, 'end'));
    const alone = lostWithin(text, within, isAcross, texts);
    if (alone === undefined) texts.settle(place, text, masked.slice(from, to), within);
    else texts.settle(place, text, alone.text, alone.offsets, alone.counts);
    from = to;
  }
}

/**
 * What a part is by itself, where something is found in it that is not with what stands before and behind it: `078-05-1120` is no
 * number where the next part begins with a letter, but to who reads the parts one by one. Undefined where there is no such thing.
 * Throws ResponseError where neither reading has all that the other has.
 */
function lostWithin(text: string, together: OffsetMap, isAcross: boolean, texts: Texts) {
  const offsets = new Spans();
  const alone = texts.look(text, offsets);
  if (offsets.list.every((span) => isCovered(together, span))) return undefined;
  const isLost = (_: unknown, at: number) => isReplaced(together, at) && !isReplaced(offsets, at);
  if (isAcross || Array.from({ length: text.length }, isLost).includes(true))
    throw new ResponseError('The parts of an answer say together what none of them says.');
  return { ...alone, offsets };
}
