/** A stretch of a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Texts that are looked for together, however many they are, in one pass over what they may stand in: the automaton of Aho and
 * Corasick (https://doi.org/10.1145/360825.360855).
 */
export class SecretSearch {
  /** Where a state goes with a unit, by both. */
  readonly #next = new Map<number, number>();
  /** The state of the longest end of what a state has read that some secret begins with. */
  readonly #fallback: number[] = [0];
  /** How much of a secret a state has read. */
  readonly #depth: number[] = [0];
  /** The length of the longest secret that ends where a state is; 0 for none. */
  readonly #longest: number[] = [0];

  constructor(secrets: readonly string[]) {
    for (const secret of secrets) this.#plant(secret);
    // Edges by the depth at which they begin: what a state falls back to is less deep than itself.
    const edges = Array.from(this.#next).sort(
      ([left], [right]) => this.#depthOf(stateOf(left)) - this.#depthOf(stateOf(right)),
    );
    for (const [edge, state] of edges) {
      const from = stateOf(edge);
      const fallback = from === 0 ? 0 : this.step(this.#fallback[from] ?? 0, edge % UNITS);
      this.#fallback[state] = fallback;
      this.#longest[state] ||= this.#longest[fallback] ?? 0;
    }
  }

  /** The state after one more unit; 0 is the one before any. */
  step(state: number, unit: number): number {
    for (let at = state; ; at = this.#fallback[at] ?? 0) {
      const next = this.#next.get(at * UNITS + unit);
      if (next !== undefined) return next;
      if (at === 0) return 0;
    }
  }

  /** How many of the units that were read last could still become a secret, or be the end of one. */
  pending(state: number): number {
    return this.#depthOf(state);
  }

  /** The length of the longest secret that ends with the unit that was read last; 0 for none. */
  endsHere(state: number): number {
    return this.#longest[state] ?? 0;
  }

  #depthOf(state: number): number {
    return this.#depth[state] ?? 0;
  }

  #plant(secret: string): void {
    let state = 0;
    for (let at = 0; at < secret.length; at++) {
      const edge = state * UNITS + secret.charCodeAt(at);
      let next = this.#next.get(edge);
      if (next === undefined) {
        next = this.#depth.length;
        this.#next.set(edge, next);
        this.#depth.push(at + 1);
        this.#fallback.push(0);
        this.#longest.push(0);
      }
      state = next;
    }
    this.#longest[state] = secret.length;
  }
}

/** How many UTF-16 units there are. */
const UNITS = 0x1_0000;

function stateOf(edge: number): number {
  return Math.floor(edge / UNITS);
}
