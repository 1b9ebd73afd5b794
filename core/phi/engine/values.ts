import { FITS, REFUSED } from './automaton/look-back.ts';
import type { FoundBy } from './plan.ts';
import { isFirstUnit } from './rule/first-units.ts';
import type { Search } from './search.ts';
import { type Settlements, UNWANTED } from './settlements.ts';

/** Finds the exact values where the automata say that there may be some. */
export class Values {
  readonly #search: Search;
  readonly #settlements: Settlements;
  /** Values found that end behind the last anchor: their rules and kinds, and places of the text. */
  readonly #rules: number[] = [];
  readonly #kinds: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

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
    // What covers all that was read leaves nothing to others of its kind: a value from before, or here a surer one.
    let covered = this.#forget(place, base + end);
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
      this.#kinds.push(kind);
      this.#starts.push(start);
      this.#ends.push(to);
      const { entity, score, name, nothing } = rule;
      const value = { entity, start, end: to, score, rule: name };
      this.#settlements.add(nothing ? { ...value, nothing } : value, kind);
      if (start === place && to >= base + end) covered |= kind;
    }
  }

  /** Where the last value of a rule ends; 0 when it has none that goes on. */
  #endOf(rule: number): number {
    for (let i = this.#rules.length - 1; i >= 0; i--)
      if (this.#rules[i] === rule) return this.#ends[i] as number;
    return 0;
  }

  /** Forgets values that end before a place. Returns the kinds of those that began before it and go on to `end`. */
  #forget(place: number, end: number): number {
    const rules = this.#rules;
    const kinds = this.#kinds;
    const starts = this.#starts;
    const ends = this.#ends;
    let covered = UNWANTED;
    let kept = 0;
    for (let i = 0; i < ends.length; i++) {
      const to = ends[i] as number;
      if (to <= place) continue;
      const start = starts[i] as number;
      const kind = kinds[i] as number;
      if (start < place && to >= end) covered |= kind;
      rules[kept] = rules[i] as number;
      kinds[kept] = kind;
      starts[kept] = start;
      ends[kept] = to;
      kept += 1;
    }
    // Setting a length takes V8 longer.
    while (ends.length > kept) {
      rules.pop();
      kinds.pop();
      starts.pop();
      ends.pop();
    }
    return covered;
  }
}
