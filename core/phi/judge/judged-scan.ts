import { MAX_PIECE_CHARACTERS } from '../engine/limits.ts';
import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { NAME, WORD } from '../lexicon/flags.ts';
import type { OtherFinding, TextScan, WatchingScan } from '../text-scan.ts';
import { type AddedRule, Addition, ruleOf } from './added.ts';
import { Beginning } from './beginning.ts';
import { classOf, NOTHING, UNSEEN } from './classes.ts';
import { grows, isJudged, isSure, NAMES } from './kinds.ts';
import { FIGURE, PLAIN, SIGN } from './lexeme.ts';
import { MovingPlace } from './moving-place.ts';
import { Placeholders } from './placeholder.ts';
import { Seen } from './seen.ts';
import { GAP_LINE, GAP_NONE, MAX_CHARACTERS, type Token } from './tokens.ts';
import { UNKNOWN, type Weights } from './weights.ts';

/** What judges a token. */
export type Model = Pick<Weights, 'lexemes' | 'judge' | 'best'>;

/** From here on a token that no rule has found is a part of an identifier. */
const LIKELY = 0.11;
/** The same of a figure: most count something. */
const LIKELY_FIGURE = 0.2;
/** The same behind a part of an identifier of its kind. */
const LIKELY_MORE = 0.1;
/** From here on a word may turn out to be the first one of an identifier, when the next one is a part of it. */
const POSSIBLE = 0.05;
/** Up to here one that a rule has found is none after all. */
const UNLIKELY = 0.15;
/** Words that are remembered: few texts have more that are judged. */
const MAX_SEEN = 4_096;
const LETTERS = /^\p{L}+$/u;
/** What a code goes on with: "6620917-02", "12/12/2021"; a word behind a number, as in "96-year-old", is none of it. */
const REST_OF_CODE = /^[A-Z0-9./:-]+$/;
const NO_FINDINGS: readonly Finding[] = [];

/**
 * The findings of a scan, judged by a model of what stands around identifiers: what a rule is not sure of is dropped where
 * the model is sure that it is none, and what the rules have missed is added. A token is judged by itself, the three
 * before it, the two behind it, what the same word was before, and how many words of identifiers there were: chunks may end anywhere.
 */
export class JudgedScan implements TextScan {
  readonly #scan: WatchingScan;
  readonly #model: Model;
  readonly #entities: ReadonlySet<EntityName>;
  /** What comes before it is judged. */
  readonly #place: MovingPlace;
  readonly #placeholders = new Placeholders();
  /** Classes by the hash of a word. */
  readonly #seen = new Seen();
  /** What is something else, and not looked for, or nothing. */
  #elsewhere: OtherFinding[] = [];
  /** Of the scan, not decided yet. */
  #found: Finding[] = [];
  /** Whether the first of them is an identifier; undefined when none of its tokens was judged yet. */
  #isKept: boolean | undefined;
  #addition: Addition | undefined;
  /** Whether the first of what was found goes on with it, if that is an identifier. */
  #mayJoin = false;
  readonly #beginning = new Beginning();
  /** What the token before is a part of, by its number in CLASSES. */
  #kindBefore = NOTHING;
  #decided: Finding[] = [];
  #ended = false;

  /**
   * @param scan looks for `entities`, and tells others as well: what is one is not added under another name
   * @param entities the ones to look for
   * @param context what counts as standing before the text
   */
  constructor(scan: WatchingScan, model: Model, entities: ReadonlySet<EntityName>, context = '') {
    this.#scan = scan;
    this.#model = model;
    this.#entities = entities;
    this.#place = new MovingPlace(model.lexemes, context);
  }

  push(chunk: string): void {
    // Piece by piece, so that the tokens of a long text are not all there at once.
    for (let i = 0; i < chunk.length; i += MAX_PIECE_CHARACTERS) {
      const piece = chunk.length <= MAX_PIECE_CHARACTERS ? chunk : chunk.slice(i, i + MAX_PIECE_CHARACTERS);
      this.#scan.push(piece);
      this.#place.push(piece);
      this.#judge();
    }
  }

