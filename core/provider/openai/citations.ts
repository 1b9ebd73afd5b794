import { lastOffset, moveAnnotations } from './annotations.ts';
import type { Texts } from './texts.ts';

/**
 * The citations in the deltas of a streamed chat completion. Their offsets count the letters of the choice's `content`,
 * which are others once it is masked: where that is not settled up to a citation, it waits for the end of the text.
 */
export class Citations {
  readonly #texts: Texts;
  readonly #waiting = new Map<number, unknown[]>();

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** Corrects the citations of a delta, or takes them out of it to wait; true when that changes the delta. */
  take(delta: unknown, choice: number): boolean {
    if (typeof delta !== 'object' || delta === null || !('annotations' in delta)) return false;
    const { annotations } = delta;
    const channel = this.#texts.channel(placeOf(choice));
    if (!Array.isArray(annotations) || channel === undefined) return false;
    if (!channel.open) return this.#move(annotations, choice);
    const { emitted, source } = channel;
    const last = Math.max(0, ...annotations.map(offsetOf));
    if (last <= emitted.length && source.startsWith(emitted)) return false;
    delete (delta as { annotations?: unknown }).annotations;
    this.#waiting.set(choice, [...(this.#waiting.get(choice) ?? []), ...annotations]);
    return true;
  }

  /** The citations of a choice that waited, corrected: its text has ended. */
  release(choice: number): unknown[] {
    const annotations = this.#waiting.get(choice) ?? [];
    this.#waiting.delete(choice);
    this.#move(annotations, choice);
    return annotations;
  }

  /** The choices that have some waiting. */
  choices(): number[] {
    return [...this.#waiting.keys()];
  }

  #move(annotations: readonly unknown[], choice: number): boolean {
    const channel = this.#texts.channel(placeOf(choice));
    if (channel === undefined) return false;
    const { source, emitted, key } = channel;
    return moveAnnotations(annotations, source, emitted, (text) => this.#texts.preview(key, text));
  }
}

function placeOf(choice: number): string {
  return `choices.${choice}.content`;
}

/** Chat Completions put the offsets one level below the annotation. */
function offsetOf(annotation: unknown): number {
  const isObject = typeof annotation === 'object' && annotation !== null;
  const inner = isObject && 'url_citation' in annotation ? annotation.url_citation : undefined;
  return Math.max(lastOffset(annotation), lastOffset(inner));
}
