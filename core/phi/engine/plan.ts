import { Automaton } from './automaton/automaton.ts';
import { labelsFrom } from './automaton/labels.ts';
import { LookBacks } from './automaton/look-back.ts';
import { RuleSets } from './automaton/rule-sets.ts';
import { createTables, type Reading } from './automaton/threads.ts';
import { boundsOf, type Patterns, SORTS, shiftOf, sortClasses } from './rule/patterns.ts';
import { type CompiledRule, compileRules, factsOf, measureBy, type Rule } from './rule/rule.ts';
import { patternsOf } from './rule/work-out.ts';
import { TokenLoop } from './tokens/loop.ts';

/** One automaton of a plan, for values that some of its rules may have. */
interface Values {
  readonly automaton: Automaton;
  /** Whether they are those that need no label. */
  readonly areForms: boolean;
  /** By set of rules, where their values begin. */
  starts: (number | undefined)[];
  epoch: number;
}

/** What is left of a rule when its patterns are in the automata. */
export type FoundBy = Omit<CompiledRule, 'before' | 'isForm' | 'value' | 'lookBack'>;

/** In place of a state: no value begins here. */
export const NO_STATE = 0;

/**
 * Rules as automata over one alphabet. At each place where a value may begin, `before` reads backwards which rules'
 * labels stand there. Then two read forwards: `forms` what may be a value without a label, `labelled` one behind a label.
 * One of both would have the product of their states.
 */
export class Plan {
  readonly rules: readonly FoundBy[];
  /** The class of each UTF-16 unit. */
  readonly classes: Uint16Array;
  /** `(class << pairShift) + class`: whether a value may begin with the second behind the first. */
  readonly pairs: Uint8Array;
  readonly pairShift: number;
  /** By class, the sort of the character that a value would begin with: what is read before it depends on that. */
  readonly sorts: Uint8Array;
  readonly ruleSets: RuleSets;
  readonly before: Automaton;
  readonly forms: Automaton;
  readonly labelled: Automaton;
  readonly lookBacks: LookBacks;
  /** With the tables of these three. */
  readonly loop: TokenLoop;
  readonly #forms: Values;
  readonly #labelled: Values;
  readonly #beforeStarts: Int32Array;
  /** By sort, where in the program the labels of values begin that may begin with such a character. */
  readonly #startsBySort: readonly (readonly number[])[];
  readonly #valueStarts: Int32Array;
  readonly #late: readonly number[];
  /** One flag a rule: whether it needs no label. */
  readonly #isForm: Uint8Array;
  readonly #beforeStates: number[] = [];
  #beforeEpoch = -1;

  /**
   * @param kept their patterns, where these were worked out before from the same rules
   * @param maxStates how many states each automaton keeps
   */
  constructor(unsorted: readonly Rule[], kept?: Patterns, maxStates?: number) {
    const rules = inOrder(unsorted);
    const count = rules.length;
    const { steps, pairs, sorts, forms, firsts, looks } = kept ?? patternsOf(compileRules(rules));
    const units = firsts.length / count;
    this.rules = rules.map((rule, index) => ({
      ...factsOf(rule),
      firsts: firsts.subarray(index * units, (index + 1) * units),
      measure: measureBy(rule),
    }));
    this.classes = steps.classes;
    this.#valueStarts = steps.starts.slice(0, count);
    this.#beforeStarts = steps.starts.slice(count, 2 * count);
    this.sorts = sortClasses(steps);
    this.#startsBySort = SORTS.map((_, sort) =>
      [...this.#beforeStarts].filter((_, rule) => (((sorts[rule] as number) >>> sort) & 1) === 1),
    );
    this.#late = this.rules.flatMap(({ late }, index) => (late ? [index] : []));
    this.#isForm = forms;
    this.ruleSets = new RuleSets(count);
    const reading: Reading = {
      steps,
      tables: createTables(steps),
      ruleOf: Int32Array.from({ length: 2 * count }, (_, i) => i % count),
      bounded: new Uint8Array(count).fill(1),
      bounds: boundsOf(steps),
    };
    const bounded = Uint8Array.from(this.rules, (rule) => (rule.bounded ? 1 : 0));
    this.loop = new TokenLoop({ steps, pairs });
    const automaton = (how: Reading, index: number) =>
      new Automaton(how, this.ruleSets, maxStates, this.loop.tables(index));
    this.before = automaton({ ...reading, bounded }, 0);
    this.forms = automaton(reading, 1);
    this.labelled = automaton(reading, 2);
    this.lookBacks = new LookBacks(looks);
    this.#forms = { automaton: this.forms, areForms: true, starts: [], epoch: 0 };
    this.#labelled = { automaton: this.labelled, areForms: false, starts: [], epoch: 0 };
    this.pairShift = shiftOf(steps);
    this.pairs = pairs;
  }

  /** The rules whose labels stand before a place, and whose values may begin with its character, as a set of rules. */
  labelsBefore(text: string, place: number): number {
    const sort = this.sorts[this.classes[text.charCodeAt(place)] as number] as number;
    return labelsFrom(this.before, text, place, place - 1, this.beforeState(sort));
  }

  /** The state of `before` behind the place of a value that begins with a character of a sort. */
  beforeState(sort: number): number {
    if (this.#beforeEpoch !== this.before.epoch) this.#beforeStates.length = 0;
    const known = this.#beforeStates[sort];
    if (known !== undefined) return known;
    const state = this.before.startAt(this.#startsBySort[sort] ?? []);
    if (this.#beforeEpoch !== this.before.epoch) this.#beforeStates.length = 0;
    this.#beforeEpoch = this.before.epoch;
    this.#beforeStates[sort] = state;
    return state;
  }

  /** The state of `forms` at the first character of a value of any of these rules; NO_STATE where it has none. */
  formsState(ruleSet: number): number {
    return this.#stateOf(this.#forms, ruleSet);
  }

  /** The same of `labelled`. */
  labelledState(ruleSet: number): number {
    return this.#stateOf(this.#labelled, ruleSet);
  }

  /** A set of rules with those whose values may begin in the middle of a word. */
  addLate(ruleSet: number): number {
    return this.#late.reduce((set, rule) => this.ruleSets.add(set, rule), ruleSet);
  }

  #stateOf(values: Values, ruleSet: number): number {
    const { automaton } = values;
    if (values.epoch !== automaton.epoch) values.starts = [];
    const known = values.starts[ruleSet];
    if (known !== undefined) return known;
    const rules = this.ruleSets
      .rules(ruleSet)
      .filter((rule) => (this.#isForm[rule] === 1) === values.areForms);
    const starts = Array.from(rules, (rule) => this.#valueStarts[rule] as number);
    const state = starts.length === 0 ? NO_STATE : automaton.startAt(starts);
    if (values.epoch !== automaton.epoch) values.starts = [];
    values.epoch = automaton.epoch;
    values.starts[ruleSet] = state;
    return state;
  }
}

/** The rules as a plan numbers them: the surest first. */
export function inOrder(rules: readonly Rule[]): readonly Rule[] {
  return [...rules].sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
}
