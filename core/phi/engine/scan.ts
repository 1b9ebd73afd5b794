import type { Finding } from '../finding.ts';
import type { OtherFinding, WatchingScan } from '../text-scan.ts';
import { nextAnchor } from './anchors.ts';
import { type Automaton, type Kernel, STOPPED } from './automaton/automaton.ts';
import { NO_RULES } from './automaton/rule-sets.ts';
import { Trail } from './automaton/trail.ts';
import { MAX_PIECE_CHARACTERS, NEAR_CHARACTERS, TRIM_AT_CHARACTERS, VALUE_CAP_CHARACTERS } from './limits.ts';
import { NO_STATE } from './plan.ts';
import { CONTEXT_CHARACTERS } from './rule/rule.ts';
import type { Search } from './search.ts';
import { Settlements } from './settlements.ts';
import { MAX_TOKEN_CHARACTERS, NO_END, type Outcome, OVER, type TokenMemo } from './tokens/memo.ts';
import { Values } from './values.ts';

/** What is read at an anchor, one after the other. */
const FORMS = 0;
const LABELLED = 1;
const NOWHERE = -1;
/** So many trails are kept of each: where values may begin in several ways, their readings go side by side. */
const TRAILS = 8;
/** In place of a set of rules. */
const UNKNOWN = -1;

/**
 * One pass over a normalised text that comes in chunks. It goes from anchor to anchor, a place where a value may begin,
 * and reads from there until it is certain whether one did; what was read is read again from the next anchor. All of it
 * depends on the text alone and never on where the chunks end: at the end of a chunk it stops where it is.
 *
 * Places within are those of the buffer; `#base` away from those of the text.
 */
export class Scan implements WatchingScan {
  readonly #search: Search;
  /** The text from `#base` on, with the context before it at first. */
  #text: string;
  #base: number;
  /** The next character to read. */
  #at: number;
  #anchor = NOWHERE;
  /** The rules whose labels stand before the anchor. */
  #labels = NO_RULES;
  /** Where it stands in an automaton when a chunk ends within a value. */
  #reading = FORMS;
  #state = NO_STATE;
  #kernel: Kernel | undefined;
  #epoch = 0;
  /** Whether the token at the anchor goes on where the text ends. */
  #isOpen = false;
  /** By what is read and its state, where the last long reading went. */
  readonly #trails: (Trail | undefined)[] = [];
  /** In the middle of a long word, the place where it is read once more. */
  #forced = NOWHERE;
  readonly #settlements: Settlements;
  readonly #values: Values;
  #ended = false;

  /** @param context text that counts as standing before, and is not itself looked at. */
  constructor(search: Search, context = '') {
    this.#search = search;
    this.#settlements = new Settlements(search.hasOthers);
    this.#values = new Values(search, this.#settlements);
    this.#text = context;
    // Not `-context.length`: -0 is no small integer to V8, and all places would be floating-point numbers.
    this.#base = 0 - context.length;
    this.#at = context.length;
  }

  push(chunk: string): void {
    for (let i = 0; i < chunk.length; i += MAX_PIECE_CHARACTERS)
      this.#push(chunk.length <= MAX_PIECE_CHARACTERS ? chunk : chunk.slice(i, i + MAX_PIECE_CHARACTERS));
  }

  end(): void {
    this.#ended = true;
    this.#run();
    this.#settle(this.#text.length + 1);
  }

  get emittable(): number {
    return this.#settlements.first(this.#base + (this.#anchor === NOWHERE ? this.#at : this.#anchor));
  }

  get length(): number {
    return this.#base + this.#text.length;
  }

  take(): readonly Finding[] {
    return this.#settlements.take();
  }

  takeOthers(): readonly OtherFinding[] {
    return this.#settlements.takeOthers();
  }

