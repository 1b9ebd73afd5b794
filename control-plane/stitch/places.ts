import { compareSessions, kindOfSession } from '#core/session/name.ts';
import type { SessionLink } from '../storage/session-links.ts';

/** A session that turned out to be the same as another one. */
export interface Merge {
  readonly from: string;
  readonly into: string;
}

/** A session of more exchanges is not moved: others move into it. */
const MAX_MOVED = 5_000;

/**
 * Which links and sessions lead where, while a batch of records is looked at. What was joined, was joined for good; the
 * outcome does not depend on the order in which records come, but for sessions too large to be moved.
 */
export class Places {
  readonly merges: Merge[] = [];
  readonly #links: Map<string, SessionLink>;
  readonly #changed = new Set<string>();
  readonly #sizes: (session: string) => Promise<number>;

  /**
   * @param links those that there are of all ids that will be asked for
   * @param sizes how many exchanges a session has
   */
  constructor(links: Map<string, SessionLink>, sizes: (session: string) => Promise<number>) {
    this.#links = links;
    this.#sizes = sizes;
  }

  /** The links that have to be written. */
  get changed(): SessionLink[] {
    return [...this.#changed].flatMap((id) => this.#links.get(id) ?? []);
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
  async join(one: string, other: string): Promise<string> {
    const left = this.resolve(one);
    const right = this.resolve(other);
    if (left === right) return left;
    let [into, from] = compareSessions(left, right) < 0 ? [left, right] : [right, left];
    if (kindOfSession(from) === 'header') return left;
    if ((await this.#sizes(from)) > MAX_MOVED) {
      if (kindOfSession(into) === 'header' || (await this.#sizes(into)) > MAX_MOVED) return left;
      [into, from] = [from, into];
    }
    for (const link of this.#links.values()) {
      if (link.session === from) this.#links.set(link._id, { ...link, session: into });
    }
    this.set({ _id: from, session: into });
    this.merges.push({ from, into });
    return into;
  }
}
