import { createHash } from 'node:crypto';
import type { MaskSession } from '#core/phi/replace/choice.ts';
import { Numbering } from '#core/phi/replace/numbering.ts';
import { shiftOf } from '#core/phi/replace/shift.ts';

export const NOW = new Date('2026-06-15T12:00:00Z');

/** A session with a key and numbers of its own. */
export function sessionOf(name = 'sessions/one', key = 'key'): MaskSession {
  return {
    key: createHash('sha256').update(key).digest(),
    name,
    numbering: new Numbering(),
    now: NOW,
  };
}

/** A session whose dates are shifted by so many days. */
export function sessionShiftedBy(days: number): MaskSession {
  for (let number = 0; number < 20_000; number++) {
    const session = sessionOf(`sessions/${number}`);
    if (shiftOf(session) === days) return session;
  }
  throw new Error(`no session is shifted by ${days}`);
}
