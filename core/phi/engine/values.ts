import { isFirstUnit } from './first-units.ts';
import { FITS, REFUSED } from './look-back.ts';
import type { FoundBy } from './plan.ts';
import type { Search } from './search.ts';
import { type Settlements, UNWANTED } from './settlements.ts';

/** Finds the exact values where the automata say that there may be some. */
export class Values {
  readonly #search: Search;
  readonly #settlements: Settlements;
  /** By rule, the place of the text from which on it may find its next value. */
  #nextFrom: Int32Array | undefined;

  /** @param settlements get the values. */
  constructor(search: Search, settlements: Settlements) {
    this.#search = search;
    this.#settlements = settlements;
  }

  /**
   * Measures the values of rules that may have one at the anchor, a place of a text that is here from `base` on; what they
   * read has ended at `end`.
   */
  measure(text: string, base: number, anchor: number, end: number, ruleSet: number): void {
    const { plan, kinds } = this.#search;
    const place = base + anchor;
    const rules = plan.ruleSets.rules(ruleSet);
    // The surest first: what covers all that was read leaves nothing to others of its kind.
    let covered = UNWANTED;
    for (let i = 0; i < rules.length; i++) {
      const index = rules[i] as number;
      const kind = kinds[index] as number;
      if (kind === UNWANTED || (kind & covered) !== 0) continue;
      this.#nextFrom ??= new Int32Array(plan.rules.length);
      const from = Math.max(place, this.#nextFrom[index] as number);
      const rule = plan.rules[index] as FoundBy;
      if (from > place && !rule.late) continue;
      // The automaton takes any digit for any other.
      if (!isFirstUnit(rule.firsts, text, from - base)) continue;
      const lookBack = plan.lookBacks.read(index, text, from - base);
      if (lookBack === REFUSED) continue;
      const seen = rule.late ? text.slice(0, end + 1) : text;
      const measured = rule.measure(seen, from - base, lookBack === FITS);
      if (measured.length === 0) continue;
      const start = base + measured.start;
      const to = start + measured.length;
      this.#nextFrom[index] = to;
      const { entity, score, name } = rule;
      this.#settlements.add({ entity, start, end: to, score, rule: name }, kind);
      if (start === place && to >= base + end) covered |= kind;
    }
  }
}
