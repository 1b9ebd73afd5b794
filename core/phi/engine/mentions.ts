/** A text that names more people than this is a list, in which each name stands once. */
const MAX_WORDS = 1_024;
const MIN_CHARACTERS = 2;
const WORDS = /[\p{L}\p{M}']+/gu;

/**
 * The words of the people whom a text has named so far: who was "Dr. Ada Fennimore" is "Fennimore" later on. Only what
 * stands before a place says what was named there, so that it is the same however the text comes.
 */
export class Mentions {
  readonly #words = new Set<string>();

  /** Nobody was named yet. */
  get isEmpty(): boolean {
    return this.#words.size === 0;
  }

  /** Takes the words of a name. */
  add(name: string): void {
    for (const [word] of name.matchAll(WORDS)) {
      if (word.length < MIN_CHARACTERS || this.#words.size === MAX_WORDS) continue;
      this.#words.add(word.toLowerCase());
    }
  }

  /** @param word in small letters. */
  has(word: string): boolean {
    return this.#words.has(word);
  }
}
