import { BLOCK, COUNT_BITS, LONG_MASK, MAX_LENGTH, MOST_COUNTED, type PackedWords } from './words.ts';

/** What of a mask there is room for. */
const MOST_MASKS = LONG_MASK + ((256 - LONG_MASK) << 8);
const KEY = /^[\0-@[-\x7f]+$/;

/**
 * Words and their masks as `Words` reads them.
 *
 * @throws RangeError for a word that is no key: too long, empty, with a capital or what is not ASCII
 */
export function pack(words: ReadonlyMap<string, number>): PackedWords {
  const masks = masksOf(words);
  const places = new Map(masks.map((mask, place) => [mask, place]));
  const lengths: number[] = [];
  const entries: number[] = [];
  const sorted = [...words.keys()].sort();
  let before = '';
  let from = 0;
  sorted.forEach((word, index) => {
    if (word.length > MAX_LENGTH || !KEY.test(word)) throw new RangeError(`"${word}" is no key`);
    if (index % BLOCK === 0) {
      if (index > 0) lengths.push(entries.length - from);
      from = entries.length;
      before = '';
    }
    let shared = 0;
    while (shared < Math.min(MOST_COUNTED, word.length - 1) && word[shared] === before[shared]) shared += 1;
    const count = word.length - shared;
    entries.push((shared << COUNT_BITS) | (count > MOST_COUNTED ? 0 : count));
    if (count > MOST_COUNTED) entries.push(count);
    const mask = places.get(words.get(word) as number) as number;
    if (mask < LONG_MASK) entries.push(mask);
    else entries.push(LONG_MASK + ((mask - LONG_MASK) >> 8), (mask - LONG_MASK) & 0xff);
    for (let i = shared; i < word.length; i++) entries.push(word.charCodeAt(i));
    before = word;
  });
  if (sorted.length > 0) lengths.push(entries.length - from);
  return {
    size: sorted.length,
    masks: Uint32Array.from(masks),
    lengths: Uint16Array.from(lengths),
    entries: Uint8Array.from(entries),
  };
}

/** All masks, the usual ones first. */
function masksOf(words: ReadonlyMap<string, number>): number[] {
  const counts = new Map<number, number>();
  for (const mask of words.values()) counts.set(mask, (counts.get(mask) ?? 0) + 1);
  if (counts.size > MOST_MASKS) throw new RangeError('there are too many masks');
  return [...counts].sort(([a, many], [b, more]) => more - many || a - b).map(([mask]) => mask);
}
