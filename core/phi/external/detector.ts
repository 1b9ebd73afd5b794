import type { Detector } from '../detect.ts';
import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { resolve } from '../resolve.ts';
import type { Scan } from '../scan.ts';
import type { Answers } from './answers.ts';
import type { ScanLike } from './scout.ts';
import { type Segment, Segmenter, type SegmentSizes } from './segment.ts';

/**
 * A detector that finds what the built-in one finds and what the external one has found. Text stays held back until
 * its segment is whole and both have decided it. A scan throws for a segment that `answers` does not have.
 */
export function addAnswers(detector: Detector, answers: Answers, sizes: SegmentSizes): Detector {
  const open: Detector['open'] = (entities, context = '') => {
    const scan: ScanLike = new JoinedScan(
      detector.open(entities, context),
      new Segmenter(sizes, context),
      answers,
      entities,
    );
    // Scan is a class with private parts, of which its users see nothing.
    return scan as Scan;
  };
  return { open, scan: detector.scan };
}

class JoinedScan implements ScanLike {
  readonly #builtIn: Scan;
  readonly #segmenter: Segmenter;
  readonly #answers: Answers;
  readonly #entities: ReadonlySet<EntityName>;
  /** Findings of either that are not decided yet. */
  #open: Finding[] = [];
  #decided: Finding[] = [];
  /** How far the external detector has seen the text. */
  #seen = 0;
  #emittable = 0;

  constructor(builtIn: Scan, segmenter: Segmenter, answers: Answers, entities: ReadonlySet<EntityName>) {
    this.#builtIn = builtIn;
    this.#segmenter = segmenter;
    this.#answers = answers;
    this.#entities = entities;
  }

  push(chunk: string): void {
    this.#builtIn.push(chunk);
    this.#see(this.#segmenter.push(chunk));
  }

  end(): void {
    this.#builtIn.end();
    this.#see(this.#segmenter.end());
  }

  take(): readonly Finding[] {
    const taken = this.#decided;
    this.#decided = [];
    return taken;
  }

  get emittable(): number {
    return this.#emittable;
  }

  get length(): number {
    return this.#builtIn.length;
  }

  #see(segments: readonly Segment[]): void {
    for (const segment of segments) {
      for (const finding of this.#answers.of(segment)) {
        const { start, end } = finding;
        if (!this.#entities.has(finding.entity)) continue;
        this.#open.push({ ...finding, start: segment.start + start, end: segment.start + end });
      }
      this.#seen = segment.start + segment.text.length;
    }
    this.#open.push(...this.#builtIn.take());
    this.#decide(uncrossed(this.#open, Math.min(this.#seen, this.#builtIn.emittable)));
  }

  /** Every finding that begins before this place is known, and none stands across it. */
  #decide(until: number): void {
    if (this.#open.length > 0) {
      this.#decided.push(...resolve(this.#open.filter(({ end }) => end <= until)));
      this.#open = this.#open.filter(({ end }) => end > until);
    }
    this.#emittable = until;
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
