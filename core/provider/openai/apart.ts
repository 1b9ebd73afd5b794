/** Names that may become the same when they are masked: told apart by a number, which goes on where the last one ended. */
export class Apart {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #numbers = new Map<string, number>();

  /** What stands for a name wherever it comes: its masked form, with a number where that stands for another one already. */
  name(source: string, masked: string): string {
    const known = this.#names.get(source);
    if (known !== undefined) return known;
    let name = masked;
    for (let number = this.#numbers.get(masked) ?? 2; this.#taken.has(name); number++) {
      name = `${masked}_${number}`;
      this.#numbers.set(masked, number + 1);
    }
    this.#names.set(source, name);
    this.#taken.add(name);
    return name;
  }
}
