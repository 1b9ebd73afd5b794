import { create } from '@bufbuild/protobuf';
import { type PromptText, PromptTextSchema } from '#proto/sworn/approval/v1/approval_pb.ts';

/** What a reviewer is shown of a prompt at most, in UTF-8 bytes of places and texts. */
export const MAX_SHOWN_BYTES = 1024 * 1024;
/** At most so many texts (plane_service.proto takes 10,000 of them). */
const MAX_SHOWN_TEXTS = 9_000;
/** For the notice and for the mark where a text is cut: a prompt that was cut fits, and is not cut again. */
const MARKS_BYTES = 1024;
/** The place of the notice that stands before a prompt that was cut; no place in a request body looks like this. */
export const NOTICE_PLACE = '(notice)';

/**
 * Cuts a prompt to what a reviewer is shown. Where something is cut, a notice stands first, because a reviewer must
 * not approve unseen text without knowing it, and the cut text says so at its end. Cuts stand between code points.
 */
export function fitPrompt(prompt: readonly Pick<PromptText, 'place' | 'text'>[]): PromptText[] {
  const totalBytes = prompt.reduce((sum, { place, text }) => sum + sizeOf(place) + sizeOf(text), 0);
  if (totalBytes <= MAX_SHOWN_BYTES && prompt.length <= MAX_SHOWN_TEXTS + 1) {
    return prompt.map(({ place, text }) => promptText(place, text));
  }
  const shown: PromptText[] = [];
  let roomBytes = MAX_SHOWN_BYTES - MARKS_BYTES;
  for (const { place, text } of prompt.slice(0, MAX_SHOWN_TEXTS)) {
    roomBytes -= sizeOf(place);
    if (roomBytes <= 0) break;
    const head = cutText(text, roomBytes);
    roomBytes -= sizeOf(head);
    const cutBytes = sizeOf(text) - sizeOf(head);
    shown.push(promptText(place, cutBytes === 0 ? head : `${head} [… ${cutBytes} more bytes are not shown]`));
    if (cutBytes > 0) break;
  }
  return [promptText(NOTICE_PLACE, noticeOf(totalBytes, prompt.length, shown.length)), ...shown];
}

function noticeOf(totalBytes: number, count: number, shownCount: number): string {
  return (
    `THIS PROMPT IS NOT SHOWN WHOLE. It has ${totalBytes} bytes in ${count} texts; the first ` +
    `${shownCount} texts, at most ${MAX_SHOWN_BYTES} bytes, follow. Approving lets the unseen part go on too.`
  );
}

function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  // 10xxxxxx continues a code point: do not cut before it.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

function promptText(place: string, text: string): PromptText {
  return create(PromptTextSchema, { place, text });
}
