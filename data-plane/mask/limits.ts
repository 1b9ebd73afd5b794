import { GatewayError } from '#core/provider/openai/error.ts';
import { STALLED_MS } from '../listener/answer.ts';
import { MAX_CONTENT_BYTES } from '../record/size.ts';

/** Limits on an answer. */
export interface DeliveryLimits {
  /** Bytes as they came and, with what a record of them takes, as they go out. */
  readonly maxBytes: number;
  /** Milliseconds. A caller that takes nothing of a stream for so long is gone, whatever its connection says. */
  readonly stalledMs: number;
}

export const LIMITS: DeliveryLimits = { maxBytes: MAX_CONTENT_BYTES, stalledMs: STALLED_MS };

/** The refusal of an answer that no record has room for. */
export function tooLarge(): GatewayError {
  return new GatewayError('upstream_unreadable', 'The answer is too large.');
}
