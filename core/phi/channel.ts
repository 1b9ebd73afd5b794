import type { EntityName } from './entities.ts';
import type { FindingCounts } from './finding.ts';
import type { Scan } from './scan.ts';
import { SourceMap } from './source-map.ts';

const HIGH_SURROGATE_FIRST = 0xd800;
const HIGH_SURROGATE_LAST = 0xdbff;

/** What stands in a masked text for a value; safe inside JSON strings, URLs and Markdown. */
export function placeholder(entity: EntityName): string {
  return `[${entity}]`;
}

/** Counts one more. */
export function addFinding(counts: FindingCounts, entity: EntityName): void {
  counts[entity] = (counts[entity] ?? 0) + 1;
}

/**
 * One text that is masked while it comes: a scan, and the source that the scan has not decided yet. What is
 * returned is source, with placeholders for findings; characters that are no part of one stay as they came.
 */
export class Channel {
  readonly #scan: Scan;
  readonly #counts: FindingCounts;
  readonly #map = new SourceMap();
  /** Source not yet returned, from place `#heldFrom` of the whole source on. */
  #held = '';
  #heldFrom = 0;
  #normalised = '';

  constructor(scan: Scan, counts: FindingCounts) {
    this.#scan = scan;
    this.#counts = counts;
  }

  /** Adds source that stands for itself. */
  plain(source: string): void {
    this.#held += source;
    this.#normalised += this.#map.plain(source);
  }

  /** Adds one UTF-16 unit that the source writes with more characters, such as a JSON escape. */
  escaped(source: string, unit: number): void {
    this.#held += source;
    this.#normalised += this.#map.unit(unit, source.length);
  }

  /** Scans what was added, and returns what may be emitted. */
  flush(): string {
    const scan = this.#scan;
    scan.push(this.#normalised);
    this.#normalised = '';
    const at = scan.emittable;
    return this.#emit(at === scan.length ? this.#map.sourceLength : this.#map.startOf(at), at, false);
  }

  /** Decides and returns all that is left. */
  end(): string {
    this.#scan.push(this.#normalised);
    this.#normalised = '';
    this.#scan.end();
    return this.#emit(this.#map.sourceLength, this.#scan.length, true);
  }

  #emit(until: number, at: number, last: boolean): string {
    const held = this.#held;
    let out = '';
    let from = this.#heldFrom;
    for (const finding of this.#scan.take()) {
      const start = this.#map.startOf(finding.start);
      out += held.slice(from - this.#heldFrom, start - this.#heldFrom) + placeholder(finding.entity);
      from = this.#map.endOf(finding.end);
      addFinding(this.#counts, finding.entity);
    }
    let to = Math.max(from, until);
    // Half of a surrogate pair, alone in a chunk, would not survive its encoding as UTF-8.
    if (!last && to > from && isHighSurrogate(held.charCodeAt(to - this.#heldFrom - 1))) to -= 1;
    out += held.slice(from - this.#heldFrom, to - this.#heldFrom);
    this.#held = held.slice(to - this.#heldFrom);
    this.#heldFrom = to;
    this.#map.forget(at);
    return out;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= HIGH_SURROGATE_FIRST && unit <= HIGH_SURROGATE_LAST;
}
