import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { possessionBytes } from '#core/enrollment/possession.ts';

/** A plane's side of its identity. */
export interface TestPlane {
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** What Enroll takes. */
  request(joinToken: string): { joinToken: string; publicKey: Uint8Array; possession: Uint8Array };
  /** The JWT of a call, right but for what is given. */
  token(name: string, claims?: JWTPayload): Promise<string>;
}

/** A plane with a new key. */
export function makePlane(): TestPlane {
  const { publicKey: key, privateKey } = generateKeyPairSync('ed25519');
  const publicKey = key.export({ format: 'der', type: 'spki' }).subarray(12);
  return {
    privateKey,
    publicKey,
    request: (joinToken) => ({
      joinToken,
      publicKey,
      possession: sign(null, possessionBytes(joinToken), privateKey),
    }),
    token(name, claims = {}) {
      const nowS = Math.floor(Date.now() / 1000);
      const base = { iss: name, sub: name, aud: 'sworn-control-plane', iat: nowS, exp: nowS + 90 };
      return new SignJWT({ ...base, ...claims })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
        .sign(privateKey);
    },
  };
}
