import { hash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, SignJWT } from 'jose';
import { makeKey, type SigningKey } from '../../oidc/issuer.ts';

/** Where the plane of the tests is reached. */
export const PUBLIC_URL = 'https://gateway.example';
/** What is asked for. */
export const PATH = '/v1/responses';

/** A caller's key, and proofs by it. */
export interface Holder {
  readonly key: SigningKey;
  readonly thumbprint: string;
  /** A proof that is right for `POST /v1/responses`, with changes to its claims, its header or its key. */
  proof(
    token: string,
    claims?: Record<string, unknown>,
    header?: Record<string, unknown>,
    key?: SigningKey,
  ): Promise<string>;
}

/** A caller with a new key. */
export async function createHolder(alg = 'ES256'): Promise<Holder> {
  const key = await makeKey(alg, 'holder');
  const { kid: _kid, use: _use, alg: _alg, ...jwk } = key.jwk;
  return {
    key,
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: (token, claims = {}, header = {}, signer = key) =>
      new SignJWT({
        jti: randomUUID(),
        htm: 'POST',
        htu: `${PUBLIC_URL}${PATH}`,
        iat: Math.floor(Date.now() / 1000),
        ath: hash('sha256', token, 'base64url'),
        ...claims,
      })
        .setProtectedHeader({ alg: key.alg, typ: 'dpop+jwt', jwk, ...header })
        .sign(signer.privateKey),
  };
}
