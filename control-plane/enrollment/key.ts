import { createPublicKey, type KeyObject } from 'node:crypto';

/**
 * A plane's public key for node:crypto and jose.
 * @param raw Ed25519, 32 bytes (RFC 8032)
 * @throws Error when it is no such key
 */
export function readPlaneKey(raw: Uint8Array): KeyObject {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') };
  return createPublicKey({ key: jwk, format: 'jwk' });
}
