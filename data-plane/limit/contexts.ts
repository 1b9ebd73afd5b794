import { Recent } from '#core/recent/recent.ts';
import type { TokenUsage } from '#core/upstream/price.ts';

/** Answers and conversations that are remembered, at about 150 bytes each; what goes on from older ones counts for itself. */
const REMEMBERED = 100_000;

/**
 * How many tokens there are in what a request may go on from without saying it again: answers and conversations that the provider
 * keeps, and sessions in which it is spoken. In memory, and of this plane alone.
 */
export class Contexts {
  readonly #tokens = new Recent<number>();

  /** The most of what has these names. */
  read(names: readonly (string | undefined)[]): number {
    return Math.max(0, ...names.map((name) => (name === undefined ? 0 : (this.#tokens.get(name) ?? 0))));
  }

  /** Notes what a prompt and its answer had together, or may have had. */
  note(names: readonly (string | undefined)[], { inputTokens, outputTokens }: TokenUsage): void {
    for (const name of names) {
      if (name === undefined) continue;
      this.#tokens.put(name, Math.max(this.read([name]), inputTokens + outputTokens));
      if (this.#tokens.size > REMEMBERED) this.#tokens.takeOldest();
    }
  }
}
