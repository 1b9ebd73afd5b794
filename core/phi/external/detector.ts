import type { Detector } from '../detect.ts';
import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { Merge } from '../merge.ts';
import type { TextScan } from '../text-scan.ts';
import type { Answers } from './answers.ts';
import { type Segment, Segmenter, type SegmentSizes } from './segment.ts';

/**
 * A detector that finds what the built-in one finds and what the external one has found. Text stays held back until
 * its segment is whole and both have decided it. A scan throws for a segment that `answers` does not have.
 */
export function addAnswers(detector: Detector, answers: Answers, sizes: SegmentSizes): Detector {
  const open: Detector['open'] = (entities, context = '') => {
    return new AnsweredScan(
      detector.open(entities, context),
      new Segmenter(sizes, context),
      answers,
      entities,
    );
  };
  return { entities: detector.entities, open, scan: detector.scan };
}

class AnsweredScan implements TextScan {
  readonly #builtIn: TextScan;
  readonly #segmenter: Segmenter;
  readonly #answers: Answers;
  readonly #entities: ReadonlySet<EntityName>;
  readonly #merge = new Merge();
  /** How far the external detector has seen the text. */
  #seen = 0;

  constructor(builtIn: TextScan, segmenter: Segmenter, answers: Answers, entities: ReadonlySet<EntityName>) {
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
    return this.#merge.take();
  }

  get emittable(): number {
    return this.#merge.emittable;
  }

  get length(): number {
    return this.#builtIn.length;
  }

  #see(segments: readonly Segment[]): void {
    for (const segment of segments) {
      const findings = this.#answers.of(segment).filter(({ entity }) => this.#entities.has(entity));
      this.#merge.add(
        findings.map((finding) => ({
          ...finding,
          start: segment.start + finding.start,
          end: segment.start + finding.end,
        })),
      );
      this.#seen = segment.start + segment.text.length;
    }
    this.#merge.add(this.#builtIn.take());
    this.#merge.settle(Math.min(this.#seen, this.#builtIn.emittable));
  }
}