  end(): void {
    this.#scan.end();
    this.#place.end();
    this.#ended = true;
    this.#judge();
    this.#pass(Number.POSITIVE_INFINITY);
    this.#addAddition();
  }

  get length(): number {
    return this.#scan.length;
  }

  get emittable(): number {
    const starts = [this.#scan.emittable, this.#place.start];
    if (this.#found[0] !== undefined) starts.push(this.#found[0].start);
    if (this.#addition !== undefined) starts.push(this.#addition.start);
    if (this.#beginning.start !== undefined) starts.push(this.#beginning.start);
    return Math.min(...starts);
  }

  take(): readonly Finding[] {
    if (this.#decided.length === 0) return NO_FINDINGS;
    const taken = this.#decided;
    this.#decided = [];
    return taken;
  }

  /** Judges as many tokens as have all there that counts for them. */
  #judge(): void {
    this.#found.push(...this.#scan.take());
    this.#elsewhere.push(...this.#scan.takeOthers());
    const until = this.#ended ? Number.POSITIVE_INFINITY : this.#scan.emittable;
    const place = this.#place;
    for (; place.hasToken(); place.advance()) {
      const { token } = place;
      if (token.end > until) break;
      this.#pass(token.start);
      while (this.#elsewhere[0] !== undefined && this.#elsewhere[0].end <= token.start)
        this.#elsewhere.shift();
      const found = this.#found[0];
      const isFree = found === undefined || found.start >= token.end;
      if (!(isFree ? this.#judgeFree(token) : this.#judgeFound(token, found))) break;
      place.tell(this.#kindBefore !== NOTHING || this.#isOther(token));
      this.#placeholders.read(place);
    }
  }

  /** A token that no rule has found. False when the one behind it is not here yet. */
  #judgeFree(token: Token): boolean {
    const place = this.#place;
    const { traits } = token;
    if ((traits & SIGN) !== 0) {
      if (this.#addition?.takesSign(place) !== true && !this.#beginning.takesSign(place)) this.#addNothing();
      return true;
    }
    if (token.gap === GAP_LINE) this.#kindBefore = NOTHING;
    const isWithin = this.#kindBefore !== NOTHING;
    const other = this.#otherAt(token);
    if ((!isWithin && (traits & PLAIN) !== 0) || other?.nothing === true || this.#isCut(token)) {
      this.#addNothing();
      return true;
    }
    if (!place.hasBehind()) return false;
    if (this.#placeholders.holds(place)) {
      this.#addNothing();
      return true;
    }
    // A key of JSON or a single word says nothing of what it is, unless it is a name.
    if (place.isAlone() && !isName(token)) return true;
    const likelihood = this.#likelihood(other);
    if (likelihood === UNKNOWN) return false;
    const { best } = this.#model;
    const rule = ruleOf(best, best === this.#kindBefore, place);
    if (
      rule === undefined ||
      (other !== undefined && ((isSure(other) && (traits & FIGURE) !== 0) || classOf(other.entity) === best))
    ) {
      this.#addNothing();
      return true;
    }
    // Names go on more often than they begin; behind a number a word seldom belongs to it.
    const goesOn = best === this.#kindBefore && (rule.entity !== 'UNIQUE_ID' || (traits & FIGURE) !== 0);
    const least = (traits & FIGURE) !== 0 ? LIKELY_FIGURE : LIKELY;
    if (likelihood <= (goesOn ? LIKELY_MORE : least)) {
      this.#see(token, NOTHING);
      this.#addNothing(likelihood > POSSIBLE && other === undefined ? rule : undefined);
      return true;
    }
    this.#kindBefore = best;
    this.#see(token, best);
    if (this.#addition?.takesWord(rule, place) !== true) {
      const start = this.#beginning.startOf(rule, place);
      this.#addAddition();
      if (this.#entities.has(rule.entity)) this.#addition = Addition.atToken(rule, place, start);
    }
    return true;
  }

  /** A token that a rule has found. */
  #judgeFound(token: Token, found: Finding): boolean {
    if (!this.#mayJoin) {
      this.#mayJoin = this.#addition?.mayTake(found, token) === true;
      if (!this.#mayJoin) this.#addAddition();
    }
    if (this.#isKept !== true && (token.traits & SIGN) === 0) {
      let isKept = !isJudged(found);
      if (!isKept) {
        if (!this.#place.hasBehind()) return false;
        const likelihood = this.#likelihood(found);
        if (likelihood === UNKNOWN) return false;
        isKept = likelihood > UNLIKELY;
      }
      this.#isKept = isKept;
    }
    this.#kindBefore = this.#isKept === true ? classOf(found.entity) : NOTHING;
    this.#see(token, this.#kindBefore);
    // The next finding may begin in this token as well.
    for (let first = found; first.end <= token.end; ) {
      const isKept = this.#isKept;
      this.#decide(this.#widened(first, token));
      const next = this.#found[0];
      if (next === undefined || next.start >= token.end) break;
      first = next;
      this.#isKept = isKept === true || !isJudged(next);
    }
    return true;
  }

  /** A name that ends within a word, at a letter that its rule does not know, is the whole word; and so is a code within a figure. */
  #widened(found: Finding, { start, end, traits }: Token): Finding {
    const next = this.#found[1];
    if (found.end >= end || (next !== undefined && next.start < end)) return found;
    const rest = this.#place.text.slice(found.end - start);
    const isCut = NAMES.has(found.entity)
      ? LETTERS.test(rest)
      : (traits & FIGURE) !== 0 && found.entity !== 'AGE' && REST_OF_CODE.test(rest);
    return isCut ? { ...found, end } : found;
  }

  /** Decides findings that end before a place. */
  #pass(place: number): void {
    for (let found = this.#found[0]; found !== undefined && found.end <= place; found = this.#found[0]) {
      this.#decide(found);
    }
  }

  /** The first finding stays one unless all of its words were judged to be none. */
  #decide(found: Finding): void {
    const isKept = this.#isKept !== false || !isJudged(found);
    const start = isKept && this.#mayJoin ? this.#addition?.start : undefined;
    if (start !== undefined) this.#addition = undefined;
    this.#addAddition();
    const whole = start === undefined ? found : { ...found, start };
    if (isKept && grows(found)) this.#addition = Addition.behind(whole);
    else if (isKept) this.#decided.push(whole);
    this.#found.shift();
    this.#isKept = undefined;
    this.#mayJoin = false;
  }

  /** Whether it is a piece of what is no word or code. */
  #isCut({ start, end, gap }: Token): boolean {
    const { before } = this.#place;
    return end - start >= MAX_CHARACTERS || (gap === GAP_NONE && before.end - before.start >= MAX_CHARACTERS);
  }

  /** What a rule takes the token for that is not looked for. It is not added as something of the same class; and a figure as nothing, when the rule is sure. */
  #otherAt({ end }: Token): OtherFinding | undefined {
    const other = this.#elsewhere[0];
    return other !== undefined && other.start < end ? other : undefined;
  }

  /** Whether a rule takes it for an identifier that is not looked for. */
  #isOther(token: Token): boolean {
    const other = this.#otherAt(token);
    return other !== undefined && other.nothing !== true;
  }

  #likelihood(found: Finding | undefined): number {
    const place = this.#place;
    place.seen = this.#seen.get(place.token.hash, UNSEEN);
    place.found = found;
    return this.#model.judge(place);
  }

  #see({ traits, hash }: Token, kind: number): void {
    if ((traits & SIGN) === 0) this.#seen.set(hash, kind, MAX_SEEN);
  }

  /**
   * The token is of no identifier by itself.
   *
   * @param rule what it is likelier than most to be of, when it is
   */
  #addNothing(rule?: AddedRule): void {
    this.#addAddition();
    this.#kindBefore = NOTHING;
    this.#beginning.read(this.#place, rule);
  }

  #addAddition(): void {
    if (this.#addition !== undefined) this.#decided.push(this.#addition.finding);
    this.#addition = undefined;
    this.#beginning.clear();
  }
}

/** Whether the lists know the word as a name and as nothing else. */
function isName({ traits }: Token): boolean {
  return (traits & NAME) !== 0 && (traits & WORD) === 0;
}
