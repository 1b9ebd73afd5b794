import { errors } from 'undici';
import { type ErrorCode, GatewayError } from '#core/provider/openai/error.ts';
import { ConnectFailure } from './connect.ts';
import { GateFull } from './gate.ts';
import { TokenFailure } from './token.ts';

/** A call that brought no answer. */
export class UpstreamError extends GatewayError {
  override readonly name = 'UpstreamError';
  /** The upstream has not acted on the request: it was not sent, or was turned away before it was read. */
  readonly untouched: boolean;

  constructor(code: ErrorCode, message: string, options: { cause: unknown; untouched?: boolean }) {
    super(code, message, options);
    this.untouched = options.untouched ?? false;
  }
}

/** What went wrong with a call to an upstream, for the caller: names the upstream, quotes neither secret nor content. */
export function explainFailure(name: string, cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  const id = name.replace(/^upstreams\//, '');
  const unreachable = (reason: string) =>
    new UpstreamError('upstream_unreachable', `The upstream ${id} cannot be reached: ${reason}.`, {
      cause,
      untouched: true,
    });
  if (cause instanceof ConnectFailure) return unreachable(cause.reason);
  if (cause instanceof TokenFailure) return unreachable(cause.message);
  if (cause instanceof GateFull) {
    const message = `The upstream ${id} has as many requests as it may have; try again.`;
    return new UpstreamError('upstream_busy', message, { cause, untouched: true });
  }
  // Who waited for a place until the connections of an older configuration were closed has sent nothing.
  if (cause instanceof errors.ClientClosedError) return unreachable('its configuration has changed');
  if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
    return new UpstreamError('upstream_timeout', `The upstream ${id} did not answer in time.`, { cause });
  }
  return new UpstreamError('upstream_disconnected', `The connection to the upstream ${id} broke.`, { cause });
}
