/** Less than that in common may be by chance. */
const MIN_SAME_CHARS = 4;
/** So many letters of a text are the same, one behind the other, at most. */
const MAX_SAME_LETTERS = 4;
const RANDOM_ID = /^(?=.*[\d_-])(?=.*[A-Za-z])[\w-]{16,128}$/;

/** What has stood in a place. */
interface Before {
  /** The text that came last. */
  readonly source: string;
  /** The end of all that it was a piece of, itself included. */
  readonly said: string;
}

/**
 * What a text in the place of another one is: that one again, that one with more behind, the next piece of what it is a piece
 * of, or a text that begins anew.
 */
export function relate({ source, said }: Before, text: string): 'again' | 'more' | 'next' | 'anew' {
  // "555" in digits. A state that a server says anew with each event comes more often.
  const isLetter = source.length === 1 && said.length > 1;
  const mayBeChance = isLetter && !said.endsWith(source.repeat(MAX_SAME_LETTERS));
  if (!mayBeChance && text === source) return 'again';
  if (!mayBeChance && source !== '' && text.startsWith(source)) return 'more';
  return source === '' || isAnew(source, text) ? 'anew' : 'next';
}

/** As that one did, or in capitals after a whole word; or both are random ids of one kind. */
function isAnew(source: string, text: string): boolean {
  if (/^\p{Lu}/u.test(text) && /\S$/.test(source)) return true;
  // "page 1 of 9", "page 2 of 9"
  const half = Math.ceil(Math.max(MIN_SAME_CHARS * 2, source.length, text.length) / 2);
  if (half <= text.length && source.startsWith(text.slice(0, half))) return true;
  return source.length === text.length && RANDOM_ID.test(source) && RANDOM_ID.test(text);
}
