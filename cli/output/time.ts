import { type Timestamp, timestampDate, timestampMs } from '@bufbuild/protobuf/wkt';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A length of time in its largest fitting unit: `45s`, `12m`, `3h`, `9d`. */
export function formatLength(lengthMs: number): string {
  const length = Math.max(0, lengthMs);
  if (length < 2 * MINUTE_MS) return `${Math.floor(length / SECOND_MS)}s`;
  if (length < 2 * HOUR_MS) return `${Math.floor(length / MINUTE_MS)}m`;
  if (length < 2 * DAY_MS) return `${Math.floor(length / HOUR_MS)}h`;
  return `${Math.floor(length / DAY_MS)}d`;
}

/** How long ago a time was; empty when it is absent. */
export function formatAge(time: Timestamp | undefined, nowMs: number): string {
  return time === undefined ? '' : formatLength(nowMs - timestampMs(time));
}

/** How long until a time: `4m`, or `past`; empty when it is absent. */
export function formatUntil(time: Timestamp | undefined, nowMs: number): string {
  if (time === undefined) return '';
  const leftMs = timestampMs(time) - nowMs;
  return leftMs <= 0 ? 'past' : formatLength(leftMs);
}

/** A time in UTC to the second, `2026-03-01 09:30:00Z`; empty when it is absent. */
export function formatTime(time: Timestamp | undefined): string {
  if (time === undefined) return '';
  return `${timestampDate(time).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
