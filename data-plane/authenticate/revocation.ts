import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { SessionPlace } from '../exchange.ts';

/** The reason with which an arrival's signal aborts when its caller, application, token or session was revoked. */
export const REVOKED = 'revoked';

/** What is known of a request's bearer so far. */
interface Known {
  readonly caller?: Caller;
  readonly session?: Pick<SessionPlace, 'name'> | undefined;
}

/** The refusal of a bearer whose access was revoked. */
export function revoked(): GatewayError {
  return new GatewayError(
    'revoked',
    'Access was revoked for this caller, application, token or session; ask an admin of Sworn.',
  );
}

/** Throws GatewayError `revoked` when the snapshot says so of this bearer. */
export function requireNotRevoked({ revocations }: CompiledSnapshot, known: Known): void {
  if (revocations.find(bearerOf(known), Date.now()) !== undefined) throw revoked();
}

/** Ends what is under way when a snapshot revokes it: streams that run, and requests that wait for a reviewer. */
export class Revoking {
  readonly #running = new Map<Known, (reason: string) => void>();

  /**
   * Watches a request, about which `known` says more as it goes on.
   * @returns a function to call at its end
   */
  watch(known: Known, abort: (reason: string) => void): () => void {
    this.#running.set(known, abort);
    return () => this.#running.delete(known);
  }

  /** Ends those that the snapshot revokes. */
  apply({ revocations }: CompiledSnapshot): void {
    const nowMs = Date.now();
    for (const [known, abort] of this.#running) {
      if (revocations.find(bearerOf(known), nowMs) !== undefined) abort(REVOKED);
    }
  }
}

function bearerOf({ caller, session }: Known) {
  return { caller, session: session?.name };
}
