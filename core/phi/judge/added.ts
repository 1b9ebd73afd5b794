import type { BuiltInEntity, EntityName } from '../entities.ts';
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

/** A letter, or figures that are no age over 89: of so little nothing is a code by itself. */
const NO_CODE = /^(?:\p{L}|[0-8]?\d)$/u;

/**
 * The rule under which a token is added that is of a class.
 *
 * @param goesOn whether the token before is of that class as well
 */
export function ruleOf(kind: number, goesOn: boolean, place: MovingPlace): AddedRule | undefined {
  const rule = ADDED_RULES[kind - 1];
  const isShort = place.token.end - place.token.start <= 2;
  return isShort && !goesOn && rule?.entity === 'UNIQUE_ID' && NO_CODE.test(place.text) ? undefined : rule;
}

/**
 * An identifier while its tokens come one after the other: one that no rule has found, or what is around one that a rule
 * has.
 */
export class Addition {
  #finding: Finding;
  readonly #isFound: boolean;
  /** The end of what was read of it: of a possessive, of a sign that may stand within it. */
  #reach = 0;
  /** Whether the last that was read is the comma behind a surname. */
  #isTurned = false;

  private constructor(finding: Finding, reach: number, isFound: boolean) {
    this.#finding = finding;
    this.#reach = reach;
    this.#isFound = isFound;
  }

  /** @param place of the first token that is likely to be of it; @param start where it begins, with the one before that may be */
  static atToken({ entity, name, score }: AddedRule, place: MovingPlace, start: number): Addition {
    const finding = { entity, start, end: endOf(place, entity), score, rule: name };
    return new Addition(finding, place.token.end, false);
  }

  /** What a rule has found, which may go on. */
  static behind(found: Finding): Addition {
    return new Addition(found, found.end, true);
  }

  get start(): number {
    return this.#finding.start;
  }

  get finding(): Finding {
    return this.#finding;
  }

  /** Takes a token that is one of the rule's as well, when it belongs to the same identifier. */
  takesWord(rule: AddedRule, place: MovingPlace): boolean {
    const { token } = place;
    const isMore =
      rule.entity === this.#finding.entity &&
      (!this.#isTurned || mayBeGiven(token)) &&
      this.#isNear(token) &&
      token.end - this.start <= MAX_CHARACTERS;
    if (isMore) {
      this.#finding = { ...this.#finding, end: endOf(place, rule.entity) };
      this.#reach = token.end;
      this.#isTurned = false;
    }
    return isMore;
  }

  /** Whether what a rule has found from this token on may be the rest of the identifier, if it is one. */
  mayTake({ entity, start, end }: Finding, token: Token): boolean {
    return (
      !this.#isFound &&
      entity === this.#finding.entity &&
      start === token.start &&
      this.#isNear(token) &&
      end - this.start <= MAX_CHARACTERS
    );
  }

  /** Takes a sign, when what is behind it may belong to the same identifier. */
  takesSign({ token: { start, end, first, gap }, before }: MovingPlace): boolean {
    // No word behind it would be taken: a row of signs holds back no text.
    if (end - this.start > MAX_CHARACTERS) return false;
    const isBeside = start === this.#reach;
    if (isBeside && first === COMMA) {
      // "Okafor, Lena" is one name; "Anna, Bob" are two.
      this.#isTurned = this.#finding.entity === 'PERSON' && before.start === this.start && isSurname(before);
      if (this.#isTurned) this.#reach = end;
      return this.#isTurned;
    }
    if (isBeside && first === FULL_STOP && (this.#isFound || (before.traits & INITIALS) !== 0)) {
      // Of an initial. Behind what a rule has found it is as likely that of a sentence.
      if (this.#isFound) return false;
      this.#finding = { ...this.#finding, end };
    } else if (
      !(isBeside && JOINS.has(first)) &&
      !(gap === GAP_SPACE && start === this.#reach + 1 && first === AMPERSAND)
    ) {
      return false;
    }
    this.#reach = end;
    return true;
  }

  #isNear({ start, gap }: Token): boolean {
    return start - this.#reach <= 1 && gap !== GAP_LINE;
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
function endOf({ token: { end }, text }: MovingPlace, entity: EntityName): number {
  return entity !== 'ORGANIZATION' && POSSESSIVE.test(text) ? end - POSSESSIVE_CHARACTERS : end;
}