  #push(piece: string): void {
    this.#text += piece;
    this.#run();
    const start = this.#anchor === NOWHERE ? this.#at : this.#anchor;
    // With one character more than is looked at: where the buffer begins, the text would seem to begin.
    if (start > TRIM_AT_CHARACTERS + CONTEXT_CHARACTERS) this.#trim(start - CONTEXT_CHARACTERS - 1);
  }

  /** Goes from anchor to anchor as far as the text allows. */
  #run(): void {
    const { plan, memo } = this.#search;
    const text = this.#text;
    const { length } = text;
    // Of a token that has ended since it can be told what it is, and most are nothing.
    const again = this.#isOpen && this.#tokenHasEnded();
    if (!again && this.#anchor !== NOWHERE && !this.#readOn()) return;
    let i = again ? this.#anchor : nextAnchor(plan, text, this.#at, this.#forced);
    if (i < length) {
      plan.loop.load(text, i);
      plan.loop.divideAt(this.#forced);
    }
    let labels = again ? this.#labels : UNKNOWN;
    let from = again ? this.#reading : FORMS;
    this.#isOpen = false;
    while (i < length) {
      if (!this.#settlements.isEmpty) this.#settle(i);
      if (labels === UNKNOWN) labels = plan.labelsBefore(text, i);
      if (i === this.#forced) labels = plan.addLate(labels);
      if (i > 0) {
        // Most tokens do not matter.
        const isSingle = from !== FORMS || i <= this.#forced || !this.#settlements.isEmpty;
        i = memo.read(text, i, labels, isSingle);
        labels = memo.before;
      }
      this.#anchor = i;
      this.#labels = labels;
      if (i > 0 && memo.end !== NO_END) {
        // The memo is that of all scans, and this one may be the only one at work until it needs more text.
        const { end, behind } = memo;
        if (!this.#readToken(memo, from)) return;
        this.#anchor = NOWHERE;
        i = end;
        labels = behind;
      } else {
        const most = Math.min(length, i + 1 + (i > 0 ? MAX_TOKEN_CHARACTERS : 0));
        labels = UNKNOWN;
        this.#begin(FORMS, plan.formsState(this.#labels));
        if (!this.#readOn()) {
          this.#isOpen = i > 0 && most === length;
          return;
        }
        // In the middle of it another place may have become one to read from.
        const next = this.#forced > i && this.#forced < most ? this.#forced : most;
        i = nextAnchor(plan, text, next, this.#forced);
      }
      from = FORMS;
    }
    if (!this.#settlements.isEmpty) this.#settle(i);
    this.#at = i;
  }

  /** Whether the token at the anchor, which went on where the text ended, has an end now, and may be remembered. */
  #tokenHasEnded(): boolean {
    const most = Math.min(this.#text.length, this.#anchor + 1 + MAX_TOKEN_CHARACTERS);
    return nextAnchor(this.#search.plan, this.#text, this.#anchor + 1, this.#forced) < most;
  }

  /**
   * Reads what is at the anchor, a token whose end is here. False when the text ends before all is known.
   *
   * @param from LABELLED when the forms were read before
   */
  #readToken({ forms, labelled }: TokenMemo, from: number): boolean {
    const { plan } = this.#search;
    if (from === FORMS && !this.#readFrom(FORMS, plan.forms, forms)) return false;
    return this.#readFrom(LABELLED, plan.labelled, labelled);
  }

  /** Goes on with what has become of a value. */
  #readFrom(reading: number, automaton: Automaton, { state, accepted, place }: Outcome): boolean {
    if (accepted !== NO_RULES) this.#measure(this.#text, place, accepted);
    if (state === OVER) return true;
    this.#begin(reading, state);
    this.#at = place;
    return this.#readValue(automaton);
  }

  /** Reads what is at the anchor. False when the text ends before that is known; it goes on from there then. */
  #readOn(): boolean {
    const { plan } = this.#search;
    if (this.#reading === FORMS) {
      if (this.#state !== NO_STATE && !this.#readValue(plan.forms)) return false;
      this.#begin(LABELLED, plan.labelledState(this.#labels));
    }
    if (this.#state !== NO_STATE && !this.#readValue(plan.labelled)) return false;
    this.#at = this.#anchor + 1;
    this.#anchor = NOWHERE;
    return true;
  }

  #begin(reading: number, state: number): void {
    this.#kernel = undefined;
    this.#reading = reading;
    this.#state = state;
    this.#at = this.#anchor;
  }

  #readValue(automaton: Automaton): boolean {
    const text = this.#text;
    const cap = this.#anchor + VALUE_CAP_CHARACTERS;
    let accepted = this.#read(automaton, Math.min(text.length, cap));
    if (accepted !== STOPPED) {
      if (accepted !== NO_RULES) this.#measure(text, this.#at, accepted);
      return true;
    }
    if (this.#at < cap) {
      if (!this.#ended) return false;
      accepted = automaton.acceptedAtEnd(this.#state);
      if (accepted !== NO_RULES) this.#measure(text, this.#at, accepted);
      return true;
    }
    this.#measure(text.slice(0, cap), this.#at, automaton.acceptedAtCap(this.#state));
    this.#forced = this.#anchor + VALUE_CAP_CHARACTERS / 2;
    this.#search.plan.loop.divideAt(this.#forced);
    return true;
  }

  /** Reads on until the automaton ends, or to `until`: returns the set of rules that have matched, or STOPPED. */
  #read(automaton: Automaton, until: number): number {
    let state = this.#state;
    if (this.#kernel !== undefined) {
      if (this.#epoch !== automaton.epoch) state = automaton.find(this.#kernel);
      this.#kernel = undefined;
    }
    const near = Math.min(until, this.#anchor + NEAR_CHARACTERS);
    let accepted = STOPPED;
    if (this.#at < near) {
      accepted = automaton.read(this.#text, this.#at, near, 1, state);
      this.#at = automaton.place;
      state = automaton.state;
    }
    if (accepted === STOPPED && this.#at < until) accepted = this.#readFar(automaton, until, state);
    else this.#state = state;
    if (accepted === STOPPED) {
      this.#kernel = automaton.kernel(this.#state);
      this.#epoch = automaton.epoch;
    }
    return accepted;
  }

  /** Reads on far from the anchor, along the trail of the reading before where the two meet. */
  #readFar(automaton: Automaton, until: number, state: number): number {
    // Readings that have come here in another state will not meet.
    const index = this.#reading * TRAILS + (state % TRAILS);
    const trail = this.#trails[index] ?? new Trail();
    this.#trails[index] = trail;
    const view = { text: this.#text, base: this.#base, anchor: this.#anchor };
    const accepted = trail.read(automaton, view, this.#at, until, state);
    this.#at = trail.place - this.#base;
    this.#state = trail.state;
    return accepted;
  }

  #measure(text: string, end: number, ruleSet: number): void {
    this.#values.measure(text, this.#base, this.#anchor, end, ruleSet);
  }

  /** No further value begins before this place of the buffer. */
  #settle(place: number): void {
    const view = { text: this.#text, base: this.#base, ended: this.#ended };
    this.#settlements.settle(this.#base + place, view);
  }

  #trim(from: number): void {
    this.#text = this.#text.slice(from);
    this.#base += from;
    this.#at -= from;
    if (this.#anchor !== NOWHERE) this.#anchor -= from;
    if (this.#forced !== NOWHERE) this.#forced = Math.max(NOWHERE, this.#forced - from);
  }
}
