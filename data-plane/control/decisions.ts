import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';

/** Decisions that arrive before somebody waits for them are kept; the oldest go first. */
const KEPT_DECISIONS = 10_000;

/** What whoever waits is told of an approval. There is more in it, mostly people: some 6 KB, where this takes 0.5. */
export type Decision = Pick<Approval, 'name' | 'state' | 'reason' | 'policyChanged'>;

/** The decisions on this plane's approvals, as the control plane sends them. */
export class Decisions {
  readonly #known = new Map<string, Decision>();
  readonly #waiting = new Map<string, Set<(decision: Decision) => void>>();

  /** Takes in an approval as it is now. */
  receive({ name, state, reason, policyChanged }: Decision): void {
    if (state === State.PENDING || state === State.UNSPECIFIED) return;
    const decision = { name, state, reason, policyChanged };
    this.#known.delete(name);
    this.#known.set(name, decision);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT_DECISIONS) break;
      this.#known.delete(oldest);
    }
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    for (const resolve of waiting ?? []) resolve(decision);
  }

  /** Whether somebody still waits for this approval. */
  isAwaited(name: string): boolean {
    return this.#waiting.has(name);
  }

  /** Resolves when the approval is no longer pending; rejects with the signal's reason when it aborts. */
  wait(name: string, signal: AbortSignal): Promise<Decision> {
    const known = this.#known.get(name);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const finish = (decision: Decision): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(decision);
      };
      const onAbort = (): void => {
        const waiting = this.#waiting.get(name);
        waiting?.delete(finish);
        if (waiting?.size === 0) this.#waiting.delete(name);
        reject(signal.reason);
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting.add(finish));
    });
  }
}
