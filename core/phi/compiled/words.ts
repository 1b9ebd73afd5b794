import { type PackedWords, Words } from '../lexicon/words.ts';
import { ArrayReader, packArrays } from './arrays.ts';
import kept from './words.json' with { type: 'json' };

/** The words of all lists, as `npm run phi:compile` has put them together. */
export function keptWords(): Words {
  return new Words(unpackWords(kept.words));
}

export function packWords({ size, masks, lengths, entries }: PackedWords): string {
  return packArrays([Uint32Array.of(size), masks, lengths, entries]);
}

export function unpackWords(packed: string): PackedWords {
  const reader = new ArrayReader(packed);
  const size = reader.uint32()[0] as number;
  return { size, masks: reader.uint32(), lengths: reader.uint16(), entries: reader.uint8() };
}
