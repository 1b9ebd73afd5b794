import type { Finding } from '../finding.ts';
import { contextAfter, type Segment } from './segment.ts';

/** A letter or a digit; in text without any there is nothing to find. */
const SUBSTANCE = /[\p{L}\p{N}]/u;

/** What the external detector found in each segment of one prompt or answer, by the segment's words. */
export class Answers {
  readonly #byContext = new Map<string, Map<string, readonly Finding[]>>();

  /** The segments that the detector has to be asked about, each once. */
  open(segments: readonly Segment[]): Segment[] {
    const open = new Map<string, Segment>();
    for (const segment of segments) {
      const { context, text } = segment;
      if (this.#byContext.get(context)?.has(text) === true) continue;
      if (SUBSTANCE.test(text)) open.set(`${context.length} ${context}${text}`, segment);
      else this.add(segment, []);
    }
    return [...open.values()];
  }

  /** Notes what was found; places are those in the segment. */
  add({ context, text }: Segment, findings: readonly Finding[]): void {
    let known = this.#byContext.get(context);
    if (known === undefined) {
      known = new Map();
      this.#byContext.set(context, known);
    }
    known.set(text, findings);
  }

  /**
   * What was found in a segment.
   *
   * @throws Error for text that nobody was asked about: it must not go out.
   */
  of({ context, text }: Segment): readonly Finding[] {
    const findings = this.#find(context, text);
    if (findings === undefined) throw new Error('a text that the external detector has not seen');
    return findings;
  }

  /**
   * What is known of a text. It may be the beginning of a text that is known, which ends elsewhere than a segment:
   * offsets of citations are moved by masking the text before them.
   */
  #find(context: string, text: string): readonly Finding[] | undefined {
    if (!SUBSTANCE.test(text)) return [];
    const known = this.#byContext.get(context);
    const exact = known?.get(text);
    if (exact !== undefined) return exact;
    for (const [other, findings] of known ?? []) {
      if (other.startsWith(text)) return clip(findings, text.length);
      if (!text.startsWith(other)) continue;
      const rest = this.#find(contextAfter(context, other), text.slice(other.length));
      if (rest !== undefined) return [...findings, ...rest.map((finding) => shift(finding, other.length))];
    }
    return undefined;
  }
}

function clip(findings: readonly Finding[], length: number): Finding[] {
  return findings
    .filter(({ start }) => start < length)
    .map((finding) => ({ ...finding, end: Math.min(finding.end, length) }));
}

function shift(finding: Finding, by: number): Finding {
  return { ...finding, start: finding.start + by, end: finding.end + by };
}
