import type { EntityName } from '../entities.ts';
import { AGGREGATED_FROM } from './age.ts';
import type { Choice } from './choice.ts';
import { readDate, type WrittenDate } from './date.ts';

/** How far dates of the future are planned: years of two digits are read up to here. */
const PLANNED_YEARS = 10;

/** Reads a date as of a day: nobody is born after it. */
export function readDateOf(entity: EntityName, value: string, now: Date): WrittenDate | undefined {
  const thisYear = now.getUTCFullYear();
  return readDate(value.trim(), entity === 'DATE_OF_BIRTH' ? thisYear : thisYear + PLANNED_YEARS);
}

/**
 * Whether a year may stand: not when it tells of an age over 89 (45 CFR 164.514(b)(2)(i)(C)), for which whoever was
 * born or had something dated in it turns 90 in the present year or has before.
 */
export function mayShowYear(year: number, now: Date): boolean {
  return now.getUTCFullYear() - year < AGGREGATED_FROM;
}

/** The year of a date, in four digits. */
export const yearOnly: Choice = (entity, value, session) => {
  if (session === undefined) return undefined;
  const year = readDateOf(entity, value, session.now)?.year;
  return year !== undefined && mayShowYear(year, session.now) ? String(year) : undefined;
};
