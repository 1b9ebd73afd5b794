import type { EntityName } from '../entities.ts';
import type { Finding, FindingCounts } from '../finding.ts';
import { isHighSurrogate } from '../normalise/normalise.ts';
import { SourceMap } from '../normalise/source-map.ts';
import type { Replacer } from '../replace/replace.ts';
import type { TextScan } from '../text-scan.ts';
import type { OffsetMap } from './offset-map.ts';

/** Counts one more. */
export function addFinding(counts: FindingCounts, entity: EntityName): void {
  counts[entity] = (counts[entity] ?? 0) + 1;
}

/**
 * One text that is masked while it comes: a scan, and the source that the scan has not decided yet. What is
 * returned is source, with replacements for findings; characters that are no part of one stay as they came.
 */
export class Channel {
  readonly #scan: TextScan;
  readonly #counts: FindingCounts;
  readonly #replacer: Replacer;
  readonly #offsets: Pick<OffsetMap, 'add'> | undefined;
  /** Where the text begins in the source that `#offsets` is about. */
  readonly #base: number;
  readonly #map = new SourceMap();
  /** Source not yet returned, from place `#heldFrom` of the whole source on. */
  #held = '';
  #heldFrom = 0;
  #normalised = '';
  /** Where values are read: the normalised text from place `#textFrom` on, as far as it is scanned. */
  #text = '';
  #textFrom = 0;
  /** A finding at the very end of the text so far: accents that belong to its last character may follow. */
  #late: readonly Finding[] = [];

  /** `offsets` is told what is replaced, in a source in which this text begins at `base`. */
  constructor(
    scan: TextScan,
    counts: FindingCounts,
    replacer: Replacer,
    offsets?: Pick<OffsetMap, 'add'>,
    base = 0,
  ) {
    this.#scan = scan;
    this.#counts = counts;
    this.#replacer = replacer;
    this.#offsets = offsets;
    this.#base = base;
  }

  /** Adds source that stands for itself. */
  plain(source: string): void {
    this.#held += source;
    this.#normalised += this.#map.add(source);
  }

  /** Adds one UTF-16 unit that the source writes with more characters, such as a JSON escape. */
  escaped(source: string, unit: number): void {
    this.#held += source;
    this.#normalised += this.#map.unit(unit, source.length);
  }

  /** Scans what was added, and returns what may be emitted. */
  flush(): string {
    this.#push();
    const { emittable, length } = this.#scan;
    const findings = [...this.#late, ...this.#scan.take()];
    this.#late = findings.filter(({ end }) => end === length);
    const at = this.#late[0]?.start ?? emittable;
    const until = at === length ? this.#map.sourceLength : this.#map.startOf(at);
    return this.#emit(findings.slice(0, findings.length - this.#late.length), until, at, false);
  }

  /** Decides and returns all that is left. */
  end(): string {
    this.#normalised += this.#map.end();
    this.#push();
    this.#scan.end();
    const findings = [...this.#late, ...this.#scan.take()];
    return this.#emit(findings, this.#map.sourceLength, this.#scan.length, true);
  }

  #push(): void {
    this.#scan.push(this.#normalised);
    if (this.#replacer.readsValues) this.#text += this.#normalised;
    this.#normalised = '';
  }

  #emit(findings: readonly Finding[], until: number, at: number, last: boolean): string {
    const held = this.#held;
    let out = '';
    let from = this.#heldFrom;
    for (const finding of findings) {
      const end = this.#map.endOf(finding.end);
      // It lies in the one character of the source in which the finding before it ends.
      if (end <= from) continue;
      const start = Math.max(from, this.#map.startOf(finding.start));
      const value = this.#text.slice(finding.start - this.#textFrom, finding.end - this.#textFrom);
      out += held.slice(from - this.#heldFrom, start - this.#heldFrom);
      const written = held.slice(start - this.#heldFrom, end - this.#heldFrom);
      const put = this.#replacer.replace(finding.entity, value, written);
      if (put !== written) this.#offsets?.add(this.#base + start, this.#base + end, put.length);
      out += put;
      from = end;
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
