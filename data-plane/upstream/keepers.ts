import { Recent } from '#core/recent/recent.ts';

/** Answers whose upstream is remembered; of older ones the first of the list is asked. */
const REMEMBERED_IDS = 50_000;

/** Which upstream keeps what was stored: the ids of answers and conversations that were seen here. */
export class Keepers {
  readonly #byId = new Recent<string>();

  /** `upstreams/{id}` that answered with this id; undefined when that is not known. */
  find(ids: readonly (string | undefined)[]): string | undefined {
    for (const id of ids) {
      const name = id === undefined ? undefined : this.#byId.get(id);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  remember(id: string, name: string): void {
    this.#byId.put(id, name);
    if (this.#byId.size > REMEMBERED_IDS) this.#byId.takeOldest();
  }
}
