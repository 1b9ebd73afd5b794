// What a file must not leave to those that its process runs after it. vitest loads this before each file.
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, vi } from 'vitest';

/** Hexadecimal digits that are the time of an id, in milliseconds (RFC 9562 section 5.7). */
const TIME_DIGITS = 12;
/** Ids of one millisecond may borrow a few from the next ones. */
const AHEAD_MS = 1_000;

const variables = () => Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
const given = variables();

afterAll(() => {
  expect(vi.isFakeTimers(), 'real timers again').toBe(false);
  expect(variables(), 'the environment as it was').toEqual(given);
  // An id is never older than the one before it: a clock that was ahead once makes all later ids wrong.
  const time = Number.parseInt(uuidv7().replaceAll('-', '').slice(0, TIME_DIGITS), 16);
  expect(time - Date.now(), 'no id from the future').toBeLessThan(AHEAD_MS);
});
