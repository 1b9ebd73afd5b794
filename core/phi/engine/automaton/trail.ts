import { type Automaton, STOPPED } from './automaton.ts';

/** A state is noted at every place that this divides. */
const TRAIL_STEP = 32;
/** More notes than a reading may make. */
const NOTES = 64;

/**
 * Where the last long reading of an automaton has gone. A later one that comes to one of its places in the same state
 * goes where it went: texts such as `a.a.a.`, in which a value may begin at every second character and go on for
 * hundreds, are not read hundreds of times.
 */
export class Trail {
  /** Where that reading came to: the rules that had matched there, or STOPPED and the state. */
  place = 0;
  accepted = STOPPED;
  state = 0;
  // Typed arrays would cost a short text more to make than to fill.
  readonly #places = new Array<number>(NOTES).fill(-1);
  readonly #states = new Array<number>(NOTES).fill(0);
  readonly #readings = new Array<number>(NOTES).fill(0);
  #epoch = -1;
  #anchor = -1;
  /** The reading that is under way, and the one that the outcome is of. */
  #own = 0;
  #known = 0;
  #count = 0;

  /**
   * Reads on from a place up to `until`, along the trail where it meets it. Returns the rules that have matched, or STOPPED;
   * where it has come to is in `place`, a place of the text, and `state`.
   *
   * @param view the text from place `base` on, and where in it the reading began
   */
  read(
    automaton: Automaton,
    { text, base, anchor }: { readonly text: string; readonly base: number; readonly anchor: number },
    from: number,
    until: number,
    start: number,
  ): number {
    let state = start;
    let i = from;
    let accepted = STOPPED;
    while (accepted === STOPPED && i < until) {
      this.#begin(base + anchor, automaton.epoch);
      const past = (base + i) % TRAIL_STEP;
      if (past === 0 && this.#meets(base + i, state)) {
        i = this.place - base;
        ({ accepted, state } = this);
        continue;
      }
      accepted = automaton.read(text, i, Math.min(until, i + TRAIL_STEP - past), 1, state);
      i = automaton.place;
      state = automaton.state;
    }
    this.#begin(base + anchor, automaton.epoch);
    this.place = base + i;
    this.accepted = accepted;
    this.state = state;
    this.#known = this.#own;
    return accepted;
  }

  /** A reading that began at the anchor, a place of the text, goes on. */
  #begin(anchor: number, epoch: number): void {
    if (epoch !== this.#epoch) {
      this.#places.fill(-1);
      this.#epoch = epoch;
    } else if (anchor === this.#anchor) return;
    this.#anchor = anchor;
    this.#count += 1;
    this.#own = this.#count;
  }

  /** Whether the known reading was in this state at the place; if not, this one is noted. */
  #meets(place: number, state: number): boolean {
    const note = (place / TRAIL_STEP) % NOTES;
    const isSame = this.#places[note] === place && this.#states[note] === state;
    if (isSame && this.#readings[note] === this.#known && this.place > place) {
      this.#own = this.#known;
      return true;
    }
    this.#places[note] = place;
    this.#states[note] = state;
    this.#readings[note] = this.#own;
    return false;
  }
}
