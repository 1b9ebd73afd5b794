import { GAP_NONE, type Token } from './tokens.ts';

const NAME = /^[A-Z]+$/;

/**
 * Knows what lies inside a placeholder or token for a masked value, such as `[PERSON_1]` and `[US_SSN_kqvbtmhc]`, which is never
 * an identifier again: in brackets without a space, capitals first, and nothing but letters, digits and underscores.
 */
export class Placeholders {
  #isOpen = false;
  #isInside = false;

  /** Whether this token lies inside one, after those before it were read. */
  holds(token: Token): boolean {
    if (token.gap !== GAP_NONE) return false;
    return this.#isInside || (this.#isOpen && NAME.test(token.lexeme.text));
  }

  /** The tokens of a text, one after the other. */
  read(token: Token): void {
    const isInside = token.lexeme.isSign
      ? this.#isInside && token.lexeme.text === '_' && token.gap === GAP_NONE
      : this.holds(token);
    this.#isOpen = token.lexeme.text === '[';
    this.#isInside = isInside;
  }
}
