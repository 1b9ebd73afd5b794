import { type Automaton, STOPPED } from './automaton/automaton.ts';
import { labelsFrom } from './automaton/labels.ts';
import { NO_RULES } from './automaton/rule-sets.ts';
import { NEAR_CHARACTERS } from './limits.ts';
import type { Plan } from './plan.ts';

/** So many tokens are remembered; a power of two. Each is in one of the two slots that its hash gives it. */
const SLOTS = 1 << 16;
/** Of a slot: its key, then the classes of its characters, packed, and then its outcome; two make a line of a cache. */
const SLOT_SHIFT = 3;
const SLOT_WIDTH = 1 << SLOT_SHIFT;
const TOKEN = 1;
const STATES = 6;
const NEXT = 7;
/** So many classes are one number; a class has eight bits. */
const PACKED = 4;
const PACKED_NUMBERS = 5;
/** With the character before it. Longer tokens are not remembered. */
const MAX_PACKED_CHARACTERS = PACKED * PACKED_NUMBERS;
/**
 * A token that leaves the last of its numbers free has flags there: with a first character of this class behind it, nothing
 * goes on. Most words may go on with one or two letters, and are not read on for any other. The classes of small letters fit in.
 */
const ENDS = TOKEN + PACKED_NUMBERS - 1;
const FLAGGED_CLASSES = 32;
export const MAX_TOKEN_CHARACTERS = MAX_PACKED_CHARACTERS - 1;
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
/** FNV-1a, 32 bits. */
const HASH_BASIS = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** In place of a state: the automaton has ended. */
export const OVER = 0;
/** In place of where a token ends: it is too long to be remembered, or the text ends first. */
export const NO_END = -1;
/** In place of a slot. */
const NOWHERE = -1;

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
  readonly #slots: Int32Array;
  /** What of a hash is the first of its two slots. */
  readonly #homes: number;
  /** The token that is being read, as in a slot: its characters, and the key. */
  readonly #token = new Int32Array(PACKED_NUMBERS);
  #key = 0;
  /** Numbers of states hold until a cache of the plan's automata is emptied; then all keys get another stamp. */
  #epoch = 0;
  #stamp = 1;

  /** @param slots how many there are, a power of two, and two at least */
  constructor(plan: Plan, slots = SLOTS) {
    this.#plan = plan;
    this.#slots = new Int32Array(slots << SLOT_SHIFT);
    this.#homes = slots - 2;
  }

  /**
   * Reads tokens from `from` on, which is behind another character, up to one that matters: a rule has matched there, or may
   * still, or it has NO_END. Returns where that begins, or the end of the text.
   *
   * @param forced a place where a token ends in any case
   * @param labels the rules whose labels stand before the first token
   * @param isSingle whether the first token matters in any case
   */
  read(text: string, from: number, forced: number, labels: number, isSingle: boolean): number {
    const plan = this.#plan;
    const { classes, pairs, pairShift, sorts } = plan;
    const token = this.#token;
    const slots = this.#slots;
    const homes = this.#homes;
    const { length } = text;
    let start = from;
    let before = labels;
    let first = classes[text.charCodeAt(start)] as number;
    // With the character before it.
    let packed = ((classes[text.charCodeAt(start - 1)] as number) << 8) | first;
    this.end = NO_END;
    let stamp = this.#stampNow();
    while (start < length) {
      let hash = Math.imul(before ^ HASH_BASIS, HASH_PRIME);
      let column = first;
      let count = 0;
      let end = start + 1;
      const most = Math.min(length, end + MAX_TOKEN_CHARACTERS);
      for (; end < most; end++) {
        first = classes[text.charCodeAt(end)] as number;
        if (pairs[(column << pairShift) + first] === 1 || end === forced) break;
        column = first;
        if (((end - start + 1) & (PACKED - 1)) === 0) {
          token[count++] = packed;
          hash = Math.imul(hash ^ packed ^ (packed >>> 15), HASH_PRIME);
          packed = column;
        } else packed = (packed << 8) | column;
      }
      if (end >= most) break;
      token[count++] = packed;
      // What is behind it says which labels are wanted there.
      const sort = sorts[first] as number;
      hash = Math.imul(hash ^ packed ^ (packed >>> 15) ^ Math.imul(sort, HASH_BASIS), HASH_PRIME);
      const key = (((stamp << LABEL_BITS) | before) << SORT_BITS) | sort;
      this.#key = (key << LENGTH_BITS) | (end - start);
      const home = ((hash ^ (hash >>> 15)) & homes) << SLOT_SHIFT;
      let at = this.#find(home, count);
      if (at === NOWHERE) {
        at = home;
        this.#learn(text, start, end, home, before);
        stamp = this.#stampNow();
        if (count < PACKED_NUMBERS) slots[home + ENDS] = 0;
      }
      const states = slots[at + STATES] as number;
      const next = slots[at + NEXT] as number;
      const known = next & KNOWN_MASK;
      let behind = known;
      if ((next & UNDECIDED) !== 0) {
        behind = labelsFrom(plan.before, text, end, start - 2, known);
        stamp = this.#stampNow();
      }
      if (isSingle || (states !== 0 && !this.#isOver(at, count, states, first))) {
        const isOpen = this.#readOn(text, start, end, states, next);
        if (isSingle || isOpen) {
          this.end = end;
          this.behind = behind;
          break;
        }
        stamp = this.#stampNow();
      }
      before = behind;
      packed = (column << 8) | first;
      start = end;
    }
    this.before = before;
    return start;
  }

  /** Whether a rule has matched, or may still, in what follows a token with this outcome. */
  #readOn(text: string, start: number, end: number, states: number, next: number): boolean {
    const { forms, labelled } = this.#plan;
    this.forms.place = start + ((next >>> FORMS_PLACE) & PLACE_MASK);
    this.labelled.place = start + ((next >>> LABELLED_PLACE) & PLACE_MASK);
    const isForm = this.#readOnIn(forms, this.forms, states & HALF_MASK, text, start, end);
    const isLabelled = this.#readOnIn(labelled, this.labelled, states >>> HALF_BITS, text, start, end);
    return isForm || isLabelled;
  }

  /** Whether nothing goes on behind the token in a slot, which is so many numbers, where a character of the class follows. */
  #isOver(at: number, count: number, states: number, column: number): boolean {
    if (count === PACKED_NUMBERS || column >= FLAGGED_CLASSES) return false;
    const slots = this.#slots;
    const ends = slots[at + ENDS] as number;
    if (((ends >>> column) & 1) === 1) return true;
    const { forms, labelled } = this.#plan;
    const isOver =
      isOverIn(forms, states & HALF_MASK, column) && isOverIn(labelled, states >>> HALF_BITS, column);
    if (isOver) slots[at + ENDS] = ends | (1 << column);
    return isOver;
  }

  #readOnIn(
    automaton: Automaton,
    outcome: Outcome,
    half: number,
    text: string,
    start: number,
    end: number,
  ): boolean {
    outcome.state = OVER;
    outcome.accepted = half >= ACCEPTED ? half - ACCEPTED : NO_RULES;
    if (half >= ACCEPTED) return true;
    if (isOverIn(automaton, half, this.#plan.classes[text.charCodeAt(end)] as number)) return false;
    readValue(automaton, outcome, half, text, end, Math.min(text.length, start + NEAR_CHARACTERS));
    return outcome.state !== OVER || outcome.accepted !== NO_RULES;
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
    this.#slots.fill(0);
    this.#stamp = 1;
  }

  /** The slot of the token, whose packed characters are so many; NOWHERE when it is not remembered. */
  #find(home: number, count: number): number {
    const slots = this.#slots;
    const token = this.#token;
    const key = this.#key;
    for (let at = home; at <= home + SLOT_WIDTH; at += SLOT_WIDTH) {
      if (slots[at] !== key) continue;
      let i = 0;
      while (i < count && slots[at + TOKEN + i] === token[i]) i += 1;
      if (i === count) return at;
    }
    return NOWHERE;
  }

  /** Reads the token, and puts its outcome into the slot `home`; what was there goes into the one behind it. */
  #learn(text: string, start: number, end: number, home: number, labels: number): void {
    const plan = this.#plan;
    const { forms, labelled } = this;
    readToken(plan.forms, forms, plan.formsState(labels), text, start, end);
    readToken(plan.labelled, labelled, plan.labelledState(labels), text, start, end);
    const sort = plan.sorts[plan.classes[text.charCodeAt(end)] as number] as number;
    const known = plan.before.read(text, end - 1, start - 2, -1, plan.beforeState(sort));
    const next = known === STOPPED ? UNDECIDED | plan.before.state : known;
    const slots = this.#slots;
    slots.copyWithin(home + SLOT_WIDTH, home, home + SLOT_WIDTH);
    // When a cache was emptied meanwhile, the stamp of this key is an old one.
    slots[home] = this.#key;
    slots.set(this.#token, home + TOKEN);
    slots[home + STATES] = halfOf(forms) | (halfOf(labelled) << HALF_BITS);
    slots[home + NEXT] =
      next | ((forms.place - start) << FORMS_PLACE) | ((labelled.place - start) << LABELLED_PLACE);
  }
}

function isOverIn(automaton: Automaton, half: number, column: number): boolean {
  return half === OVER || (half < ACCEPTED && automaton.endsWith(half, column));
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
