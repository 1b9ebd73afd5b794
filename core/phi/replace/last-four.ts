import type { Choice } from './choice.ts';
import { placeholder } from './placeholder.ts';

const SHOWN = 4;
/** What is shown is at most half of a value. */
const MIN_CHARACTERS = 2 * SHOWN;

/** `[CREDIT_CARD_ENDING_1111]`. Not for values of less than eight letters and digits. */
export const lastFour: Choice = (entity, value) => {
  const isPhone = entity === 'PHONE_NUMBER' || entity === 'FAX_NUMBER';
  // An extension is no part of the number: `555-555-0134 ext. 12`.
  const number = isPhone ? value.replace(/[A-Za-z#;,].*$/s, '') : value;
  const characters = number.replace(/[^A-Za-z0-9]/g, '');
  if (characters.length < MIN_CHARACTERS) return undefined;
  return placeholder(entity, `ENDING_${characters.slice(-SHOWN)}`);
};
