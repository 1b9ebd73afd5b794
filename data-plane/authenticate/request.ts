import type { IncomingMessage } from 'node:http';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Authenticator } from './authenticate.ts';
import { requireCertificate } from './certificate.ts';
import type { DpopCheck } from './dpop/check.ts';
import { authenticateToken } from './token.ts';

const NO_TOKEN = 'Send an OIDC access token as the API key: Authorization: Bearer TOKEN.';

/** What finds out who asks. */
export interface Authentication {
  readonly authenticator: Authenticator;
  readonly dpop: DpopCheck;
}

/** Who asks, and by which token. */
export interface Authenticated {
  readonly caller: Caller;
  readonly token: string;
}

/** Told while it is found out. */
export interface Watcher {
  /** Whose token it is, which the request may still have to prove that it may present. */
  onCaller(caller: Caller): void;
  /** The nonce for the caller's next proof. */
  onNonce(nonce: string): void;
}

/**
 * Who asks: whom the token is about, once the request has proved that it may present it. A bearer token needs no proof, one
 * that is bound to a key or a certificate (RFC 9449, RFC 8705) all that it is bound to, with every request.
 * Throws GatewayError with the code of the fault.
 *
 * @param authorization the `Authorization` header, or what counts as such
 */
export async function authenticateRequest(
  { authenticator, dpop }: Authentication,
  { issuers, maskingKey }: CompiledSnapshot,
  request: IncomingMessage,
  authorization: string | undefined,
  { onCaller, onNonce }: Watcher,
): Promise<Authenticated> {
  const [, scheme = '', token = ''] = /^(Bearer|DPoP) +([^\s]+)$/i.exec(authorization ?? '') ?? [];
  if (token === '') throw new GatewayError('missing_token', NO_TOKEN);
  const { caller, confirmation } = await authenticateToken(authenticator, token, issuers);
  onCaller(caller);
  const { key, certificate } = confirmation;
  const isDpop = scheme.toLowerCase() === 'dpop';
  if (isDpop && key === undefined) {
    throw new GatewayError('invalid_token', 'The token is bound to no key: send it as a bearer token.');
  }
  if (key !== undefined) {
    // RFC 9449 section 7.2: as a bearer token it is refused, or whoever has stolen it would just send it so.
    if (!isDpop) {
      const words = 'The token is bound to a key: send it as Authorization: DPoP TOKEN, with a DPoP proof.';
      throw new GatewayError('missing_proof', words);
    }
    await dpop.check({ request, token, caller, key, maskingKey, onNonce });
  }
  if (certificate !== undefined) requireCertificate(request, certificate);
  return { caller, token };
}
