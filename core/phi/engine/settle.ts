import { byPrecedence } from './resolve.ts';
import type { Located } from './rule/rule.ts';

/** A value this long is taken to be cut at its cap. */
const OVERLONG_CHARACTERS = 380;
/** Of what follows an overlong value so much is held back at once. */
const OVERLONG_PIECE_CHARACTERS = 2_048;
/** What an identifier or an address goes on with. */
const WORD_UNIT = /[\p{L}\p{N}_./%&=?#@:+~-]/u;

const SPACE = /\s/;

/** A value found; one that is the rest of a value that was cut has no end yet. */
type Candidate = Located & { readonly cut?: true };

/** The text that values are found in, as far as it is here: from place `base` of the whole text on. */
export interface View {
  readonly text: string;
  readonly base: number;
  /** Nothing follows. */
  readonly ended: boolean;
}

/**
 * Makes candidates into findings that do not overlap, as `resolve` does, while the text is still coming. Where values begin at
 * one place and one goes on, it is one value: what the surest rule takes for the start of it.
 */
export class Settlement {
  /** In no order. */
  #candidates: Candidate[] = [];
  /** All before this place of the text belongs to a finding, or is text. */
  #covered = 0;
  #findings: Located[] = [];
  readonly #tellsNothing: boolean;

  /** @param tellsNothing whether what is no identifier is told with the findings; it hides others in any case */
  constructor(tellsNothing = false) {
    this.#tellsNothing = tellsNothing;
  }

  get isEmpty(): boolean {
    return this.#candidates.length === 0;
  }

  add(candidate: Located): void {
    this.#candidates.push(candidate);
  }

  /** Where the first candidate begins that is not settled, at most `place`. */
  first(place: number): number {
    return this.#candidates.reduce((first, { start }) => Math.min(first, start), place);
  }

  /** Takes the findings settled so far, in order. */
  take(): readonly Located[] {
    const taken = this.#findings;
    if (taken.length > 0) this.#findings = [];
    return taken;
  }

  /** No further candidate begins before this place of the text. */
  settle(before: number, view: View): void {
    const candidates = this.#candidates;
    sort(candidates);
    let settled = 0;
    let last: Candidate | undefined;
    let lastStart = 0;
    for (; settled < candidates.length; settled++) {
      const candidate = candidates[settled] as Candidate;
      if (candidate.start >= before) break;
      // What covers a long one is as long, and goes on as far.
      if (candidate.end <= this.#covered && candidate.cut !== true) continue;
      const isLong = candidate.cut === true || candidate.end - candidate.start >= OVERLONG_CHARACTERS;
      if (isLong && !this.#extend(candidate, settled, view)) break;
      if (candidate.end <= this.#covered) continue;
      if (candidate.nothing === true && this.#isAsLong(settled + 1, candidate)) continue;
      if (last !== undefined && candidate.start === lastStart && !isLong && isMore(last, candidate, view)) {
        last.end = candidate.end;
        this.#covered = candidate.end;
        continue;
      }
      last = candidate;
      lastStart = candidate.start;
      candidate.start = Math.max(candidate.start, this.#covered);
      this.#covered = candidate.end;
      if (candidate.nothing !== true || this.#tellsNothing) this.#findings.push(candidate);
    }
    if (settled === candidates.length) this.#candidates = [];
    else candidates.splice(0, settled);
  }

  /** Whether one of the candidates from an index on begins where a value does, and is as long. */
  #isAsLong(index: number, { start, end }: Candidate): boolean {
    for (let i = index; i < this.#candidates.length; i++) {
      const other = this.#candidates[i] as Candidate;
      if (other.start !== start) break;
      if (other.nothing !== true && other.end >= end) return true;
    }
    return false;
  }

  /**
   * A value that reaches the cap goes on to the end of its word: more of it is masked, never released. False when that
   * end is not here yet.
   *
   * @param index of the candidate, which is the first that is not settled
   */
  #extend(candidate: Candidate, index: number, { text, base, ended }: View): boolean {
    const most = candidate.start + OVERLONG_PIECE_CHARACTERS;
    // What is covered may not be here any more.
    candidate.end = Math.max(candidate.end, this.#covered);
    while (candidate.end < most) {
      const place = candidate.end - base;
      if (place >= text.length) return ended;
      if (!WORD_UNIT.test(text.charAt(place))) return true;
      candidate.end += 1;
    }
    // Those that begin behind it may be here already, when the text came in chunks.
    this.#candidates.push({ ...candidate, start: candidate.end, cut: true });
    lower(this.#candidates, this.#candidates.length - 1, index + 1);
    return true;
  }
}

/** Whether the other one, which is longer, is the same value: "14-22", "14-22-B", and no other one behind it. */
function isMore(value: Candidate, longer: Candidate, { text, base }: View): boolean {
  if (value.nothing === true || longer.nothing === true) return false;
  return value.entity === longer.entity || !SPACE.test(text.charAt(value.end - base));
}

/** Sorts by precedence, in place: few, and most of them in order. `Array.prototype.sort` takes as long as finding them. */
function sort(candidates: Candidate[]): void {
  for (let i = 1; i < candidates.length; i++) lower(candidates, i, 0);
}

/** Moves a candidate to before those that it precedes, down to an index. */
function lower(candidates: Candidate[], index: number, least: number): void {
  const candidate = candidates[index] as Candidate;
  let at = index;
  for (; at > least && byPrecedence(candidates[at - 1] as Candidate, candidate) > 0; at--)
    candidates[at] = candidates[at - 1] as Candidate;
  candidates[at] = candidate;
}
