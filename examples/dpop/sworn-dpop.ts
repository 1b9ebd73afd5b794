// Presents tokens that are bound to a key (DPoP, RFC 9449) to Sworn, with an OpenAI client. Copy it into your application; it
// needs jose.
//
//   import { createDpopKey, dpopFetch } from './sworn-dpop.ts';
//   const key = await createDpopKey();
//   const openai = new OpenAI({ baseURL, apiKey: () => currentDpopToken(key), fetch: dpopFetch(key) });
import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A key of this process, whose private part cannot leave it. */
export interface DpopKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Makes a key. One for a process will do; tokens are bound to it when they are asked for. */
export async function createDpopKey(): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { privateKey, publicJwk: await exportJWK(publicKey) };
}

/**
 * A proof for one request: the `DPoP` header. The token endpoint of the issuer wants one as well, without a token.
 *
 * @param token with which the request is made
 * @param nonce of the last `DPoP-Nonce` header, where there was one
 */
export async function makeProof(
  key: DpopKey,
  method: string,
  url: string,
  { token, nonce }: { readonly token?: string; readonly nonce?: string | undefined } = {},
): Promise<string> {
  const [htu] = url.split(/[?#]/);
  const ath = token && Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token)));
  return new SignJWT({
    jti: randomUUID(),
    htm: method,
    htu,
    ...(ath && { ath: ath.toString('base64url') }),
    ...(nonce !== undefined && { nonce }),
  })
    .setIssuedAt()
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.publicJwk })
    .sign(key.privateKey);
}

/**
 * The `fetch` of an OpenAI client whose API key is a token that is bound to this key. Each attempt gets a proof of its own; when
 * Sworn asks for a nonce, the client's next attempt has it.
 */
export function dpopFetch(key: DpopKey): typeof fetch {
  let nonce: string | undefined;
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init?.headers);
    const token = (headers.get('authorization') ?? '').replace(/^Bearer /, '');
    headers.set('authorization', `DPoP ${token}`);
    headers.set('dpop', await makeProof(key, init?.method ?? 'GET', url, { token, nonce }));
    const response = await fetch(input, { ...init, headers });
    nonce = response.headers.get('dpop-nonce') ?? nonce;
    return response;
  };
}
