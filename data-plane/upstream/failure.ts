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

/**
 * With TLS 1.3 a server refuses a client's certificate only after the client believes that the connection is open (RFC 8446
 * section 4.4.2.4); what was sent by then is never read. Alerts by their names in OpenSSL.
 */
const REFUSED_CERTIFICATE =
  /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|UNSUPPORTED_CERTIFICATE|HANDSHAKE_FAILURE|ACCESS_DENIED)$/;

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
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (REFUSED_CERTIFICATE.test(code)) return unreachable("it does not take this plane's client certificate");
  if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
    return new UpstreamError('upstream_timeout', `The upstream ${id} did not answer in time.`, { cause });
  }
  return new UpstreamError('upstream_disconnected', `The connection to the upstream ${id} broke.`, { cause });
}
