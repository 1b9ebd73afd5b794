import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Position } from '../storage/keyset.ts';
import { fail } from './fail.ts';

/** A position as the text that a page token carries. */
export function formatPosition(position: Position): string {
  return `${position.timeMs} ${position.id}`;
}

/** The key of lists by the time at which what they list was made. */
export function createdAt(document: { readonly createTime: Date; readonly _id: string }): string {
  return formatPosition({ timeMs: document.createTime.getTime(), id: document._id });
}

/** Reads formatPosition's text. @throws ConnectError INVALID_PAGE_TOKEN */
export function parsePosition(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  const parts = /^(-?\d{1,16}) (.+)$/s.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined) {
    throw fail(Reason.INVALID_PAGE_TOKEN, 'the page token cannot be read; start without one');
  }
  return { timeMs: Number(parts[1]), id: parts[2] };
}
