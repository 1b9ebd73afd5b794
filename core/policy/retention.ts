import type { Duration } from '@bufbuild/protobuf/wkt';

const DAY_SECONDS = 86_400;

/**
 * Six years, two of them at most leap years. What HIPAA wants documented is kept for six years from its making, or from when
 * it was last in effect: 45 CFR 164.316(b)(2)(i), https://www.ecfr.gov/current/title-45/section-164.316.
 */
export const RETENTION_DEFAULT_SECONDS = 2_192 * DAY_SECONDS;
const RETENTION_MIN_SECONDS = DAY_SECONDS;
/** 100 years. */
const RETENTION_MAX_SECONDS = 36_525 * DAY_SECONDS;

/** Whether policies may say this: whole seconds, from one day to 100 years. */
export function isRetention({ seconds, nanos }: Duration): boolean {
  return nanos === 0 && seconds >= RETENTION_MIN_SECONDS && seconds <= RETENTION_MAX_SECONDS;
}

/** The longest of those that are said, in seconds; undefined where none is. No policy shortens what another one wants. */
export function longestRetention(said: readonly (number | undefined)[]): number | undefined {
  return said.reduce(
    (longest, seconds) => (seconds === undefined ? longest : Math.max(longest ?? 0, seconds)),
    undefined,
  );
}
