import { type Automaton, STOPPED } from './automaton.ts';
import { labelsFrom } from './labels.ts';
import type { Plan } from './plan.ts';
import { NO_RULES } from './rule-sets.ts';

/** So many tokens are remembered, each in a place of its own by its hash; a power of two. */
const SLOTS = 1 << 14;
/** Of a slot: its key, then the classes of its characters, packed, and then its outcome; two make a line of a cache. */
const SLOT_SHIFT = 3;
const TOKEN = 1;
const STATES = 6;
const LABELS = 7;
/** So many classes are one number; a class has eight bits. */
const PACKED = 4;
/** With the character before it. Longer tokens are not remembered. */
const MAX_PACKED_CHARACTERS = 20;
export const MAX_TOKEN_CHARACTERS = MAX_PACKED_CHARACTERS - 1;
const LENGTH_BITS = 5;
const SORT_BITS = 2;
const STATE_BITS = 16;
const STATE_MASK = 0xffff;
/** FNV-1a, 32 bits. */
const HASH_BASIS = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** In place of a set of rules: more of the text than the token decides. */
const UNDECIDED = STOPPED;
/** In place of a state: the automaton has ended. */
export const OVER = 0;

/** What has become of values that may begin with a token. */
interface Outcome {
  /** The state behind the token, or OVER. */
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
  /** After `read`: what has become of values of each kind. */
  readonly forms: Outcome = { state: OVER, accepted: NO_RULES, place: 0 };
  readonly labelled: Outcome = { state: OVER, accepted: NO_RULES, place: 0 };
  /** After `read`: the rules whose labels stand behind the token. */
  labels = NO_RULES;
  readonly #plan: Plan;
  readonly #slots = new Int32Array(SLOTS << SLOT_SHIFT);
  /** The token that is being read, packed as in a slot. */
  readonly #token = new Int32Array(MAX_PACKED_CHARACTERS / PACKED);
  #epoch = 0;

  /** Numbers of states hold as long as the caches of the plan's automata are not emptied. */
  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /**
   * Reads the token that begins at `start`, behind another character: what values become that begin there goes into `forms`
   * and `labelled`. Returns where it ends, which is `most` at the latest: then nothing was read.
   *
   * @param forced a place where it ends in any case
   * @param labels the rules whose labels stand before it
   */
  read(text: string, start: number, most: number, forced: number, labels: number): number {
    const { classes, pairs, pairShift } = this.#plan;
    const token = this.#token;
    let column = classes[text.charCodeAt(start)] as number;
    let packed = ((classes[text.charCodeAt(start - 1)] as number) << 8) | column;
    let hash = Math.imul(labels ^ HASH_BASIS, HASH_PRIME);
    let count = 0;
    let end = start + 1;
    for (; end < most; end++) {
      const next = classes[text.charCodeAt(end)] as number;
      if (pairs[(column << pairShift) + next] === 1 || end === forced) break;
      column = next;
      // With the character before it, there are so many of it.
      if (((end - start + 1) & (PACKED - 1)) === 0) {
        token[count++] = packed;
        hash = Math.imul(hash ^ packed ^ (packed >>> 15), HASH_PRIME);
        packed = column;
      } else packed = (packed << 8) | column;
    }
    if (end >= most) return most;
    token[count++] = packed;
    hash = Math.imul(hash ^ packed ^ (packed >>> 15), HASH_PRIME);
    this.#know(text, start, end, labels, hash, count);
    return end;
  }

  /** Tells what a token becomes, whose `count` packed numbers are there: remembered, or read. */
  #know(text: string, start: number, end: number, labels: number, hash: number, count: number): void {
    const plan = this.#plan;
    const { before, forms, labelled } = plan;
    const slots = this.#slots;
    const epoch = before.epoch + forms.epoch + labelled.epoch;
    if (epoch !== this.#epoch) slots.fill(0);
    this.#epoch = epoch;
    // What is behind it says which labels are wanted there.
    const sort = plan.sortOf(text.charCodeAt(end));
    const key = (((labels << SORT_BITS) | sort) << LENGTH_BITS) | (end - start);
    const at = ((hash ^ (hash >>> 15) ^ Math.imul(sort, HASH_BASIS)) & (SLOTS - 1)) << SLOT_SHIFT;
    if (slots[at] === key && this.#holds(at + TOKEN, count)) {
      const states = slots[at + STATES] as number;
      this.forms.state = states & STATE_MASK;
      this.forms.accepted = NO_RULES;
      this.labelled.state = states >>> STATE_BITS;
      this.labelled.accepted = NO_RULES;
      const next = slots[at + LABELS] as number;
      // What is not decided is a state of `before`, as a number below 0.
      this.labels = next < 0 ? labelsFrom(plan, text, end, start - 2, ~next) : next;
      return;
    }
    const kind = plan.kindAt(text, start, end);
    readValue(this.forms, forms, plan.formsState(labels, kind), text, start, end);
    readValue(this.labelled, labelled, plan.labelledState(labels, kind), text, start, end);
    const next = before.read(text, end - 1, start - 2, -1, plan.beforeState(sort));
    const { state } = before;
    const isSure = this.forms.accepted === NO_RULES && this.labelled.accepted === NO_RULES;
    if (isSure && epoch === before.epoch + forms.epoch + labelled.epoch) {
      slots[at] = key;
      for (let i = 0; i < count; i++) slots[at + TOKEN + i] = this.#token[i] as number;
      slots[at + STATES] = this.forms.state | (this.labelled.state << STATE_BITS);
      slots[at + LABELS] = next === UNDECIDED ? ~state : next;
    }
    this.labels = next === UNDECIDED ? labelsFrom(plan, text, end, start - 2, state) : next;
  }

  #holds(at: number, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.#slots[at + i] !== this.#token[i]) return false;
    return true;
  }
}

function readValue(
  outcome: Outcome,
  automaton: Automaton,
  start: number,
  text: string,
  from: number,
  until: number,
): void {
  outcome.state = OVER;
  outcome.accepted = NO_RULES;
  if (start === OVER) return;
  const accepted = automaton.read(text, from, until, 1, start);
  if (accepted === STOPPED) outcome.state = automaton.state;
  else {
    outcome.accepted = accepted;
    outcome.place = automaton.place;
  }
}
