import { negate } from '#core/pattern/chars.ts';
import { compile } from '#core/pattern/compile.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { Automaton } from './automaton.ts';
import { labelsFrom } from './labels.ts';
import type { CompiledRule } from './rule.ts';
import { NO_RULES, RuleSets } from './rule-sets.ts';
import { createTables } from './threads.ts';
import { counts, reverse, uncount } from './widen.ts';

const NOT_ALPHANUMERIC = negate([0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]);

/** What stands before a value is not what its rule asks for, or is; or the rule's expression has to tell. */
export const REFUSED = 0;
export const FITS = 1;
export const UNSURE = 2;

/** One pattern of a rule. */
interface Look {
  readonly start: number;
  /** What follows for the value when the pattern is there, and when it is not. */
  readonly there: number;
  readonly missing: number;
  state: number;
  epoch: number;
}

/**
 * What rules ask of the text before a value that may be there, read backwards by an automaton: an expression takes many
 * times as long to look back. An alphabet of its own keeps all this out of the one that every character is read by.
 */
export class LookBacks {
  readonly #automaton: Automaton;
  /** By rule. */
  readonly #looks: readonly (readonly Look[])[];

  constructor(rules: readonly Pick<CompiledRule, 'bounded' | 'lookBack'>[]) {
    const patterns: PatternNode[] = [];
    const bounded: number[] = [];
    const outcomes: { rule: number; there: number; missing: number }[] = [];
    const add = (
      rule: number,
      node: PatternNode | undefined,
      isBounded: boolean,
      isWanted: boolean,
      isExact: boolean,
    ) => {
      if (node === undefined) return;
      patterns.push(reverse(uncount(node)));
      bounded.push(isBounded ? 1 : 0);
      const sure = isExact || !counts(node);
      const there = sure ? (isWanted ? FITS : REFUSED) : UNSURE;
      outcomes.push({ rule, there, missing: isWanted ? REFUSED : FITS });
    };
    rules.forEach(({ bounded: isBounded, lookBack: { before, behind, unless } }, rule) => {
      // What stands before a label counts as `+` where it counts; see Rule.
      add(rule, before, isBounded, true, true);
      add(rule, behind, true, true, false);
      add(rule, unless, false, false, false);
    });
    const program = compile([...patterns, { kind: 'set', set: NOT_ALPHANUMERIC }]);
    if (program.assertions.length > 0) throw new Error('a rule uses an assertion');
    const reading = {
      program,
      tables: createTables(program),
      ruleOf: Int32Array.from({ length: patterns.length + 1 }, (_, pattern) => pattern),
      bounded: Uint8Array.from([...bounded, 1]),
      bounds: program.alphabet.members(NOT_ALPHANUMERIC),
    };
    this.#automaton = new Automaton(reading, new RuleSets(patterns.length + 1));
    const looks: Look[][] = rules.map(() => []);
    outcomes.forEach(({ rule, there, missing }, pattern) => {
      looks[rule]?.push({ start: program.starts[pattern] as number, there, missing, state: 0, epoch: -1 });
    });
    this.#looks = looks;
  }

  /** What is known of the text before a place at which a rule may have a value. */
  read(rule: number, text: string, place: number): number {
    let known = FITS;
    for (const look of this.#looks[rule] as readonly Look[]) {
      const outcome = this.#isThere(look, text, place) ? look.there : look.missing;
      if (outcome === REFUSED) return REFUSED;
      if (outcome === UNSURE) known = UNSURE;
    }
    return known;
  }

  #isThere(look: Look, text: string, place: number): boolean {
    const automaton = this.#automaton;
    if (look.epoch !== automaton.epoch) look.state = automaton.startAt([look.start]);
    look.epoch = automaton.epoch;
    return labelsFrom(automaton, text, place, place - 1, look.state) !== NO_RULES;
  }
}
