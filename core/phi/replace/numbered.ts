import type { Choice } from './choice.ts';
import { placeholder } from './placeholder.ts';

/** `[PERSON_1]`: the same number for the same value within a session. */
export const numbered: Choice = (entity, value, session) => {
  const number = session?.numbering.number(entity, session.key, value);
  return number === undefined ? undefined : placeholder(entity, String(number));
};
