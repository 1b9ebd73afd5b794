import type { Finding } from '../finding.ts';
import { NOTHING } from './classes.ts';
import type { Place } from './features.ts';
import { EDGE } from './lexeme.ts';
import type { Lexemes } from './lexemes.ts';
import { Token, Tokens } from './tokens.ts';

/** A place that goes through a text while it comes, from token to token; there are never more of them than these five. */
export class MovingPlace implements Place {
  third = new Token();
  second = new Token();
  before = new Token();
  token = new Token();
  behind = new Token();
  seen = NOTHING;
  found: Finding | undefined;
  readonly #tokens: Tokens;
  #ended = false;
  /** Whether `token` and `behind` are what comes next in the text. */
  #hasToken = false;
  #hasBehind = false;

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

  /** Whether there is nothing before the token and nothing behind it. */
  isAlone(): boolean {
    return (this.before.traits & this.behind.traits & EDGE) !== 0;
  }

  /** Goes on to the token behind. */
  advance(): void {
    const free = this.third;
    this.third = this.second;
    this.second = this.before;
    this.before = this.token;
    this.token = this.behind;
    this.behind = free;
    this.#hasToken = this.#hasBehind;
    this.#hasBehind = false;
  }
}
