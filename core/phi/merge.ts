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
    // One by one: so many arguments as a long text has findings are more than a call may have.
    for (const finding of findings) this.#open.push(finding);
  }

  /** Every finding that begins before this place has been added. */
  settle(place: number): void {
    const until = uncrossed(this.#open, place);
    if (this.#open.length > 0) {
      const closed = this.#open.filter(({ end }) => end <= until);
      for (const finding of resolve(this.#arrange(closed))) this.#decided.push(finding);
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

/**
 * What is left of findings when others are cut out of them, in order. One that nothing is cut out of stays the same object.
 *
 * @param isCut whether one of the others is cut out of a finding that overlaps it
 */
export function cutBy(
  others: readonly Finding[],
  findings: readonly Finding[],
  isCut: (other: Finding, finding: Finding) => boolean,
): Finding[] {
  const cutters = others.toSorted(byStart);
  const left: Finding[] = [];
  let next = 0;
  for (const finding of findings.toSorted(byStart)) {
    while (next < cutters.length && (cutters[next] as Finding).end <= finding.start) next += 1;
    let { start } = finding;
    for (let i = next; i < cutters.length; i++) {
      const other = cutters[i] as Finding;
      if (other.start >= finding.end) break;
      if (!isCut(other, finding)) continue;
      if (other.start > start) left.push({ ...finding, start, end: other.start });
      start = Math.max(start, other.end);
    }
    if (start < finding.end) left.push(start === finding.start ? finding : { ...finding, start });
  }
  return left;
}

function byStart(left: Finding, right: Finding): number {
  return left.start - right.start;
}
