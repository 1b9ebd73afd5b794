import { ENTITIES } from '../entities.ts';
import { SIGN } from './lexeme.ts';
import type { MovingPlace } from './moving-place.ts';
import { GAP_NONE, type Token } from './tokens.ts';

/** `[` and `_`. */
const [BRACKET, UNDERSCORE] = [0x5b, 0x5f];
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

  /** Whether the token of a place lies inside one, after those before it were read. */
  holds(place: MovingPlace): boolean {
    if (this.#isInside) return place.token.gap === GAP_NONE;
    return this.#mayBegin(place) && (ENTITY_WORDS.has(place.text) || isUnderscore(place.behind));
  }

  /** The tokens of a text, one after the other. */
  read(place: MovingPlace): void {
    const { token } = place;
    const isInside =
      (token.traits & SIGN) !== 0
        ? (this.#isInside || this.#isFirst) && isUnderscore(token)
        : this.#isInside && token.gap === GAP_NONE;
    this.#isFirst = this.#mayBegin(place);
    this.#isOpen = token.first === BRACKET;
    this.#isInside = isInside;
  }

  #mayBegin(place: MovingPlace): boolean {
    return this.#isOpen && place.token.gap === GAP_NONE && NAME.test(place.text);
  }
}

function isUnderscore({ gap, first }: Token): boolean {
  return gap === GAP_NONE && first === UNDERSCORE;
}
