import type { Random } from '../random.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const SHORT_MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Wed Thu Fri'.split(' ');
const HOLIDAYS = [
  'Thanksgiving',
  'Christmas Eve',
  'Christmas Day',
  "New Year's Eve",
  'Labor Day',
  'Memorial Day',
  'the Fourth of July',
  'Halloween',
].map((day) => day.replace('the ', ''));

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function randomDay(random: Random, first: number, last: number): Day {
  return { year: random.integer(first, last), month: random.integer(1, 12), day: random.integer(1, 28) };
}

const two = (value: number): string => String(value).padStart(2, '0');

function ordinal(day: number): string {
  if (day > 10 && day < 14) return `${day}th`;
  return `${day}${['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'}`;
}

/** Forms with day, month and year. */
const WHOLE: readonly ((day: Day) => string)[] = [
  ({ year, month, day }) => `${month}/${day}/${year}`,
  ({ year, month, day }) => `${two(month)}/${two(day)}/${year}`,
  ({ year, month, day }) => `${two(month)}/${two(day)}/${two(year % 100)}`,
  ({ year, month, day }) => `${month}/${day}/${two(year % 100)}`,
  ({ year, month, day }) => `${year}-${two(month)}-${two(day)}`,
  ({ year, month, day }) => `${two(month)}-${two(day)}-${year}`,
  ({ year, month, day }) => `${two(day)}.${two(month)}.${year}`,
  ({ year, month, day }) => `${MONTHS[month - 1]} ${day}, ${year}`,
  ({ year, month, day }) => `${SHORT_MONTHS[month - 1]} ${day}, ${year}`,
  ({ year, month, day }) => `${MONTHS[month - 1]} ${ordinal(day)}, ${year}`,
  ({ year, month, day }) => `${day} ${MONTHS[month - 1]} ${year}`,
  ({ year, month, day }) => `${two(day)}-${SHORT_MONTHS[month - 1]}-${year}`,
  ({ year, month, day }) => `${two(day)}${SHORT_MONTHS[month - 1]?.toUpperCase()}${year}`,
];
/** Forms without the year, or without the day. */
const PARTIAL: readonly ((day: Day) => string)[] = [
  ({ month, day }) => `${month}/${day}`,
  ({ month, day }) => `${MONTHS[month - 1]} ${day}`,
  ({ month, day }) => `${SHORT_MONTHS[month - 1]} ${day}`,
  ({ month, day }) => `${MONTHS[month - 1]} ${ordinal(day)}`,
  ({ year, month }) => `${MONTHS[month - 1]} ${year}`,
  ({ month, day }) => `the ${ordinal(day)} of ${MONTHS[month - 1]}`.slice('the '.length),
];

/** A day of care: between 2016 and 2026, with its year. */
export function wholeDate(random: Random): string {
  return random.pick(WHOLE)(randomDay(random, 2016, 2026));
}

/** The same in any form: without a year, with the day of the week, a holiday. */
export function anyDate(random: Random): string {
  const way = random.next();
  if (way < 0.6) return wholeDate(random);
  if (way < 0.9) return random.pick(PARTIAL)(randomDay(random, 2016, 2026));
  if (way < 0.96)
    return `${random.pick(WEEKDAYS)} ${random.pick(PARTIAL.slice(0, 3))(randomDay(random, 2020, 2026))}`;
  return random.pick(HOLIDAYS);
}

/** A day on which a patient may have been born. */
export function birthDate(random: Random): string {
  return random.pick(WHOLE)(randomDay(random, 1921, 2023));
}
