import type { FindingCounts } from '#core/phi/mask.ts';
import type { MessageMasker } from '#core/provider/openai/stream/messages.ts';

/** What maskers that follow one another have counted since something began. */
export class Tally {
  #messages: MessageMasker | undefined;
  /** Of the one that counts now when that began; and of those before it since. */
  #before: FindingCounts = {};
  #retired: FindingCounts = {};

  get counts(): FindingCounts {
    return add(this.#retired, this.#messages?.counts ?? {}, this.#before);
  }

  /** Counts from here on. */
  begin(): void {
    this.#before = this.#messages?.counts ?? {};
    this.#retired = {};
  }

  /** Another one goes on, which has counted nothing yet; or none. */
  follow(messages: MessageMasker | undefined): void {
    this.#retired = this.counts;
    this.#before = {};
    this.#messages = messages;
  }
}

/** These and those counts, less others. */
function add(some: FindingCounts, more: FindingCounts, less: FindingCounts): FindingCounts {
  const names = new Set([...Object.keys(some), ...Object.keys(more)]) as Set<keyof FindingCounts>;
  return Object.fromEntries(
    Array.from(
      names,
      (name) => [name, (some[name] ?? 0) + (more[name] ?? 0) - (less[name] ?? 0)] as const,
    ).filter(([, count]) => count !== 0),
  );
}
