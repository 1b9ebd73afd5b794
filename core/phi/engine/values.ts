import { isFirstUnit } from './first-units.ts';
import { FITS, REFUSED } from './look-back.ts';
import type { FoundBy } from './plan.ts';
import type { Search } from './search.ts';
import { type Settlements, UNWANTED } from './settlements.ts';

/** Finds the exact values where the automata say that there may be some. */
export class Values {
  readonly #search: Search;
  readonly #settlements: Settlements;
  /** Values found that may go on: their rules, and the places of the text from which on these may find their next ones. */
  #rules: number[] = [];
  #ends: number[] = [];

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
    this.#forget(place);
    // The surest first: what covers all that was read leaves nothing to others of its kind.
    let covered = UNWANTED;
    for (let i = 0; i < rules.length; i++) {
      const index = rules[i] as number;
      const kind = kinds[index] as number;
      if (kind === UNWANTED || (kind & covered) !== 0) continue;
      const from = Math.max(place, this.#endOf(index));
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
      this.#rules.push(index);
      this.#ends.push(to);
      const { entity, score, name } = rule;
      this.#settlements.add({ entity, start, end: to, score, rule: name }, kind);
      if (start === place && to >= base + end) covered |= kind;
    }
  }

  /** Where the last value of a rule ends; 0 when it has none that goes on. */
  #endOf(rule: number): number {
    return this.#ends[this.#rules.lastIndexOf(rule)] ?? 0;
  }

  /** Forgets values that end before a place. */
  #forget(place: number): void {
    const ends = this.#ends;
    if (ends.length === 0) return;
    let kept = 0;
    for (let i = 0; i < ends.length; i++) {
      if ((ends[i] as number) <= place) continue;
      ends[kept] = ends[i] as number;
      this.#rules[kept] = this.#rules[i] as number;
      kept += 1;
    }
    // Setting a length takes V8 longer.
    while (ends.length > kept) {
      ends.pop();
      this.#rules.pop();
    }
  }
}
