import { Recent } from '#core/recent/recent.ts';

/** Values by key with an end to each, at most so many; the one that was used longest ago goes first. */
export class ExpiringCache<T> {
  readonly #entries = new Recent<{ readonly value: T; readonly expiresMs: number }>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(key: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (nowMs >= entry.expiresMs) {
      this.#entries.delete(key);
      return undefined;
    }
    this.#entries.put(key, entry);
    return entry.value;
  }

  set(key: string, value: T, expiresMs: number): void {
    this.#entries.put(key, { value, expiresMs });
    if (this.#entries.size > this.#maxEntries) this.#entries.takeOldest();
  }

  clear(): void {
    this.#entries.clear();
  }

  get size(): number {
    return this.#entries.size;
  }
}
