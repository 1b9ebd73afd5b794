import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

const AUDIENCE = 'sworn-control-plane';
/** The control plane accepts at most 120 s; the rest is for clocks that differ. */
const LIFETIME_S = 90;
const RENEW_AFTER_MS = 45_000;

/** Gives the JWT with which the plane signs its calls: EdDSA by its own key, renewed every 45 s. */
export function createTokenSource(plane: string, privateKey: KeyObject): () => Promise<string> {
  let token: Promise<string> | undefined;
  let issuedMs = 0;
  return () => {
    const now = Date.now();
    if (token === undefined || now - issuedMs > RENEW_AFTER_MS || now < issuedMs) {
      const issuedS = Math.floor(now / 1000);
      issuedMs = now;
      token = new SignJWT()
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
        .setIssuer(plane)
        .setSubject(plane)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedS)
        .setExpirationTime(issuedS + LIFETIME_S)
        .sign(privateKey);
    }
    return token;
  };
}
