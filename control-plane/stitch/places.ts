import { compareSessions, kindOfSession } from '#core/session/name.ts';
import type { SessionLink } from '../storage/session-links.ts';

/** Of exchanges in one batch; a session of more is not moved: others move into it. */
const MAX_MOVED = 5_000;

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

  /**
   * @param links those that there are of all ids that will be asked for
   * @param sizes how many exchanges the sessions have that they lead to
   */
  constructor(links: Map<string, SessionLink>, sizes: ReadonlyMap<string, number>) {
    this.#links = links;
    this.#sizes = sizes;
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

  /** Joins two sessions; gives the one that is left. Two that the application named stay two. */
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

  #isLarge(session: string): boolean {
    return this.#moved + (this.#sizes.get(session) ?? 0) > MAX_MOVED;
  }
}
