import { Recent } from '#core/recent/recent.ts';

/** What was answered in one session so far. */
export interface SessionSum {
  readonly exchanges: number;
  /** Of prompts and answers, as the provider counted them. */
  readonly tokens: number;
  /** In millionths of the currency of prices. */
  readonly costMicros: number;
}

/** Sessions that are remembered; at about 150 bytes each. The ones that were quiet longest begin at zero again. */
const REMEMBERED = 50_000;
const NOTHING: SessionSum = { exchanges: 0, tokens: 0, costMicros: 0 };

/** Counts what was answered by session, for conditions. In memory, and of this plane alone. */
export class SessionTally {
  readonly #sums = new Recent<SessionSum>();

  /** What was answered in a session, `sessions/{id}`. */
  read(session: string): SessionSum {
    return this.#sums.get(session) ?? NOTHING;
  }

  /** Adds one answer; or, with `exchanges` 0, what else one has come to that was added before. */
  add(session: string, tokens: number, costMicros: number, exchanges = 1): void {
    const before = this.read(session);
    this.#sums.put(session, {
      exchanges: before.exchanges + exchanges,
      tokens: before.tokens + tokens,
      costMicros: before.costMicros + costMicros,
    });
    if (this.#sums.size > REMEMBERED) this.#sums.takeOldest();
  }
}
