import type { EntityName } from './entities.ts';
import type { FindingCounts } from './finding.ts';
import type { Replacer } from './replace/replace.ts';
import type { Scan } from './scan.ts';
import { SourceMap } from './source-map.ts';

const HIGH_SURROGATE_FIRST = 0xd800;
const HIGH_SURROGATE_LAST = 0xdbff;

/** Counts one more. */
export function addFinding(counts: FindingCounts, entity: EntityName): void {
  counts[entity] = (counts[entity] ?? 0) + 1;
}

/**
 * One text that is masked while it comes: a scan, and the source that the scan has not decided yet. What is
 * returned is source, with replacements for findings; characters that are no part of one stay as they came.
 */
export class Channel {
  readonly #scan: Scan;
  readonly #counts: FindingCounts;
  readonly #replacer: Replacer;
  readonly #map = new SourceMap();
  /** Source not yet returned, from place `#heldFrom` of the whole source on. */
  #held = '';
  #heldFrom = 0;
  #normalised = '';
  /** Where values are read: the normalised text from place `#textFrom` on, as far as it is scanned. */
  #text = '';
  #textFrom = 0;

  constructor(scan: Scan, counts: FindingCounts, replacer: Replacer) {
    this.#scan = scan;
    this.#counts = counts;
    this.#replacer = replacer;
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
    this.#push();
    const at = scan.emittable;
    return this.#emit(at === scan.length ? this.#map.sourceLength : this.#map.startOf(at), at, false);
  }

  /** Decides and returns all that is left. */
  end(): string {
    this.#push();
    this.#scan.end();
    return this.#emit(this.#map.sourceLength, this.#scan.length, true);
  }

  #push(): void {
    this.#scan.push(this.#normalised);
    if (this.#replacer.readsValues) this.#text += this.#normalised;
    this.#normalised = '';
  }

  #emit(until: number, at: number, last: boolean): string {
    const held = this.#held;
    let out = '';
    let from = this.#heldFrom;
    for (const finding of this.#scan.take()) {
      const start = this.#map.startOf(finding.start);
      const value = this.#text.slice(finding.start - this.#textFrom, finding.end - this.#textFrom);
      out += held.slice(from - this.#heldFrom, start - this.#heldFrom);
      out += this.#replacer.replace(finding.entity, value);
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
    this.#text = this.#text.slice(at - this.#textFrom);
    this.#textFrom = at;
    return out;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= HIGH_SURROGATE_FIRST && unit <= HIGH_SURROGATE_LAST;
}
