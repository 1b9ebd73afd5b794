import { Code, ConnectError } from '@connectrpc/connect';
import { compareSessions, kindOfSession, MAX_MOVED_EXCHANGES } from '#core/session/name.ts';
import type { SessionLink } from '../storage/record/session-links.ts';

/**
 * Which links and sessions lead where, while a batch of records is looked at. What was joined, was joined for good; the
 * outcome does not depend on the order in which records come, but for sessions too large to be moved.
 */
export class Places {
  readonly #merged = new Set<string>();
  #moved = 0;
  readonly #links: Map<string, SessionLink>;
  readonly #changed = new Set<string>();
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #isDivisible: boolean;

  /**
   * @param links those that there are of all ids that will be asked for
   * @param sizes how many exchanges the sessions have that they lead to
   * @param isDivisible whether its records can come in several batches
   */
  constructor(links: Map<string, SessionLink>, sizes: ReadonlyMap<string, number>, isDivisible: boolean) {
    this.#links = links;
    this.#sizes = sizes;
    this.#isDivisible = isDivisible;
  }

  /** The links that have to be written. */
  get changed(): SessionLink[] {
    return [...this.#changed].flatMap((id) => this.#links.get(id) ?? []);
  }

  /** The sessions that became part of others, by name, with what they are part of now. */
  get moves(): ReadonlyMap<string, string> {
    return new Map(Array.from(this.#merged, (name) => [name, this.resolve(name)]));
  }

  link(id: string): SessionLink | undefined {
    return this.#links.get(id);
  }

  set(link: SessionLink): void {
    this.#links.set(link._id, link);
    this.#changed.add(link._id);
  }

  /** The session that goes by this name now. */
  resolve(session: string): string {
    return this.#links.get(session)?.session ?? session;
  }

  /**
   * Joins two sessions; gives the one that is left. Two that the application named stay two.
   * @throws ConnectError RESOURCE_EXHAUSTED the plane hands the records in in smaller batches then
   */
  join(one: string, other: string): string {
    const left = this.resolve(one);
    const right = this.resolve(other);
    if (left === right) return left;
    let [into, from] = compareSessions(left, right) < 0 ? [left, right] : [right, left];
    if (kindOfSession(from) === 'header') return left;
    if (this.#isLarge(from)) {
      if (kindOfSession(into) === 'header' || this.#isLarge(into)) return left;
      [into, from] = [from, into];
    }
    for (const link of this.#links.values()) {
      if (link.session === from) this.#links.set(link._id, { ...link, session: into });
    }
    this.set({ _id: from, session: into });
    this.#merged.add(from);
    this.#moved += this.#sizes.get(from) ?? 0;
    return into;
  }

  /** A session of more exchanges than are moved at once is not moved: others move into it. */
  #isLarge(session: string): boolean {
    const size = this.#sizes.get(session) ?? 0;
    if (this.#moved + size <= MAX_MOVED_EXCHANGES) return false;
    // By itself it could be moved, and what is not joined now never is.
    if (size <= MAX_MOVED_EXCHANGES && this.#isDivisible) {
      throw new ConnectError('too many exchanges are joined in one batch', Code.ResourceExhausted);
    }
    return true;
  }
}
