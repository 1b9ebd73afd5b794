/** English, from January. */
export const MONTH_NAMES: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** English, from Sunday: the order of Date.getUTCDay. */
export const WEEKDAY_NAMES: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

const SHORT_LENGTH = 3;

/** The number of a month, from 1, by its name or the start of it; 0 when there is none. */
export function monthOf(name: string): number {
  const short = name.slice(0, SHORT_LENGTH).toLowerCase();
  return MONTH_NAMES.findIndex((month) => month.toLowerCase().startsWith(short)) + 1;
}

/** A name in the case and length of another one: `FEB` for `February` like `MAR`. `May` counts as written in full. */
export function writeLike(name: string, written: string): string {
  const isFull = [...MONTH_NAMES, ...WEEKDAY_NAMES].some(
    (full) => full.toLowerCase() === written.toLowerCase(),
  );
  const text = isFull ? name : name.slice(0, SHORT_LENGTH);
  if (written === written.toUpperCase()) return text.toUpperCase();
  return written === written.toLowerCase() ? text.toLowerCase() : text;
}
