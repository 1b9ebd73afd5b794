import { EvidenceError } from '../error.ts';

/** A payload that only the organisation's evidence key opens. */
export interface SealedPayload {
  /** The interval key as a compact JWE, sealed to the evidence key. */
  readonly intervalKey: string;
  /** The exchange key, encrypted with the interval key: nonce, 32 bytes of ciphertext, tag. */
  readonly wrappedKey: Uint8Array;
  /** Compressed pieces of the payload, each encrypted with the exchange key: nonce, ciphertext, tag. */
  readonly parts: readonly Uint8Array[];
}

/** The exchange that a key belongs to. */
export interface ExchangeBinding {
  /** `planes/{id}` */
  readonly plane: string;
  /** `exchanges/{id}` */
  readonly exchange: string;
}

/** The place that a payload is sealed for; it opens at no other. */
export interface PayloadBinding extends ExchangeBinding {
  /** A short word: `prompt`, `delivery`, `approval`. */
  readonly kind: string;
}

/**
 * What a wrapped exchange key is bound to.
 * @throws EvidenceError malformed: plane or exchange is empty or more than a line
 */
export function exchangeKeyContext({ plane, exchange }: ExchangeBinding): Uint8Array {
  checkLine(plane);
  checkLine(exchange);
  return Buffer.from(`sworn.exchange-key/v1\n${plane}\n${exchange}`);
}

/**
 * What part `index` of a payload, from 0, is bound to.
 * @throws EvidenceError malformed: a field is empty or more than a line, or no index
 */
export function partContext({ plane, exchange, kind }: PayloadBinding, index: number): Uint8Array {
  checkLine(plane);
  checkLine(exchange);
  checkLine(kind);
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new EvidenceError('malformed', `no part is ${index}`);
  }
  return Buffer.from(`sworn.payload/v1\n${plane}\n${exchange}\n${kind}\n${index}`);
}

/** Two fields that were one line together would be bound to what another pair is. */
function checkLine(field: string): void {
  if (field === '' || field.includes('\n')) {
    throw new EvidenceError('malformed', 'plane, exchange and kind are a line each');
  }
}
