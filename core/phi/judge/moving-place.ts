import type { Finding } from '../finding.ts';
import { UNSEEN } from './classes.ts';
import type { Place } from './features.ts';
import { EDGE, SIGN } from './lexeme.ts';
import type { Lexemes } from './lexemes.ts';
import { Token, Tokens } from './tokens.ts';

/** So many words before a place tell what the text is about. */
export const PASSED_WORDS = 6;

/** A place that goes through a text while it comes, from token to token; there are never more of them than these. */
export class MovingPlace implements Place {
  readonly passed: Token[] = [];
  third = new Token();
  second = new Token();
  before = new Token();
  token = new Token();
  behind = new Token();
  after = new Token();
  seen = UNSEEN;
  told = 0;
  since = 0;
  found: Finding | undefined;
  /** The longest ago of those that have passed. */
  #oldest = 0;
  readonly #tokens: Tokens;
  #ended = false;
  /** Whether `token`, `behind` and `after` are what comes next in the text. */
  #hasToken = false;
  #hasBehind = false;
  #hasAfter = false;

  /** @param context stands before the text, which begins at place 0 */
  constructor(lexemes: Lexemes, context: string) {
    this.#tokens = new Tokens(lexemes, context);
    if (context === '') return;
    while (this.#tokens.read(this.token, true)) this.advance();
  }

  push(chunk: string): void {
    this.#tokens.push(chunk, this.start);
  }

  /** Nothing follows. */
  end(): void {
    this.#ended = true;
  }

  /** Where the token begins; where it will, when it is not here yet. */
  get start(): number {
    return this.#hasToken ? this.token.start : this.#tokens.place;
  }

  get text(): string {
    return this.#tokens.textOf(this.token);
  }

  /** The UTF-16 unit behind the token; NaN at the end of the text. */
  get unitBehind(): number {
    return this.#tokens.unitAt(this.token.end);
  }

  /** Whether the token is here. */
  hasToken(): boolean {
    if (!this.#hasToken) this.#hasToken = this.#tokens.read(this.token, this.#ended);
    return this.#hasToken;
  }

  /** Whether it is known what is behind the token. */
  hasBehind(): boolean {
    if (!this.#hasBehind) {
      this.#hasBehind = this.#tokens.read(this.behind, this.#ended);
      if (!this.#hasBehind && this.#ended) this.behind.clear();
    }
    return this.#hasBehind || this.#ended;
  }

  /** Whether it is known what is behind that. */
  hasAfter(): boolean {
    if (!this.hasBehind()) return false;
    if (!this.#hasAfter) {
      this.#hasAfter = this.#hasBehind && this.#tokens.read(this.after, this.#ended);
      if (!this.#hasAfter && this.#ended) this.after.clear();
    }
    return this.#hasAfter || this.#ended;
  }

  /** Whether there is nothing before the token and nothing behind it. */
  isAlone(): boolean {
    return (this.before.traits & this.behind.traits & EDGE) !== 0;
  }

  /** Notes whether the token is a word of an identifier, for those behind it. */
  tell(isTold: boolean): void {
    if ((this.token.traits & SIGN) !== 0) return;
    if (isTold) this.told += 1;
    this.since = isTold ? 0 : this.since + 1;
  }

  /** Goes on to the token behind. */
  advance(): void {
    const free = this.#pass(this.third);
    this.third = this.second;
    this.second = this.before;
    this.before = this.token;
    this.token = this.behind;
    this.behind = this.after;
    this.after = free;
    this.#hasToken = this.#hasBehind;
    this.#hasBehind = this.#hasAfter;
    this.#hasAfter = false;
  }

  /** Keeps what is no sign; returns a token that nobody needs any more. */
  #pass(token: Token): Token {
    if ((token.traits & SIGN) !== 0) return token;
    if (this.passed.length < PASSED_WORDS) {
      this.passed.push(token);
      return new Token();
    }
    const free = this.passed[this.#oldest] as Token;
    this.passed[this.#oldest] = token;
    this.#oldest = (this.#oldest + 1) % PASSED_WORDS;
    return free;
  }
}
