import type { Choice, MaskSession } from './choice.ts';
import { addDays, isKnownYear } from './date.ts';
import { digest } from './digest.ts';
import { mayShowYear, readDateOf } from './year.ts';

/** Days. */
const MAX_SHIFT = 365;
/** 48 bits of the digest: none of the 730 shifts is likelier than another by more than 1 in 10^11. */
const DIGEST_BYTES = 6;

/** By how many days the dates of a session are shifted: from 1 to 365, earlier or later. */
export function shiftOf({ key, name }: Pick<MaskSession, 'key' | 'name'>): number {
  const number = digest(key, 'shift', name).readUIntBE(0, DIGEST_BYTES) % (2 * MAX_SHIFT);
  return number < MAX_SHIFT ? number + 1 : MAX_SHIFT - 1 - number;
}

/**
 * A date, written as it was, on another day: what lies between two dates of a session stays true. Not for a date
 * whose day or year is not written, and not where the old year or the new one would tell of an age over 89.
 */
export const shifted: Choice = (entity, value, session) => {
  if (session === undefined) return undefined;
  const written = readDateOf(entity, value, session.now);
  if (written?.date === undefined) return undefined;
  const day = addDays(written.date, shiftOf(session));
  const mayShow = [written.year, day.year].every(
    (year) => isKnownYear(year) && mayShowYear(year, session.now),
  );
  return mayShow ? written.write(day) : undefined;
};
