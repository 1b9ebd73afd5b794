import { resolve } from './engine/resolve.ts';
import type { Finding } from './finding.ts';

/**
 * The findings of two scans of one text, decided together. What stands in the text before a place is decided when
 * both scans have decided it and no finding stands across that place.
 */
export class Merge {
  readonly #arrange: (findings: Finding[]) => Finding[];
  /** Findings of either that are not decided yet. */
  #open: Finding[] = [];
  #decided: Finding[] = [];
  #emittable = 0;

  /** @param arrange is given what overlaps before that is resolved, and may change it */
  constructor(arrange = (findings: Finding[]) => findings) {
    this.#arrange = arrange;
  }

  /** All before this place may be emitted. */
  get emittable(): number {
    return this.#emittable;
  }

  add(findings: readonly Finding[]): void {
    this.#open.push(...findings);
  }

  /** Every finding that begins before this place has been added. */
  settle(place: number): void {
    const until = uncrossed(this.#open, place);
    if (this.#open.length > 0) {
      const closed = this.#open.filter(({ end }) => end <= until);
      this.#decided.push(...resolve(this.#arrange(closed)));
      this.#open = this.#open.filter(({ end }) => end > until);
    }
    this.#emittable = until;
  }

  /** Takes the findings decided so far, in order. */
  take(): readonly Finding[] {
    const taken = this.#decided;
    if (taken.length > 0) this.#decided = [];
    return taken;
  }
}

/** The last place up to this one that lies inside no finding. */
function uncrossed(findings: readonly Finding[], until: number): number {
  let place = until;
  for (;;) {
    const crossing = findings.filter(({ start, end }) => start < place && end > place);
    if (crossing.length === 0) return place;
    place = Math.min(...crossing.map(({ start }) => start));
  }
}
