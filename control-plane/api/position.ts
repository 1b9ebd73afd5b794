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
  const parts = /^(-?\d{1,15}) (.+)$/s.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined) throw unreadable();
  return { timeMs: Number(parts[1]), id: parts[2] };
}

/** Reads the number that the page token of a numbered list carries. @throws ConnectError INVALID_PAGE_TOKEN */
export function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw unreadable();
  return Number(text);
}

/** Whoever may list can put anything into a token. */
function unreadable(): Error {
  return fail(Reason.INVALID_PAGE_TOKEN, 'the page token cannot be read; start without one');
}
