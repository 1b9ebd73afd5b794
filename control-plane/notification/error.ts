import { AlteredError } from '../storage/sealing/altered.ts';

/** Why a receiver has not got a message. Its message is for admins; it has no words of the receiver's. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** No further attempt would help. */
  readonly isFinal: boolean;
  /** The receiver wants to be left alone so long, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { readonly isFinal?: boolean; readonly retryAfterMs?: number } = {}) {
    super(message);
    this.isFinal = options.isFinal ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What may be said of any error on the way to a receiver: a code or a name, never a text that the receiver chose. */
export function toDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  if (!(error instanceof Error)) return new DeliveryError('failed');
  if (error instanceof AlteredError) return new DeliveryError('its notifier was altered in the database');
  if (error.name === 'TimeoutError') return new DeliveryError('no answer in time');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return new DeliveryError(`failed with ${code}`);
}
