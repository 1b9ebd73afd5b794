import type { BuiltInEntity } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { FAMILY, GIVEN, GIVEN_COMMON } from '../lexicon/flags.ts';
import { CLASSES } from './classes.ts';
import { FLAGS, INITIALS } from './lexeme.ts';
import type { MovingPlace } from './moving-place.ts';
import { GAP_LINE, GAP_SPACE, type Token } from './tokens.ts';

/** Below the score of every rule, so that what is added never cuts an identifier of a policy. */
const SCORE = 0.3;
/** What is added is joined up to this length. */
const MAX_CHARACTERS = 64;
/** `,.&` */
const [COMMA, FULL_STOP, AMPERSAND] = [0x2c, 0x2e, 0x26];
/** Single signs within an identifier. */
const JOINS: ReadonlySet<number> = new Set(Array.from("-_./'’@&", (sign) => sign.charCodeAt(0)));
const POSSESSIVE = /['’]s$/;
const POSSESSIVE_CHARACTERS = 2;

/** A rule under which the model adds identifiers. */
export interface AddedRule {
  readonly entity: BuiltInEntity;
  readonly name: string;
  readonly score: number;
}

/** One for each of the model's classes but the first. */
export const ADDED_RULES: readonly AddedRule[] = CLASSES.filter((entity) => entity !== undefined).map(
  (entity) => ({
    entity,
    name: `model.${entity.toLowerCase().replaceAll('_', '-')}`,
    score: SCORE,
  }),
);

/** An identifier that no rule has found, while its tokens come one after the other. */
export class Addition {
  readonly #rule: AddedRule;
  readonly #start: number;
  #end = 0;
  /** The end of what was read of it: of a possessive, of a sign that may stand within it. */
  #reach = 0;
  /** Whether the last that was read is the comma behind a surname. */
  #isTurned = false;

  /** @param place of the first token that is likely to be of it; @param start where it begins, with the one before that may be */
  constructor(rule: AddedRule, place: MovingPlace, start: number) {
    this.#rule = rule;
    this.#start = start;
    this.#end = endOf(place, rule);
    this.#reach = place.token.end;
  }

  get start(): number {
    return this.#start;
  }

  get finding(): Finding {
    const { entity, name, score } = this.#rule;
    return { entity, start: this.#start, end: this.#end, score, rule: name };
  }

  /** Takes a token that is one of the rule's as well, when it belongs to the same identifier. */
  takesWord(rule: AddedRule, place: MovingPlace): boolean {
    const { token } = place;
    const isMore =
      rule === this.#rule &&
      (!this.#isTurned || mayBeGiven(token)) &&
      token.start - this.#reach <= 1 &&
      token.gap !== GAP_LINE &&
      token.end - this.#start <= MAX_CHARACTERS;
    if (isMore) {
      this.#end = endOf(place, rule);
      this.#reach = token.end;
      this.#isTurned = false;
    }
    return isMore;
  }

  /** Takes a sign, when what is behind it may belong to the same identifier. */
  takesSign({ token: { start, end, first, gap }, before }: MovingPlace): boolean {
    // No word behind it would be taken: a row of signs holds back no text.
    if (end - this.#start > MAX_CHARACTERS) return false;
    const isBeside = start === this.#reach;
    if (isBeside && first === COMMA) {
      // "Okafor, Lena" is one name; "Anna, Bob" are two.
      this.#isTurned = this.#rule.entity === 'PERSON' && before.start === this.#start && isSurname(before);
      if (this.#isTurned) this.#reach = end;
      return this.#isTurned;
    }
    if (isBeside && first === FULL_STOP && (before.traits & INITIALS) !== 0) {
      // Of an initial.
      this.#end = end;
    } else if (
      !(isBeside && JOINS.has(first)) &&
      !(gap === GAP_SPACE && start === this.#reach + 1 && first === AMPERSAND)
    ) {
      return false;
    }
    this.#reach = end;
    return true;
  }
}

/** Whether it may be a surname, and is no usual given name. */
export function isSurname({ traits }: Token): boolean {
  return (traits & FLAGS) === 0 || ((traits & FAMILY) !== 0 && (traits & GIVEN_COMMON) === 0);
}

export function mayBeGiven({ traits }: Token): boolean {
  return (traits & (GIVEN | INITIALS)) !== 0;
}

/** Where an identifier ends that ends with this token: "Whitfield's" names Whitfield, "Denny's" is the whole name. */
function endOf({ token: { end }, text }: MovingPlace, { entity }: AddedRule): number {
  return entity !== 'ORGANIZATION' && POSSESSIVE.test(text) ? end - POSSESSIVE_CHARACTERS : end;
}
