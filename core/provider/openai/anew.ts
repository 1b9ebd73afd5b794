/** Less than that in common may be by chance. */
const MIN_SAME_CHARS = 4;
const RANDOM_ID = /^(?=.*[\d_-])(?=.*[A-Za-z])[\w-]{16,128}$/;

/**
 * Whether a text in the place of another one begins anew: as that one did, or in capitals after a whole word; or both are random
 * ids of one kind.
 */
export function isAnew(source: string, text: string): boolean {
  if (text.startsWith(source) || (/^\p{Lu}/u.test(text) && /\S$/.test(source))) return true;
  // "page 1 of 9", "page 2 of 9"
  const half = Math.ceil(Math.max(MIN_SAME_CHARS * 2, source.length, text.length) / 2);
  if (half <= text.length && source.startsWith(text.slice(0, half))) return true;
  return source.length === text.length && RANDOM_ID.test(source) && RANDOM_ID.test(text);
}
