import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { SessionPlace } from '../exchange.ts';

/** What is known of a request's bearer so far. */
interface Known {
  readonly caller?: Caller;
  readonly session?: Pick<SessionPlace, 'name'> | undefined;
}

/** What a caller is told whose token is of no issuer of the configuration in force. */
export const UNTRUSTED_ISSUER = 'The issuer of the bearer token is not trusted here.';

/** The refusal of a bearer whose access was revoked. */
export function revoked(): GatewayError {
  return new GatewayError(
    'revoked',
    'Access was revoked for this caller, application, token or session; ask an admin of Sworn.',
  );
}

/** Throws GatewayError `untrusted_issuer` or `revoked` when the snapshot does not let this bearer in any more. */
export function requireTrusted(snapshot: CompiledSnapshot, known: Known): void {
  const refusal = refusalOf(snapshot, known);
  if (refusal !== undefined) throw refusal;
}

/** Ends what is under way when a snapshot takes its bearer's access: streams that run, and requests that wait for a reviewer. */
export class Revoking {
  readonly #running = new Map<Known, (refusal: GatewayError) => void>();

  /**
   * Watches a request, about which `known` says more as it goes on.
   * @param abort is called with what `requireTrusted` would throw
   * @returns a function to call at its end
   */
  watch(known: Known, abort: (refusal: GatewayError) => void): () => void {
    this.#running.set(known, abort);
    return () => this.#running.delete(known);
  }

  /** Ends those whom the snapshot does not let in any more. */
  apply(snapshot: CompiledSnapshot): void {
    for (const [known, abort] of this.#running) {
      const refusal = refusalOf(snapshot, known);
      if (refusal !== undefined) abort(refusal);
    }
  }
}

/** To end the trust in an issuer it is deleted; whoever has its tokens is refused as one whom a revocation names is. */
function refusalOf(
  { issuers, revocations }: CompiledSnapshot,
  { caller, session }: Known,
): GatewayError | undefined {
  if (caller !== undefined && !issuers.some(({ spec }) => spec?.issuerUrl === caller.issuer)) {
    return new GatewayError('untrusted_issuer', UNTRUSTED_ISSUER);
  }
  const isRevoked = revocations.find({ caller, session: session?.name }, Date.now()) !== undefined;
  return isRevoked ? revoked() : undefined;
}
