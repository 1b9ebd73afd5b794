import { ENTITIES } from '../entities.ts';
import { GAP_NONE, type Token } from './tokens.ts';

const NAME = /^[A-Z]+$/;
/** Names of entities that are one word: "[SMITH]" is none. */
const ENTITY_WORDS: ReadonlySet<string> = new Set(ENTITIES.map(({ name }) => name));

/**
 * Knows what lies inside a placeholder or token for a masked value, such as `[PERSON_1]` and `[US_SSN_kqvbtmhc]`, which is never
 * an identifier again: in brackets without a space, capitals first, and nothing but letters, digits and underscores; a word
 * without any underscore only when an entity is called so.
 */
export class Placeholders {
  #isOpen = false;
  /** Whether the token before is the first word in brackets, and may be that of a placeholder. */
  #isFirst = false;
  #isInside = false;

  /** Whether this token lies inside one, after those before it were read; `behind` is the one that follows it. */
  holds(token: Token, behind: Token): boolean {
    if (this.#isInside) return token.gap === GAP_NONE;
    return this.#mayBegin(token) && (ENTITY_WORDS.has(token.lexeme.text) || isUnderscore(behind));
  }

  /** The tokens of a text, one after the other. */
  read(token: Token): void {
    const isInside = token.lexeme.isSign
      ? (this.#isInside || this.#isFirst) && isUnderscore(token)
      : this.#isInside && token.gap === GAP_NONE;
    this.#isFirst = this.#mayBegin(token);
    this.#isOpen = token.lexeme.text === '[';
    this.#isInside = isInside;
  }

  #mayBegin({ gap, lexeme }: Token): boolean {
    return this.#isOpen && gap === GAP_NONE && NAME.test(lexeme.text);
  }
}

function isUnderscore({ gap, lexeme }: Token): boolean {
  return gap === GAP_NONE && lexeme.text === '_';
}
