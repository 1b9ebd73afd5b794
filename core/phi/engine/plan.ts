import type { Alphabet } from '#core/pattern/alphabet.ts';
import { type CharSet, negate } from '#core/pattern/chars.ts';
import { compile, OP_MATCH, OP_SET, OP_SPLIT, type Program } from '#core/pattern/compile.ts';
import { Automaton } from './automaton.ts';
import { labelsFrom } from './labels.ts';
import { LookBacks } from './look-back.ts';
import type { CompiledRule } from './rule.ts';
import { RuleSets } from './rule-sets.ts';
import { createTables, type Reading } from './threads.ts';

const NOT_ALPHANUMERIC = negate([0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]);

/**
 * Sorts of characters by what values may begin with them, from the first class of each on; what is in none is another.
 * Few of the labels before a word matter when digits are wanted behind them.
 */
const SORTS: readonly CharSet[] = [[0x61, 0x7a], [0x30, 0x39], [0x41, 0x5a], []];

/** Classes in this order lie close together in the tables. */
const USUAL = ' etaoinsrhldcumfpgwybvkxjqz0123456789-/.,:\nETAOINSRHLDCUMFPGWYBVKXJQZ';

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
  readonly #forms: Values;
  readonly #labelled: Values;
  readonly #beforeStarts: readonly number[];
  /** By sort, where in the program the labels of values begin that may begin with such a character. */
  readonly #startsBySort: readonly (readonly number[])[];
  readonly #valueStarts: readonly number[];
  readonly #late: readonly number[];
  /** One flag a rule: whether it needs no label. */
  readonly #isForm: Uint8Array;
  readonly #beforeStates: number[] = [];
  #beforeEpoch = -1;

  /** @param maxStates how many states each automaton keeps */
  constructor(unsorted: readonly CompiledRule[], maxStates?: number) {
    const rules = [...unsorted].sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
    const count = rules.length;
    const program = reorder(
      compile([
        ...rules.map(({ value }) => value),
        ...rules.map(({ before }) => before),
        { kind: 'set', set: NOT_ALPHANUMERIC },
      ]),
    );
    if (program.assertions.length > 0) throw new Error('a rule uses an assertion');
    // Without their patterns, which nothing reads any more.
    this.rules = rules.map(({ entity, name, score, nothing, bounded, firsts, late, measure }) => ({
      entity,
      name,
      score,
      nothing,
      bounded,
      firsts,
      late,
      measure,
    }));
    this.classes = program.alphabet.basic;
    this.#valueStarts = program.starts.slice(0, count);
    this.#beforeStarts = program.starts.slice(count, 2 * count);
    const firsts = this.#valueStarts.map((start) => firstOf(program, start).first);
    this.sorts = sortClasses(program.alphabet);
    this.#startsBySort = SORTS.map((_, sort) =>
      this.#beforeStarts.filter((_, rule) =>
        firsts[rule]?.some((flag, column) => flag === 1 && this.sorts[column] === sort),
      ),
    );
    this.#late = rules.flatMap(({ late }, index) => (late ? [index] : []));
    this.#isForm = Uint8Array.from(rules, ({ isForm }) => (isForm ? 1 : 0));
    this.ruleSets = new RuleSets(count);
    const reading: Reading = {
      program,
      tables: createTables(program),
      ruleOf: Int32Array.from({ length: 2 * count }, (_, i) => i % count),
      bounded: new Uint8Array(count).fill(1),
      bounds: program.alphabet.members(NOT_ALPHANUMERIC),
    };
    const bounded = Uint8Array.from(rules, (rule) => (rule.bounded ? 1 : 0));
    this.before = new Automaton({ ...reading, bounded }, this.ruleSets, maxStates);
    this.forms = new Automaton(reading, this.ruleSets, maxStates);
    this.labelled = new Automaton(reading, this.ruleSets, maxStates);
    this.lookBacks = new LookBacks(rules);
    this.#forms = { automaton: this.forms, areForms: true, starts: [], epoch: 0 };
    this.#labelled = { automaton: this.labelled, areForms: false, starts: [], epoch: 0 };
    this.pairShift = Math.ceil(Math.log2(program.alphabet.size));
    this.pairs = this.#buildPairs(program, firsts, reading.bounds);
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

  /** @param firsts by rule, the classes that its value can begin with */
  #buildPairs(program: Program, firsts: readonly Uint8Array[], bounds: Uint8Array): Uint8Array {
    const { size } = program.alphabet;
    const pairs = new Uint8Array(1 << (2 * this.pairShift));
    // Many rules have the same label in front, or the same value behind it.
    const added = new Set<string>();
    const add = (before: Uint8Array, first: Uint8Array): void => {
      const key = `${before.join('')} ${first.join('')}`;
      if (added.has(key)) return;
      added.add(key);
      for (let b = 0; b < size; b++) {
        if (before[b] !== 1) continue;
        for (let f = 0; f < size; f++) if (first[f] === 1) pairs[(b << this.pairShift) + f] = 1;
      }
    };
    const all = new Uint8Array(size).fill(1);
    this.rules.forEach((rule, index) => {
      const { first: before, empty } = firstOf(program, this.#beforeStarts[index] as number);
      const first = firsts[index] as Uint8Array;
      add(before, first);
      if (empty) add(rule.bounded ? bounds : all, first);
    });
    return pairs;
  }
}

/** The same program with its classes numbered so that usual ones come first. */
function reorder(program: Program): Program {
  const { alphabet, sets } = program;
  const order: number[] = [];
  const seen = new Set<number>();
  const take = (column: number): void => {
    if (!seen.has(column)) order.push(column);
    seen.add(column);
  };
  for (const c of USUAL) take(alphabet.basic[c.charCodeAt(0)] as number);
  for (let column = 0; column < alphabet.size; column++) take(column);
  const place = new Uint16Array(alphabet.size);
  order.forEach((column, index) => {
    place[column] = index;
  });
  const permute = (flags: Uint8Array): Uint8Array =>
    Uint8Array.from(order, (column) => flags[column] as number);
  return {
    ...program,
    sets: sets.map(permute),
    word: permute(program.word),
    newline: permute(program.newline),
    alphabet: {
      size: alphabet.size,
      basic: alphabet.basic.map((column) => place[column] as number),
      classOf: (codePoint) => place[alphabet.classOf(codePoint)] as number,
      members: (set) => permute(alphabet.members(set)),
    },
  };
}

function sortClasses({ size, basic }: Alphabet): Uint8Array {
  const sorts = new Uint8Array(size).fill(SORTS.length - 1);
  SORTS.forEach(([from = 1, to = 0], sort) => {
    for (let unit = from; unit <= to; unit++) sorts[basic[unit] as number] = sort;
  });
  return sorts;
}

/** The classes that a pattern can begin with, and whether it matches nothing at all. */
function firstOf(program: Program, start: number): { first: Uint8Array; empty: boolean } {
  const { op, next, argument, sets, alphabet } = program;
  const seen = new Set<number>();
  const seenSets = new Set<number>();
  let empty = false;
  const stack = [start];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (seen.has(item)) continue;
    seen.add(item);
    if (op[item] === OP_SPLIT) stack.push(argument[item] as number, next[item] as number);
    else if (op[item] === OP_MATCH) empty = true;
    else if (op[item] === OP_SET) seenSets.add(argument[item] as number);
  }
  const first = new Uint8Array(alphabet.size);
  for (const index of seenSets) {
    const set = sets[index] as Uint8Array;
    for (let i = 0; i < set.length; i++) if (set[i] === 1) first[i] = 1;
  }
  return { first, empty };
}
