import { type AddedRule, isSurname, mayBeGiven } from './added.ts';
import { INITIALS } from './lexeme.ts';
import type { MovingPlace } from './moving-place.ts';
import { GAP_LINE } from './tokens.ts';
import { kindOf, UPPER } from './units.ts';

/** `,.` */
const [COMMA, FULL_STOP] = [0x2c, 0x2e];
const NO_SIGN = 0;

/**
 * Where an identifier may begin before the first token that is likely to be of it: at a word that is likelier than most, at
 * an initial (`L. Greenspan`), or at a surname before a comma (`Price, Kendra`).
 */
export class Beginning {
  /** Undefined when nothing may. */
  start: number | undefined;
  #reach = 0;
  #isWord = false;
  #isInitial = false;
  #isSurname = false;
  #sign = NO_SIGN;

  /**
   * Reads a token that is of no identifier by itself.
   *
   * @param rule what it is likelier than most to be of, when it is
   */
  read(place: MovingPlace, rule: AddedRule | undefined): void {
    const { start, end, first, traits } = place.token;
    this.#isWord = rule !== undefined;
    this.#isInitial = end === start + 1 && (traits & INITIALS) !== 0 && place.unitBehind === FULL_STOP;
    this.#isSurname = rule?.entity === 'PERSON' && isSurname(place.token) && kindOf(first) === UPPER;
    this.#sign = NO_SIGN;
    this.#reach = end;
    this.start = this.#isWord || this.#isInitial ? start : undefined;
  }

  clear(): void {
    this.start = undefined;
  }

  /** Takes a sign, when an identifier that goes on behind it may have begun before. */
  takesSign({ token: { start, end, first } }: MovingPlace): boolean {
    const isBeside = this.start !== undefined && this.#sign === NO_SIGN && start === this.#reach;
    const isTaken = (first === FULL_STOP && this.#isInitial) || (first === COMMA && this.#isSurname);
    if (!isBeside || !isTaken) return false;
    this.#sign = first;
    this.#reach = end;
    return true;
  }

  /** Where an identifier begins whose first likely token is at a place. */
  startOf(rule: AddedRule, { token }: MovingPlace): number {
    const isNear = this.start !== undefined && token.start - this.#reach <= 1 && token.gap !== GAP_LINE;
    const isMore =
      this.#sign === NO_SIGN
        ? this.#isWord
        : rule.entity === 'PERSON' && (this.#sign === FULL_STOP || mayBeGiven(token));
    return isNear && isMore ? (this.start as number) : token.start;
  }
}
