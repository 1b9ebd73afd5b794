import { hash } from 'node:crypto';

/** A proof is as good as new for so long after it was made, and a clock may be ahead by so much. */
export const PROOF_AGE_MAX_S = 60;
export const PROOF_AHEAD_MAX_S = 5;

/** About 100 bytes each. */
const REMEMBERED_PROOFS = 200_000;

/**
 * The proofs that were used (RFC 9449 section 11.1), by the second in which they were made, for as long as one of that second
 * would be taken. When there are too many the oldest second is forgotten, and no proof of it or of before is taken any more:
 * while a plane runs none is good twice. In memory only, so that it takes none that is older than itself; one whose maker's clock
 * was ahead is good again on a plane that has started anew within these seconds.
 */
export class UsedProofs {
  readonly #seconds = new Map<number, Set<string>>();
  readonly #maximum: number;
  /** No proof of this second or of before is taken. */
  #floorS: number;
  #count = 0;

  constructor(startMs: number, maximum = REMEMBERED_PROOFS) {
    this.#floorS = Math.floor(startMs / 1000) - 1;
    this.#maximum = maximum;
  }

  /**
   * Takes a proof, once: whether it is new enough and was not used before.
   *
   * @param key the thumbprint of the key that signed it: `jti` is unique among what one key signs
   * @param issuedS its `iat`
   */
  use(key: string, jti: string, issuedS: number, nowMs: number): boolean {
    const nowS = nowMs / 1000;
    const second = Math.floor(issuedS);
    this.#forget(Math.floor(nowS) - PROOF_AGE_MAX_S - 1);
    // A value that is no number compares as false with every other.
    if (!(second > this.#floorS && issuedS <= nowS + PROOF_AHEAD_MAX_S)) return false;
    const used = this.#seconds.get(second) ?? new Set<string>();
    const name = hash('sha256', `${key}\n${jti}`, 'base64');
    if (used.has(name)) return false;
    this.#seconds.set(second, used.add(name));
    this.#count += 1;
    if (this.#count > this.#maximum) this.#forget(Math.min(...this.#seconds.keys()));
    return true;
  }

  #forget(untilS: number): void {
    if (untilS <= this.#floorS) return;
    this.#floorS = untilS;
    for (const [second, used] of this.#seconds) {
      if (second > untilS) continue;
      this.#seconds.delete(second);
      this.#count -= used.size;
    }
  }
}
