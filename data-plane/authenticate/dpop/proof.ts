import { hash } from 'node:crypto';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { GatewayError } from '#core/provider/openai/error.ts';
import { ALGORITHMS } from '../../../oidc/algorithms.ts';
import { ExpiringCache } from '../../../oidc/cache.ts';
import { isEqual } from '../../../program/equal.ts';

/** An RSA key of 4096 bits and its signature take 1.7 KiB. */
const PROOF_MAX_BYTES = 4 * 1024;
/** One JWS in compact form. Two headers of the same name are joined by a comma, which it does not have. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const JTI_MAX_LENGTH = 256;
/** Members of private and of symmetric keys (RFC 7518 section 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** Importing a key costs as much as using it. */
const CACHED_KEYS = 10_000;
const NEVER = Number.POSITIVE_INFINITY;

/** The claims of a proof whose signature holds (RFC 9449 section 4.2). */
export interface Proof {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly nonce: string | undefined;
}

/** The refusal of a proof, with what is wrong with it. */
export function invalidProof(fault: string): GatewayError {
  return new GatewayError('invalid_proof', `The DPoP proof does not hold: ${fault}.`);
}

/** Reads proofs and verifies their signatures; remembers keys. */
export class ProofReader {
  readonly #keys = new ExpiringCache<CryptoKey | Uint8Array>(CACHED_KEYS);

  /**
   * The proof in a `DPoP` header: a JWT by the key that the token is bound to, for this token. What it is a proof for, and
   * whether it is new, is for the caller of this to check. Throws GatewayError `invalid_proof`.
   *
   * @param thumbprint of the key
   */
  async read(header: string, thumbprint: string, token: string, nowMs: number): Promise<Proof> {
    if (header.length > PROOF_MAX_BYTES || !COMPACT.test(header)) {
      throw invalidProof(`it is not one JWT of at most ${PROOF_MAX_BYTES} bytes`);
    }
    const { alg, jwk } = readHeader(header);
    // Before the signature: whoever has no key of a token has nothing verified.
    if (!isEqual(await thumbprintOf(jwk), thumbprint)) {
      throw invalidProof('it is made with another key than the one that the token is bound to');
    }
    const payload = await this.#verify(header, alg, jwk, thumbprint, nowMs);
    const { jti, htm, htu, ath, iat, nonce } = payload;
    if (typeof jti !== 'string' || jti === '' || jti.length > JTI_MAX_LENGTH) {
      throw invalidProof(`jti is no text of 1 to ${JTI_MAX_LENGTH} characters`);
    }
    if (typeof htm !== 'string' || typeof htu !== 'string') throw invalidProof('htm or htu is missing');
    if (typeof iat !== 'number') throw invalidProof('iat is missing');
    if (typeof ath !== 'string' || !isEqual(ath, hash('sha256', token, 'base64url'))) {
      throw invalidProof('ath is not the hash of the token');
    }
    return { jti, htm, htu, iat, nonce: typeof nonce === 'string' ? nonce : undefined };
  }

  async #verify(
    header: string,
    alg: string,
    jwk: JWK,
    thumbprint: string,
    nowMs: number,
  ): Promise<JWTPayload> {
    const name = `${thumbprint} ${alg}`;
    try {
      const key = this.#keys.get(name, 0) ?? (await importJWK(jwk, alg));
      const { payload } = await jwtVerify(header, key, {
        typ: 'dpop+jwt',
        algorithms: [alg],
        currentDate: new Date(nowMs),
      });
      this.#keys.set(name, key, NEVER);
      return payload;
    } catch {
      throw invalidProof('its signature, its typ or its time does not verify');
    }
  }
}

function readHeader(proof: string): { readonly alg: string; readonly jwk: JWK } {
  let alg: unknown;
  let jwk: unknown;
  try {
    ({ alg, jwk } = decodeProtectedHeader(proof) as { alg?: unknown; jwk?: unknown });
  } catch {
    throw invalidProof('its header cannot be read');
  }
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg)) throw invalidProof('its algorithm is not asymmetric');
  if (typeof jwk !== 'object' || jwk === null) throw invalidProof('it has no public key (jwk)');
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    throw invalidProof('its jwk is a private or symmetric key, which nobody but its holder may have');
  }
  return { alg, jwk };
}

async function thumbprintOf(jwk: JWK): Promise<string> {
  try {
    return await calculateJwkThumbprint(jwk, 'sha256');
  } catch {
    throw invalidProof('its jwk is no key');
  }
}
