import type { Finding } from '../finding.ts';
import type { Located } from './rule/rule.ts';
import { Settlement, type View } from './settle.ts';

/** What a scan has to do with the values of a rule. */
export const UNWANTED = 0;
export const WANTED = 1;
/** Not looked for, but told as well. */
export const OTHER = 2;
/** No identifier: told as others are, and hides what is in it. */
export const NOTHING = 4;

/** Values that are looked for and others, each settled among themselves: what is not looked for hides nothing that is. */
export class Settlements {
  readonly #wanted = new Settlement();
  readonly #others: Settlement | undefined;

  /** @param hasOthers whether others are told; none are kept otherwise */
  constructor(hasOthers: boolean) {
    this.#others = hasOthers ? new Settlement(true) : undefined;
  }

  get isEmpty(): boolean {
    return this.#wanted.isEmpty && this.#others?.isEmpty !== false;
  }

  /** @param kind WANTED, OTHER or NOTHING */
  add(value: Located, kind: number): void {
    if (kind !== OTHER) this.#wanted.add(value);
    // An object of its own: each settlement may cut what it has.
    if (kind !== WANTED) this.#others?.add(kind === NOTHING ? { ...value } : value);
  }

  /** Where the first value begins that is not settled, at most `place`. */
  first(place: number): number {
    const first = this.#wanted.first(place);
    return this.#others?.first(first) ?? first;
  }

  /** No further value begins before this place of the text. */
  settle(before: number, view: View): void {
    this.#wanted.settle(before, view);
    this.#others?.settle(before, view);
  }

  /** Takes the findings settled so far, in order. */
  take(): readonly Finding[] {
    return this.#wanted.take();
  }

  takeOthers(): readonly Located[] {
    return this.#others?.take() ?? [];
  }
}
