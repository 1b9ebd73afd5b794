import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { GatewayError } from '#core/provider/openai/error.ts';
import { isEqual } from '../../program/equal.ts';

/** Thumbprints by connection: a certificate stays the same for as long as it lasts. */
const THUMBPRINTS = new WeakMap<object, string>();

/**
 * Checks that the connection of a request is that of the client certificate which the token is bound to (RFC 8705 section 3).
 * One that is not issued by an authority of `--tls-client-ca` counts as none. Throws GatewayError `missing_proof` or
 * `invalid_proof`.
 *
 * @param thumbprint SHA-256 of the certificate in DER, in base64url
 */
export function requireCertificate({ socket }: Pick<IncomingMessage, 'socket'>, thumbprint: string): void {
  const presented = THUMBPRINTS.get(socket) ?? readThumbprint(socket as Partial<TLSSocket>);
  if (presented === undefined) {
    throw new GatewayError(
      'missing_proof',
      'The token is bound to a client certificate, and the connection to this plane has none that it knows.',
    );
  }
  THUMBPRINTS.set(socket, presented);
  if (!isEqual(presented, thumbprint)) {
    throw new GatewayError('invalid_proof', 'The token is bound to another client certificate.');
  }
}

function readThumbprint(socket: Partial<TLSSocket>): string | undefined {
  if (socket.authorized !== true) return undefined;
  const certificate = socket.getPeerX509Certificate?.();
  return certificate && hash('sha256', certificate.raw, 'base64url');
}
