import { hash } from 'node:crypto';

/** A proof is as good as new for so long after it was made, and a clock may be ahead by so much. */
const PROOF_AGE_MAX_S = 60;
const PROOF_AHEAD_MAX_S = 5;

/** How many proofs are remembered; about 100 bytes each, and some 300 more for each caller. */
export interface ProofLimits {
  readonly all: number;
  /** Of one caller: so that who floods has their own refused, and no others'. */
  readonly each: number;
}

/** A caller's share is that of 300 requests a second. */
const LIMITS: ProofLimits = { all: 200_000, each: 20_000 };

/** A proof, of which all is verified but that it is new. */
export interface Proof {
  /** Whose it is: all proofs of a caller count together, whatever their keys. */
  readonly caller: string;
  /** The thumbprint of the key that signed it: `jti` is unique among what one key signs. */
  readonly key: string;
  readonly jti: string;
  /** Its `iat`. */
  readonly issuedS: number;
}

interface Share {
  count: number;
  /** No proof of this second or of before is taken of this caller. */
  floorS: number;
}

/**
 * The proofs that were used (RFC 9449 section 11.1), by the second in which they were made, for as long as one of that second
 * would be taken. When a caller has too many, their oldest second is forgotten, and none that they made in it or before is taken
 * any more; when there are too many of all, that of everybody: while a plane runs none is good twice. In memory only, so that it
 * takes none that is older than itself; one whose maker's clock was ahead is good again on a plane that has started anew within
 * these seconds.
 */
export class UsedProofs {
  /** By second and caller. */
  readonly #seconds = new Map<number, Map<string, Set<string>>>();
  readonly #shares = new Map<string, Share>();
  readonly #limits: ProofLimits;
  /** No proof of this second or of before is taken: what was used before the start is not known. */
  #startS: number;
  /** Nor of this one: proofs of it were used, and are forgotten. */
  #forgottenS = Number.NEGATIVE_INFINITY;
  /** What is to be forgotten was, up to this second. */
  #sweptS = Number.NEGATIVE_INFINITY;
  /** When it was asked last. */
  #latestS: number;
  #count = 0;

  constructor(startMs: number, limits = LIMITS) {
    this.#latestS = startMs / 1000;
    this.#startS = Math.floor(this.#latestS) - 1;
    this.#limits = limits;
  }

  /** Takes a proof, once: whether it is new enough and was not used before. */
  use({ caller, key, jti, issuedS }: Proof, nowMs: number): boolean {
    const nowS = nowMs / 1000;
    const second = Math.floor(issuedS);
    const tooOldS = Math.floor(nowS) - PROOF_AGE_MAX_S - 1;
    // The clock was set back: the start was no later than this.
    if (nowS < this.#latestS) this.#startS = Math.min(this.#startS, Math.floor(nowS) - 1);
    this.#latestS = nowS;
    this.#forget(tooOldS);
    const share = this.#shares.get(caller) ?? { count: 0, floorS: Number.NEGATIVE_INFINITY };
    const floorS = Math.max(tooOldS, this.#startS, this.#forgottenS, share.floorS);
    // A value that is no number compares as false with every other.
    if (!(second > floorS && issuedS <= nowS + PROOF_AHEAD_MAX_S)) return false;
    const callers = this.#seconds.get(second) ?? new Map<string, Set<string>>();
    const used = callers.get(caller) ?? new Set<string>();
    const name = hash('sha256', `${key}\n${jti}`, 'base64');
    if (used.has(name)) return false;
    this.#seconds.set(second, callers.set(caller, used.add(name)));
    this.#shares.set(caller, share);
    share.count += 1;
    this.#count += 1;
    if (share.count > this.#limits.each) this.#forgetOf(caller, share);
    if (this.#count > this.#limits.all) this.#forget(Math.min(...this.#seconds.keys()));
    return true;
  }

  /** Forgets a caller's oldest second. What says so stays for as long as that second does. */
  #forgetOf(caller: string, share: Share): void {
    const seconds = [...this.#seconds].filter(([, callers]) => (callers.get(caller)?.size ?? 0) > 0);
    const oldest = Math.min(...seconds.map(([second]) => second));
    const used = this.#seconds.get(oldest)?.get(caller);
    share.floorS = oldest;
    share.count -= used?.size ?? 0;
    this.#count -= used?.size ?? 0;
    used?.clear();
  }

  #forget(untilS: number): void {
    if (untilS === this.#sweptS) return;
    this.#sweptS = untilS;
    for (const [second, callers] of this.#seconds) {
      if (second > untilS) continue;
      this.#forgottenS = Math.max(this.#forgottenS, second);
      this.#seconds.delete(second);
      for (const [caller, used] of callers) {
        this.#count -= used.size;
        const share = this.#shares.get(caller);
        if (share === undefined) continue;
        share.count -= used.size;
        if (share.count === 0 && share.floorS <= untilS) this.#shares.delete(caller);
      }
    }
  }
}
