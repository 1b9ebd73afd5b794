import type { IncomingMessage } from 'node:http';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { isFreshNonce, makeNonce } from './nonce.ts';
import { invalidProof, ProofReader } from './proof.ts';
import { UsedProofs } from './replay.ts';
import { isTarget } from './target.ts';

export interface DpopOptions {
  /** Where callers reach this plane, without a slash at the end. */
  readonly publicUrls: () => readonly string[];
  /** Whether each proof must have a nonce of a plane (RFC 9449 section 9). */
  readonly requireNonce: boolean;
  /** Milliseconds since 1970; the system's clock. */
  readonly now?: () => number;
}

/** A request with a token that is bound to a key. */
export interface Presented {
  readonly request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>;
  readonly token: string;
  /** Whose token it is. */
  readonly caller: Pick<Caller, 'issuer' | 'subject'>;
  /** The thumbprint of the key. */
  readonly key: string;
  /** The secret that planes share. */
  readonly maskingKey: Uint8Array;
  /** Told the nonce for the caller's next proof, whether or not this one holds. */
  readonly onNonce: (nonce: string) => void;
}

/** Checks DPoP proofs (RFC 9449 section 4.3); remembers which ones were used. */
export class DpopCheck {
  readonly #reader = new ProofReader();
  readonly #used: UsedProofs;
  readonly #options: DpopOptions;
  readonly #now: () => number;

  constructor(options: DpopOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#used = new UsedProofs(this.#now());
  }

  /**
   * Resolves when the request proves that it comes from who has the key.
   * Rejects with GatewayError `missing_proof`, `invalid_proof`, `expired_proof` or `use_dpop_nonce`.
   */
  async check({ request, token, caller, key, maskingKey, onNonce }: Presented): Promise<void> {
    const { requireNonce } = this.#options;
    const nowMs = this.#now();
    if (requireNonce) onNonce(makeNonce(maskingKey, nowMs));
    const { dpop } = request.headers;
    if (typeof dpop !== 'string') {
      throw new GatewayError('missing_proof', 'The token is bound to a key: send a DPoP proof with it.');
    }
    const proof = await this.#reader.read(dpop, key, token, nowMs);
    if (proof.htm !== request.method) throw invalidProof('htm is not the method of the request');
    this.#requireTarget(proof.htu, request.url ?? '');
    if (requireNonce && !isFreshNonce(maskingKey, proof.nonce ?? '', nowMs)) {
      throw new GatewayError(
        'use_dpop_nonce',
        'Make the DPoP proof with the nonce of the DPoP-Nonce header.',
      );
    }
    const { jti, iat: issuedS } = proof;
    if (!this.#used.use({ caller: `${caller.issuer}\n${caller.subject}`, key, jti, issuedS }, nowMs)) {
      const words =
        'The DPoP proof is too old, from the future, or was used before: make a new one for each request.';
      throw new GatewayError('expired_proof', words);
    }
  }

  #requireTarget(htu: string, requestTarget: string): void {
    const publicUrls = this.#options.publicUrls();
    if (isTarget(htu, publicUrls, requestTarget)) return;
    throw invalidProof(
      publicUrls.length > 0
        ? 'htu is not the URL of the request'
        : 'this plane does not know where callers reach it, which its admin has to say (--public-url)',
    );
  }
}
