import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';

/** Decisions that arrive before somebody waits for them are kept; the oldest go first. */
const KEPT_DECISIONS = 10_000;

/** The decisions on this plane's approvals, as the control plane sends them. */
export class Decisions {
  readonly #known = new Map<string, Approval>();
  readonly #waiting = new Map<string, Set<(approval: Approval) => void>>();

  /** Takes in an approval as it is now. */
  receive(approval: Approval): void {
    if (approval.state === State.PENDING || approval.state === State.UNSPECIFIED) return;
    this.#known.delete(approval.name);
    this.#known.set(approval.name, approval);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT_DECISIONS) break;
      this.#known.delete(oldest);
    }
    const waiting = this.#waiting.get(approval.name);
    this.#waiting.delete(approval.name);
    for (const resolve of waiting ?? []) resolve(approval);
  }

  /** Whether somebody still waits for this approval. */
  isAwaited(name: string): boolean {
    return this.#waiting.has(name);
  }

  /** Resolves when the approval is no longer pending; rejects with the signal's reason when it aborts. */
  wait(name: string, signal: AbortSignal): Promise<Approval> {
    const known = this.#known.get(name);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const finish = (approval: Approval): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(approval);
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
