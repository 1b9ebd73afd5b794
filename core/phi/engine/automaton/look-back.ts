import { boundsOf, type LookPatterns } from '../rule/patterns.ts';
import { Automaton } from './automaton.ts';
import { labelsFrom } from './labels.ts';
import { NO_RULES, RuleSets } from './rule-sets.ts';
import { createTables } from './threads.ts';

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

const NO_LOOKS: readonly Look[] = [];

/**
 * What rules ask of the text before a value that may be there, read backwards by an automaton: an expression takes many
 * times as long to look back. An alphabet of its own keeps all this out of the one that every character is read by.
 */
export class LookBacks {
  readonly #automaton: Automaton;
  /** By rule. */
  readonly #looks: (Look[] | undefined)[] = [];

  constructor({ steps, rules, bounded, there, missing }: LookPatterns) {
    const reading = {
      steps,
      tables: createTables(steps),
      ruleOf: Int32Array.from(steps.starts, (_, pattern) => pattern),
      bounded: Uint8Array.from([...bounded, 1]),
      bounds: boundsOf(steps),
    };
    this.#automaton = new Automaton(reading, new RuleSets(steps.starts.length));
    rules.forEach((rule, pattern) => {
      const looks = this.#looks[rule] ?? [];
      this.#looks[rule] = looks;
      looks.push({
        start: steps.starts[pattern] as number,
        there: there[pattern] as number,
        missing: missing[pattern] as number,
        state: 0,
        epoch: -1,
      });
    });
  }

  /** What is known of the text before a place at which a rule may have a value. */
  read(rule: number, text: string, place: number): number {
    let known = FITS;
    for (const look of this.#looks[rule] ?? NO_LOOKS) {
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
