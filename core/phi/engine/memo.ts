import { type Automaton, STOPPED } from './automaton.ts';
import { labelsFrom } from './labels.ts';
import type { Plan } from './plan.ts';
import { NO_RULES } from './rule-sets.ts';

/** So many tokens are remembered, each in a place of its own by its hash; a power of two. */
const SLOTS = 1 << 13;
/** Of a slot: how many characters it has, and the class of each. Longer tokens are not remembered. */
const SLOT_BYTES = 32;
export const MAX_TOKEN_CHARACTERS = SLOT_BYTES - 2;
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
  readonly #plan: Plan;
  readonly #classes: Uint16Array;
  /** By slot: the labels before the token, as a set of rules, and the token. */
  readonly #labels = new Int32Array(SLOTS);
  readonly #tokens = new Uint8Array(SLOTS * SLOT_BYTES);
  /** By slot: the states of the two automata of values behind the token. */
  readonly #formsStates = new Uint16Array(SLOTS);
  readonly #labelledStates = new Uint16Array(SLOTS);
  /** By slot: the labels behind the token, or UNDECIDED and the state of their automaton in front of it. */
  readonly #next = new Int32Array(SLOTS);
  readonly #beforeStates = new Uint16Array(SLOTS);
  #epoch = 0;

  /** Numbers of states hold as long as the caches of the plan's automata are not emptied. */
  constructor(plan: Plan) {
    this.#plan = plan;
    this.#classes = plan.classes;
  }

  /** What the hash of a token begins with, from the labels before it and the character before it. */
  static begin(labels: number, before: number): number {
    return Math.imul((labels << 8) ^ before ^ HASH_BASIS, HASH_PRIME);
  }

  /** The hash with one more character. */
  static add(hash: number, character: number): number {
    return Math.imul(hash ^ character, HASH_PRIME);
  }

  /**
   * Reads the token from `start` up to `end`: what values become that begin there goes into `forms` and `labelled`. Returns
   * the rules whose labels stand before `end`.
   *
   * @param labels the rules whose labels stand before it
   * @param hash of the token
   */
  read(text: string, start: number, end: number, labels: number, hash: number): number {
    const plan = this.#plan;
    const { before, forms, labelled } = plan;
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const epoch = before.epoch + forms.epoch + labelled.epoch;
    if (epoch !== this.#epoch) this.#tokens.fill(0);
    this.#epoch = epoch;
    if (this.#holds(slot, labels, text, start, end)) {
      this.#recall(slot);
      const next = this.#next[slot] as number;
      return next === UNDECIDED
        ? labelsFrom(plan, text, end, start - 2, this.#beforeStates[slot] as number)
        : next;
    }
    const kind = plan.kindAt(text, start, end);
    readValue(this.forms, forms, plan.formsState(labels, kind), text, start, end);
    readValue(this.labelled, labelled, plan.labelledState(labels, kind), text, start, end);
    const next = before.read(text, end - 1, start - 2, -1, plan.beforeState());
    const { state } = before;
    const isSure = this.forms.accepted === NO_RULES && this.labelled.accepted === NO_RULES;
    if (isSure && epoch === before.epoch + forms.epoch + labelled.epoch) {
      this.#store(slot, labels, text, start, end);
      this.#next[slot] = next;
      this.#beforeStates[slot] = state;
    }
    return next === UNDECIDED ? labelsFrom(plan, text, end, start - 2, state) : next;
  }

  #holds(slot: number, labels: number, text: string, start: number, end: number): boolean {
    if (this.#labels[slot] !== labels) return false;
    const tokens = this.#tokens;
    const classes = this.#classes;
    let at = slot * SLOT_BYTES;
    if (tokens[at] !== end - start) return false;
    // The character before it as well, which may be a part of a label.
    for (let i = start - 1; i < end; i++) {
      at += 1;
      if (tokens[at] !== classes[text.charCodeAt(i)]) return false;
    }
    return true;
  }

  #recall(slot: number): void {
    this.forms.state = this.#formsStates[slot] as number;
    this.forms.accepted = NO_RULES;
    this.labelled.state = this.#labelledStates[slot] as number;
    this.labelled.accepted = NO_RULES;
  }

  #store(slot: number, labels: number, text: string, start: number, end: number): void {
    this.#labels[slot] = labels;
    this.#formsStates[slot] = this.forms.state;
    this.#labelledStates[slot] = this.labelled.state;
    let at = slot * SLOT_BYTES;
    this.#tokens[at] = end - start;
    for (let i = start - 1; i < end; i++) {
      at += 1;
      this.#tokens[at] = this.#classes[text.charCodeAt(i)] as number;
    }
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
