import { Buffer } from 'node:buffer';
import { ResponseError } from '../answer/response-error.ts';
import type { Rewrite } from '../answer/rewrite.ts';
import type { Texts } from '../answer/texts.ts';
import { holdsUnreadable } from '../content/encoded.ts';
import { isOpaque } from '../structure.ts';
import { glueBetween } from '../transcript/pieces.ts';
import type { Leaf } from './deltas.ts';
import type { MaskedEvent } from './event-masker.ts';

/** Masks an event that is no object, which the API does not have. */
export function maskBare(came: unknown, place: string, rewrite: Rewrite): MaskedEvent {
  const value = rewrite.value(came, '', place);
  return { before: [], value, untouched: !rewrite.changed, strings: rewrite.strings, terminal: false };
}

/**
 * How the `delta` of an event is read: `data` is sound, which goes through the gate, be it too short to be seen as such. So is
 * base64 that is no text in an event of which it is not known what it holds.
 */
export function keyOfDelta(
  { key, unread, place }: { readonly key: string; readonly unread: string; readonly place: string },
  delta: unknown,
  texts: Texts,
): string {
  if (typeof delta !== 'string') return key;
  const isSound = key === 'data' || (unread !== '' && holdsUnreadable(delta));
  if (isSound && !isOpaque('data', delta)) texts.passSound(place, Buffer.from(delta, 'base64'));
  return isSound ? 'data' : key;
}

/**
 * Where what the events of one text have beside its place changes, it is not known which pieces are one text. Throws ResponseError.
 *
 * @param before by the places of texts
 */
export function requireSameIndexes(
  before: Map<string, string>,
  { place, unread }: { readonly place: string; readonly unread: string },
): void {
  if (unread === '') return;
  if ((before.get(place) ?? unread) !== unread)
    throw new ResponseError('Events of the stream have indexes that are not known.');
  before.set(place, unread);
}

/**
 * Goes on with the texts of which a delta brings pieces, and puts what may go out in the pieces' place.
 *
 * @param note is told of each piece
 * @returns whether text came, and whether some of it goes out
 */
export function pushLeaves(
  leaves: readonly Leaf[],
  texts: Texts,
  rewrite: Rewrite,
  note: (leaf: Leaf) => void,
): { readonly came: boolean; readonly sent: boolean } {
  let came = false;
  let sent = false;
  for (const leaf of leaves) {
    const out = texts.push(leaf.place, leaf.key, leaf.text);
    note(leaf);
    if (leaf.text !== '') came = true;
    if (out !== '') sent = true;
    if (out === leaf.text) continue;
    leaf.holder[leaf.member] = out;
    rewrite.changed = true;
  }
  return { came, sent };
}

/** Masks the text of a segment of a transcript, which goes on where the one before it ended: it says what of it may go out. */
export function pushSegment(
  event: Record<string, unknown>,
  place: string,
  texts: Texts,
  rewrite: Rewrite,
): void {
  const text = String(event['text'] ?? '');
  const glue = glueBetween(texts.channel(place)?.source, text);
  if (typeof event['text'] === 'string') rewrite.strings++;
  const out = texts.push(place, 'text', glue + text);
  event['text'] = glue === '' ? out : out.replace(/^ /, '');
  if (event['text'] !== text) rewrite.changed = true;
}
