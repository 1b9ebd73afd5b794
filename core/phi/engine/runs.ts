import type { Located } from './rule.ts';
import type { Search } from './search.ts';
import { OTHER, type Settlements, WANTED } from './settlements.ts';

/** Finds what is told by words: where the runs of a text begin, and what is in them. */
export class Runs {
  readonly #search: Search;
  readonly #settlements: Settlements;
  /** No run begins before this place of the text: it would lie inside another. */
  #from = 0;

  /** @param settlements get the values. */
  constructor(search: Search, settlements: Settlements) {
    this.#search = search;
    this.#settlements = settlements;
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
    const behind = runs?.read(text, anchor, end, this.#settlements.mentions, found) ?? end;
    this.#from = base + Math.max(behind, anchor + 1);
    for (const located of found) {
      located.start += base;
      located.end += base;
      this.#settlements.add(located, entities.has(located.entity) ? WANTED : OTHER);
    }
  }
}
