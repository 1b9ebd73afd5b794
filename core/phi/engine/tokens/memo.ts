import { type Automaton, STOPPED } from '../automaton/automaton.ts';
import { labelsFrom } from '../automaton/labels.ts';
import { NO_RULES } from '../automaton/rule-sets.ts';
import { NEAR_CHARACTERS } from '../limits.ts';
import type { Plan } from '../plan.ts';
import {
  BEFORE,
  BEGIN,
  BEHIND,
  END,
  FORMS,
  LABELLED,
  LAST,
  MATTERS,
  NEW,
  SLOT,
  SLOT_KEY,
  type TokenLoop,
} from './loop.ts';

/** With the character before it one more fits into a slot. Longer tokens are not remembered. */
export const MAX_TOKEN_CHARACTERS = 19;
/** In a slot, in numbers of 32 bits: what the token is known by, its key last; then its outcome. */
const KEY = 5;
const STATES = 6;
const NEXT = 7;
/** A key is a stamp, the labels before the token, the sort of what is behind it, and its length. */
const LENGTH_BITS = 5;
const SORT_BITS = 2;
const LABEL_BITS = 14;
const MAX_STAMP = (1 << (31 - LABEL_BITS - SORT_BITS - LENGTH_BITS)) - 1;
/** STATES has two halves: each a state, or from here on a set of rules that have matched. */
const ACCEPTED = 0x8000;
const HALF_BITS = 16;
const HALF_MASK = 0xffff;
/** NEXT has a set of rules, or from here on a state of `before`; above, where in the token each of the two has ended. */
const UNDECIDED = 0x8000;
const KNOWN_MASK = UNDECIDED - 1;
const FORMS_PLACE = 16;
const LABELLED_PLACE = FORMS_PLACE + LENGTH_BITS;
const PLACE_MASK = (1 << LENGTH_BITS) - 1;

/** In place of a state: the automaton has ended. */
export const OVER = 0;
/** In place of where a token ends: it is too long to be remembered, or the text ends first. */
export const NO_END = -1;

/** What has become of values that may begin with a token. */
export interface Outcome {
  /** The state at `place`, up to which the text was read; or OVER. */
  state: number;
  /** When it is over: the rules that have matched, and where reading has ended. */
  accepted: number;
  place: number;
}

/**
 * What the automata have done with the words of before. Between two places where a value may begin there is a token, most
 * often a word and the space behind it. What it does to an automaton depends on its characters and on the labels before
 * it alone, so most words of a text need no reading. A token is known by all its characters, never by a hash alone.
 */
export class TokenMemo {
  /** After `read`: where the token ends, or NO_END; and the rules whose labels stand before and behind it. */
  end = NO_END;
  before = NO_RULES;
  behind = NO_RULES;
  readonly forms: Outcome = { state: OVER, accepted: NO_RULES, place: 0 };
  readonly labelled: Outcome = { state: OVER, accepted: NO_RULES, place: 0 };
  readonly #plan: Plan;
  /** Numbers of states hold until a cache of the plan's automata is emptied; then all keys get another stamp. */
  #epoch = 0;
  #stamp = 1;

  /**
   * @param plan has no other memo
   * @param slots how many tokens it remembers, a power of two, and two at least
   */
  constructor(plan: Plan, slots?: number) {
    this.#plan = plan;
    if (slots !== undefined) plan.loop.remember(slots);
  }

  /**
   * Reads tokens of the text that the plan's loop has, from `from` on, which is behind another character, up to one that matters: a
   * rule has matched there, or may still, or it has NO_END. Returns where that begins, or the end of the text.
   *
   * @param labels the rules whose labels stand before the first token
   * @param isSingle whether the first token matters in any case
   */
  read(text: string, from: number, labels: number, isSingle: boolean): number {
    const { loop } = this.#plan;
    const { came, origin } = loop;
    let start = from;
    let before = labels;
    for (;;) {
      const status = loop.read(start, before, this.#stampNow(), isSingle);
      start = (came[BEGIN] as number) + origin;
      before = came[BEFORE] as number;
      this.before = before;
      this.end = NO_END;
      if (status === LAST) return start;
      const end = (came[END] as number) + origin;
      if (status === NEW) this.#learn(text, start, end, before);
      else if (status === MATTERS) {
        take(came, FORMS, this.forms, origin);
        take(came, LABELLED, this.labelled, origin);
        this.end = end;
        this.behind = came[BEHIND] as number;
        return start;
      } else if (this.#readOn(text, start, end) || isSingle) {
        this.end = end;
        return start;
      } else {
        before = this.behind;
        start = end;
      }
    }
  }

  /**
   * Reads on from a token that is remembered, where the loop has come to what was never read before. Returns whether a rule has
   * matched, or may still.
   */
  #readOn(text: string, start: number, end: number): boolean {
    const { loop, before, forms, labelled } = this.#plan;
    const slot = slotOf(loop);
    const states = loop.numbers[slot + STATES] as number;
    const next = loop.numbers[slot + NEXT] as number;
    const known = next & KNOWN_MASK;
    this.behind = (next & UNDECIDED) === 0 ? known : labelsFrom(before, text, end, start - 2, known);
    this.forms.place = start + ((next >>> FORMS_PLACE) & PLACE_MASK);
    this.labelled.place = start + ((next >>> LABELLED_PLACE) & PLACE_MASK);
    const until = Math.min(text.length, start + NEAR_CHARACTERS);
    const isForm = readHalf(forms, this.forms, states & HALF_MASK, text, end, until);
    const isLabelled = readHalf(labelled, this.labelled, states >>> HALF_BITS, text, end, until);
    return isForm || isLabelled;
  }

