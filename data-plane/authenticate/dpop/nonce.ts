import { createHmac, timingSafeEqual } from 'node:crypto';

/** A nonce is good for so long, in seconds. A fresh one comes with every answer. */
const NONCE_AGE_MAX_S = 300;
/** Of the clocks of planes. */
const CLOCK_SKEW_S = 5;
const TIME_BYTES = 4;
const MAC_BYTES = 16;
/** Both in base64url. */
const NONCE = /^[\w-]{27}$/;
/** So that what is made with the key here is of use nowhere else. */
const CONTEXT = 'sworn.dpop-nonce/v1';

/**
 * A nonce for the caller's next proof (RFC 9449 section 8): the time and a MAC over it. Nothing is kept, and every plane of a
 * control plane takes those of the others.
 *
 * @param maskingKey the secret that planes share, 32 bytes
 */
export function makeNonce(maskingKey: Uint8Array, nowMs: number): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUInt32BE(Math.floor(nowMs / 1000) % 2 ** 32);
  return Buffer.concat([time, mac(maskingKey, time)]).toString('base64url');
}

/** Whether a nonce is one that a plane has made lately. */
export function isFreshNonce(maskingKey: Uint8Array, nonce: string, nowMs: number): boolean {
  // A control plane of before gives no secret: whoever knew that could make nonces.
  if (maskingKey.length === 0 || !NONCE.test(nonce)) return false;
  const bytes = Buffer.from(nonce, 'base64url');
  const time = bytes.subarray(0, TIME_BYTES);
  if (!timingSafeEqual(bytes.subarray(TIME_BYTES), mac(maskingKey, time))) return false;
  const ageS = Math.floor(nowMs / 1000) - time.readUInt32BE();
  return ageS <= NONCE_AGE_MAX_S && ageS >= -CLOCK_SKEW_S;
}

function mac(maskingKey: Uint8Array, time: Uint8Array): Buffer {
  return createHmac('sha256', maskingKey).update(CONTEXT).update(time).digest().subarray(0, MAC_BYTES);
}
