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
    if (annotations.every((annotation) => channel.isSettled(lastOffset(annotation))))
      return this.#move(annotations, choice);
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
    return channel !== undefined && moveAnnotations(annotations, channel.offsets, channel.source.length);
  }
}

function placeOf(choice: number): string {
  return `choices.${choice}.content`;
}
