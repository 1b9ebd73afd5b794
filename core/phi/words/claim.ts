import type { Mentions } from '../engine/mentions.ts';
import type { Located } from '../engine/rule.ts';
import type { EntityName } from '../entities.ts';
import type { Run, Word } from './run.ts';

/** What the recognisers have found in a run so far. No word is found twice. */
export class Claims {
  readonly run: Run;
  /** Who was named before. */
  readonly mentions: Mentions;
  readonly located: Located[] = [];
  readonly #taken: boolean[];

  constructor(run: Run, mentions: Mentions) {
    this.run = run;
    this.mentions = mentions;
    this.#taken = run.words.map(() => false);
  }

  /** Whether the word is part of a finding, or was set aside. */
  taken(index: number): boolean {
    return this.#taken[index] ?? true;
  }

  /** Sets words aside: they are known to be nobody's. */
  exclude(from: number, to: number): void {
    this.#taken.fill(true, from, to);
  }

  /** Makes the words from `from` up to and without `to` a finding; `end` is its end where that lies further. */
  claim(found: { entity: EntityName; rule: string; score: number }, from: number, to: number, end = 0): void {
    const first = this.run.words[from] as Word;
    const last = this.run.words[to - 1] as Word;
    this.located.push({ ...found, start: first.start, end: Math.max(last.end, end) });
    this.exclude(from, to);
  }
}
