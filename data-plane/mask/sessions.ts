import type { MaskSession } from '#core/phi/mask.ts';
import { Numbering } from '#core/phi/replace/numbering.ts';
import { Recent } from '#core/recent/recent.ts';

/** Numbered values of all sessions together; at about 100 bytes each, some 20 MB. */
const MAX_VALUES = 200_000;
/** What a session takes beside its values, in values. */
const SESSION_VALUES = 5;

/**
 * What masks of a session go by. Numbers are kept in memory, and only there: after a restart, and on another plane,
 * a session begins at 1 again. When there are too many, those of the sessions that were quiet longest are forgotten.
 */
export class MaskSessions {
  /** By session. */
  readonly #numberings = new Recent<Numbering>();
  readonly #maxValues: number;
  #values = 0;

  constructor(maxValues = MAX_VALUES) {
    this.#maxValues = maxValues;
  }

  /** The session of this name; undefined without a key, so that placeholders stand for what needs one. */
  open(key: Uint8Array, name: string): MaskSession | undefined {
    if (key.length === 0) return undefined;
    const known = this.#numberings.get(name);
    const numbering = known ?? new Numbering(() => this.#onNew(name, numbering));
    this.#numberings.put(name, numbering);
    if (known === undefined) this.#add(SESSION_VALUES);
    return { key, name, numbering, now: new Date() };
  }

  /** An exchange may go on with numbers that were forgotten meanwhile; those take no room here any more. */
  #onNew(name: string, numbering: Numbering): void {
    if (this.#numberings.get(name) === numbering) this.#add(1);
  }

  #add(values: number): void {
    this.#values += values;
    while (this.#values > this.#maxValues) {
      this.#values -= (this.#numberings.takeOldest()?.size ?? 0) + SESSION_VALUES;
    }
  }
}
