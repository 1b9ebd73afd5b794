/** The number of the set that has no rule in it. */
export const NO_RULES = 0;

/** So many sets are told apart; texts have a few hundred. */
const MAX_SETS = 16_000;

/**
 * Sets of rules by number, from 0 to MAX_SETS: equal sets have the same one. What would be one too many is taken for the
 * set of all rules, which only costs time: a set may always be larger than what it stands for.
 */
export class RuleSets {
  readonly #all: Int32Array;
  readonly #sets: Int32Array[] = [new Int32Array(0)];
  readonly #numbers = new Map<string, number>([['', NO_RULES]]);
  /** By set and rule, the set with that rule added. */
  readonly #added: (number | undefined)[][] = [];

  /** @param rules how many rules there are */
  constructor(rules: number) {
    this.#all = Int32Array.from({ length: rules }, (_, rule) => rule);
    this.#sets.push(this.#all);
    this.#numbers.set(this.#all.join(), 1);
  }

  /** The rules of a set, ascending. */
  rules(set: number): Int32Array {
    return this.#sets[set] as Int32Array;
  }

  /** The set that has the rule as well. */
  add(set: number, rule: number): number {
    let more = this.#added[set];
    if (more === undefined) {
      more = [];
      this.#added[set] = more;
    }
    const known = more[rule];
    if (known !== undefined) return known;
    const rules = this.rules(set);
    const added = rules.includes(rule) ? set : this.#intern(Int32Array.from([...rules, rule]).sort());
    more[rule] = added;
    return added;
  }

  #intern(rules: Int32Array): number {
    const key = rules.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#sets.length > MAX_SETS) return 1;
    const number = this.#sets.push(rules) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}
