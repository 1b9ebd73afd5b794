import type { Mentions } from './mentions.ts';
import type { Located } from './rule.ts';
import type { Search } from './search.ts';
import type { Settlement } from './settle.ts';

/** Finds what is told by words: where the runs of a text begin, and what is in them. */
export class Runs {
  readonly #search: Search;
  readonly #settlement: Settlement;
  readonly #mentions: Mentions;
  /** No run begins before this place of the text: it would lie inside another. */
  #from = 0;

  /** @param settlement gets the values. @param mentions who was named before */
  constructor(search: Search, settlement: Settlement, mentions: Mentions) {
    this.#search = search;
    this.#settlement = settlement;
    this.#mentions = mentions;
  }

  /** Whether a run begins at a place of the text, which is here from `base` on. */
  begins(text: string, base: number, anchor: number): boolean {
    const { runs } = this.#search;
    return runs !== undefined && base + anchor >= this.#from && runs.begins(text, anchor);
  }

  /** Reads the run that begins at a place; nothing from `end` on becomes part of it. */
  read(text: string, base: number, anchor: number, end: number): void {
    const { runs, entities } = this.#search;
    const found: Located[] = [];
    const behind = runs?.read(text, anchor, end, this.#mentions, found) ?? end;
    this.#from = base + Math.max(behind, anchor + 1);
    for (const located of found) {
      if (!entities.has(located.entity)) continue;
      located.start += base;
      located.end += base;
      this.#settlement.add(located);
    }
  }
}
