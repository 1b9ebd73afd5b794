import { COUNTRY, CREDENTIAL, MEDICAL, MONTH, ROLE, TITLE, WEEKDAY } from '../lexicon/flags.ts';
import type { Claims } from './claim.ts';
import { isOwn, joined, MIDDLE_HEADS } from './organization-words.ts';
import type { Word } from './run.ts';

const NO_NAME = MEDICAL | COUNTRY | TITLE | CREDENTIAL | WEEKDAY | MONTH | ROLE;
/** What companies do, behind their name. */
export const DOES =
  /^(?:delivers|delivered|bills|billed|ships|shipped|paid|pays|dropped|covers|called|calls|faxed|faxes|sent|sends|says|said|wants|needs|denied|denies|approved|requested|requests|requires|refused|emailed|is|was|has|will|won|wont|says|states|asks|asked|closed|declined|accepted)$/;
/** A longer word in capitals is a heading's. */
const MAX_UPPER_CHARACTERS = 3;

/** "to Bright Minds Behavioral": in the middle of a sentence a word before it has its capital from a name. */
export function isMiddleHead(claims: Claims, index: number): boolean {
  const { words, left } = claims.run;
  const word = words[index] as Word;
  const before = words[index - 1];
  if (!MIDDLE_HEADS.has(word.text) || before === undefined || !joined(word)) return false;
  if (
    before.link ||
    before.upper ||
    before.initial ||
    (word.upper && word.text.length > MAX_UPPER_CHARACTERS)
  )
    return false;
  // The first word of a sentence has its capital anyway.
  const does = index === words.length - 1 && DOES.test(claims.run.right[0] ?? '');
  const from = left.first && !does ? 1 : 0;
  for (let i = index - 1; i >= from && (i === index - 1 || joined(words[i + 1] as Word)); i--) {
    const other = words[i] as Word;
    if (other.upper || other.link) continue;
    if (isOwn(other) && (other.flags & NO_NAME) === 0) return true;
  }
  return false;
}
