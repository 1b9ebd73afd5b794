import type { EntityName } from '../entities.ts';
import { digestValue } from './digest.ts';

/**
 * How many values of one entity get a number. With a fourth digit `[MRN_1000]` would read as a label with its value,
 * and be found again when the text is masked a second time.
 */
export const MAX_NUMBER = 999;
/** 128 bits of an HMAC: enough that no two values of a session share it. */
const DIGEST_BYTES = 16;

/** The numbers of one session: for each entity, which value came first, second, and so on. Holds no values. */
export class Numbering {
  readonly #numbers = new Map<string, number>();
  readonly #last = new Map<EntityName, number>();
  readonly #onNew: () => void;

  /** @param onNew is told of every value that is kept from now on. */
  constructor(onNew: () => void = () => undefined) {
    this.#onNew = onNew;
  }

  /** How many values have a number. */
  get size(): number {
    return this.#numbers.size;
  }

  /** How many values of an entity have a number: MAX_NUMBER at most. */
  count(entity: EntityName): number {
    return this.#last.get(entity) ?? 0;
  }

  /** The number of a value, from 1; undefined when it is new and MAX_NUMBER are given. */
  number(entity: EntityName, key: Uint8Array, value: string): number | undefined {
    const bytes = digestValue(key, 'numbered', entity, value).subarray(0, DIGEST_BYTES);
    const id = bytes.toString('base64url');
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = (this.#last.get(entity) ?? 0) + 1;
    if (number > MAX_NUMBER) return undefined;
    this.#last.set(entity, number);
    this.#numbers.set(id, number);
    this.#onNew();
    return number;
  }
}
