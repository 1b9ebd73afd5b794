import { MONTH_NAMES, monthOf, WEEKDAY_NAMES, writeLike } from './date-names.ts';

/** A day of the Gregorian calendar; the month from 1. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A date as it was read. */
export interface WrittenDate {
  readonly year: number;
  /** Undefined where only month and year are written. */
  readonly date: Day | undefined;
  /** Another day, written in the same form. */
  write(day: Day): string;
}

const FIRST_YEAR = 1_800;
const LAST_YEAR = 2_199;
const DAY_MS = 86_400_000;

const MONTH = `(?<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`;
const WEEKDAY = `(?:(?<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)[.,]{0,2}\\s)?(?:the\\s)?`;
const CLOCK = `(?:(?:t|,? (?:at )?)\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,9})?)?(?: ?[ap]\\.?m\\.?)?(?: ?(?:z|utc|[+-]\\d{2}:?\\d{2}))?)?`;
const ORDINAL = '(?<ordinal>st|nd|rd|th)?';
const DAY = `(?<day>\\d{1,2})${ORDINAL}`;
const NUMBER_MONTH = '(?<month>\\d{1,2})';
const YEAR4 = '(?<year>\\d{4})';
const YEAR = `'?(?<year>\\d{4}|\\d{2})`;
const SEPARATOR = '\\s?[/.-]\\s?';

/** The forms that the rules for dates know; where a number may be month or day, the month stands first (US). */
const FORMS: readonly RegExp[] = [
  `${NUMBER_MONTH}${SEPARATOR}(?<day>\\d{1,2})${SEPARATOR}(?<year>\\d{4}|\\d{2})`,
  `${YEAR4}${SEPARATOR}${NUMBER_MONTH}${SEPARATOR}(?<day>\\d{1,2})`,
  // Never both: what is a year of these centuries first has no month first.
  '(?<year>\\d{4})(?<month>\\d{2})(?<day>\\d{2})',
  '(?<month>\\d{2})(?<day>\\d{2})(?<year>\\d{4})',
  `${MONTH}[.]?\\s${DAY}(?:,\\s?|\\s)${YEAR}`,
  `${DAY}[\\s/-]?(?:of\\s)?${MONTH}[.,]?[\\s/-]?${YEAR}`,
  `${YEAR4}[\\s-]${MONTH}[.]?[\\s-]${DAY}`,
  `${MONTH}[.,]?[\\s/-](?:of\\s)?${YEAR4}`,
  `${NUMBER_MONTH}[/-]${YEAR4}`,
].map((form) => new RegExp(`^${WEEKDAY}${form}${CLOCK}$`, 'di'));

/**
 * Reads a date in one of the forms of FORMS. Undefined when it is none, or is no day of the calendar.
 * @param latestYear two digits of a year stand for the last year that ends in them and is not after this one
 */
export function readDate(text: string, latestYear: number): WrittenDate | undefined {
  for (const form of FORMS) {
    const match = form.exec(text);
    const date = match === null ? undefined : readMatch(match, latestYear);
    if (date !== undefined) return date;
  }
  return undefined;
}

/** The day that is so many days later. */
export function addDays({ year, month, day }: Day, days: number): Day {
  const moved = new Date(Date.UTC(year, month - 1, day) + days * DAY_MS);
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** Whether the year is one that dates are read and written in. */
export function isKnownYear(year: number): boolean {
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

function readMatch(match: RegExpExecArray, latestYear: number): WrittenDate | undefined {
  const groups = match.groups ?? {};
  const { year: written = '', day, name } = groups;
  const year = written.length === 2 ? expandYear(Number(written), latestYear) : Number(written);
  const month = name === undefined ? Number(groups['month']) : monthOf(name);
  if (!isKnownYear(year) || month < 1 || month > MONTH_NAMES.length) return undefined;
  const date = day === undefined ? undefined : { year, month, day: Number(day) };
  if (date !== undefined && !isDay(date)) return undefined;
  return { year, date, write: (other) => rewrite(match, other) };
}

function expandYear(lastDigits: number, latestYear: number): number {
  return latestYear - ((((latestYear - lastDigits) % 100) + 100) % 100);
}

function isDay(date: Day): boolean {
  const same = addDays(date, 0);
  return date.day >= 1 && same.month === date.month && same.day === date.day;
}

/** Puts the parts of another day into the places of those that were read. */
function rewrite(match: RegExpExecArray, { year, month, day }: Day): string {
  const groups = match.groups ?? {};
  const isPadded = padding(groups['month'], groups['day']);
  const number = (value: number): string => String(value).padStart(isPadded ? 2 : 1, '0');
  const parts: Record<string, (written: string) => string> = {
    year: (written) => String(year).slice(-written.length),
    month: () => number(month),
    name: (written) => writeLike(MONTH_NAMES[month - 1] ?? '', written),
    day: () => number(day),
    ordinal: (written) => (/[A-Z]/.test(written) ? ordinal(day).toUpperCase() : ordinal(day)),
    weekday: (written) =>
      writeLike(WEEKDAY_NAMES[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? '', written),
  };
  const places = Object.entries(match.indices?.groups ?? {})
    .filter(([, place]) => place !== undefined)
    .sort(([, [a]], [, [b]]) => a - b);
  let text = '';
  let from = 0;
  for (const [part, [start, end]] of places) {
    text += match[0].slice(from, start) + (parts[part]?.(match[0].slice(start, end)) ?? '');
    from = end;
  }
  return text + match[0].slice(from);
}

/** Whether one-digit numbers get a zero before them: so they do unless one without a zero was written. */
function padding(month: string | undefined, day: string | undefined): boolean {
  const written = [month, day].filter((part) => part !== undefined);
  if (written.some((part) => part.length === 1)) return false;
  // `November 14` says nothing; in prose no zero is usual.
  return month !== undefined || written.some((part) => part.startsWith('0'));
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}
