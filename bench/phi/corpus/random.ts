/** A small seeded generator of numbers (splitmix32): the same seed gives the same texts on every machine. */
export class Random {
  #state: number;

  /** @param seed any integer; neighbouring seeds give unrelated sequences. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A fraction from 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** An integer between two, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[this.integer(0, list.length - 1)] as T;
  }

  /** So many characters of an alphabet. */
  string(length: number, alphabet: string): string {
    let text = '';
    for (let i = 0; i < length; i++) text += alphabet.charAt(this.integer(0, alphabet.length - 1));
    return text;
  }

  digits(length: number): string {
    return this.string(length, '0123456789');
  }

  /** Capital letters, without those that are read as digits. */
  letters(length: number): string {
    return this.string(length, 'ABCDEFGHJKLMNPRSTUVWXYZ');
  }

  /** A form such as `##-@@##?`: `#` is a digit, `@` a capital letter, `?` one of both, all else itself. */
  form(pattern: string): string {
    return pattern.replace(/[#@?]/g, (mark) => {
      if (mark === '#') return this.digits(1);
      return mark === '@' ? this.letters(1) : this.string(1, 'ABCDEFGHJKLMNPRSTUVWXYZ0123456789');
    });
  }
}