  #stampNow(): number {
    const { before, forms, labelled } = this.#plan;
    const epoch = before.epoch + forms.epoch + labelled.epoch;
    if (epoch !== this.#epoch) this.#forget(epoch);
    return this.#stamp;
  }

  #forget(epoch: number): void {
    this.#epoch = epoch;
    this.#stamp += 1;
    if (this.#stamp <= MAX_STAMP) return;
    this.#plan.loop.forget();
    this.#stamp = 1;
  }

  /** Reads a token, and puts its outcome into the slot that the loop has made free for it. */
  #learn(text: string, start: number, end: number, labels: number): void {
    const plan = this.#plan;
    const { forms, labelled } = this;
    const { numbers, came } = plan.loop;
    const slot = slotOf(plan.loop);
    const key = came[SLOT_KEY] as number;
    readToken(plan.forms, forms, plan.formsState(labels), text, start, end);
    readToken(plan.labelled, labelled, plan.labelledState(labels), text, start, end);
    const sort = plan.sorts[plan.classes[text.charCodeAt(end)] as number] as number;
    const known = plan.before.read(text, end - 1, start - 2, -1, plan.beforeState(sort));
    const next = known === STOPPED ? UNDECIDED | plan.before.state : known;
    numbers[slot + STATES] = halfOf(forms) | (halfOf(labelled) << HALF_BITS);
    numbers[slot + NEXT] =
      next | ((forms.place - start) << FORMS_PLACE) | ((labelled.place - start) << LABELLED_PLACE);
    // When a cache was emptied meanwhile, the stamp of this key is an old one.
    numbers[slot + KEY] = key;
  }
}

/** Where the numbers begin of the slot that a loop has come to. */
function slotOf({ came }: TokenLoop): number {
  return (came[SLOT] as number) / Int32Array.BYTES_PER_ELEMENT;
}

/** Takes an outcome over from what a loop has come to, a text's part from `origin` on. */
function take(came: Int32Array, at: number, outcome: Outcome, origin: number): void {
  outcome.state = came[at] as number;
  outcome.accepted = came[at + 1] as number;
  outcome.place = (came[at + 2] as number) + origin;
}

/** Reads on with half of what is remembered of a token; returns whether a rule has matched, or may still. */
function readHalf(
  automaton: Automaton,
  outcome: Outcome,
  half: number,
  text: string,
  from: number,
  until: number,
): boolean {
  outcome.state = OVER;
  outcome.accepted = half >= ACCEPTED ? half - ACCEPTED : NO_RULES;
  if (half !== OVER && half < ACCEPTED) readValue(automaton, outcome, half, text, from, until);
  return outcome.state !== OVER || outcome.accepted !== NO_RULES;
}

function halfOf({ state, accepted }: Outcome): number {
  return accepted === NO_RULES ? state : ACCEPTED | accepted;
}

function readToken(
  automaton: Automaton,
  outcome: Outcome,
  state: number,
  text: string,
  start: number,
  end: number,
): void {
  outcome.state = OVER;
  outcome.accepted = NO_RULES;
  outcome.place = start;
  if (state !== OVER) readValue(automaton, outcome, state, text, start, end);
}

function readValue(
  automaton: Automaton,
  outcome: Outcome,
  state: number,
  text: string,
  from: number,
  until: number,
): void {
  const accepted = automaton.read(text, from, until, 1, state);
  outcome.place = automaton.place;
  outcome.state = accepted === STOPPED ? automaton.state : OVER;
  outcome.accepted = accepted === STOPPED ? NO_RULES : accepted;
}
