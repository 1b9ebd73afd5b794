import type { Interceptor, Transport } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { Http2Sessions } from '../../program/http2-sessions.ts';
import { CommandFailure, EXIT } from '../failure.ts';

/** A message is a record with its payload of 64 MiB at the largest; the default of 4 GiB is no limit. */
const READ_MAX_BYTES = 65 * 1024 * 1024;
/** Streams live as long as their reader; everything else answers within this. */
const UNARY_TIMEOUT_MS = 30_000;
/** Finds out that a connection behind a proxy is dead (connect-es issue 463). */
const PING_INTERVAL_MS = 20_000;

/** A connection to a control plane. */
export interface Connection {
  readonly transport: Transport;
  /** Ends what is still open, so that the process can end. */
  close(): void;
}

/** Opens no socket yet. `token` is asked before every call; `ca` is a certificate authority in PEM. */
export function connect(options: {
  readonly url: string;
  readonly ca: string | undefined;
  readonly token: () => Promise<string> | undefined;
  /** Ends every call that has no signal of its own. */
  readonly signal: AbortSignal;
}): Connection {
  const interceptors = [authorize(options.token)];
  const closed = new AbortController();
  const signal = AbortSignal.any([options.signal, closed.signal]);
  const common = {
    baseUrl: options.url,
    interceptors,
    readMaxBytes: READ_MAX_BYTES,
  };
  if (options.url.startsWith('http:')) {
    return {
      transport: withDefaults(createConnectTransport({ ...common, httpVersion: '1.1' }), signal),
      close: () => closed.abort(),
    };
  }
  const sessionManager = new Http2Sessions(
    options.url,
    { pingIntervalMs: PING_INTERVAL_MS },
    options.ca === undefined ? {} : { ca: options.ca },
  );
  return {
    transport: withDefaults(createConnectTransport({ ...common, httpVersion: '2', sessionManager }), signal),
    close: () => {
      closed.abort();
      sessionManager.abort();
    },
  };
}

/** Connect's own default timeout would cover streams too, from their first to their last message. */
function withDefaults(transport: Transport, signal: AbortSignal): Transport {
  return {
    unary: (method, given, timeoutMs, header, input, contextValues) =>
      transport.unary(method, given ?? signal, timeoutMs ?? UNARY_TIMEOUT_MS, header, input, contextValues),
    stream: (method, given, timeoutMs, header, input, contextValues) =>
      transport.stream(method, given ?? signal, timeoutMs, header, input, contextValues),
  };
}

function authorize(token: () => Promise<string> | undefined): Interceptor {
  return (next) => async (request) => {
    const pending = token();
    if (pending !== undefined) {
      const value = await pending;
      if (value === '') throw unusableToken('the token is empty');
      // A header would otherwise fail with words that repeat the token.
      if (!/^[\x21-\x7e]+$/.test(value)) throw unusableToken('the token holds characters that no token has');
      request.header.set('authorization', `Bearer ${value}`);
    }
    return next(request);
  };
}

function unusableToken(message: string): CommandFailure {
  const hint = 'check --token and SWORN_TOKEN';
  return new CommandFailure(message, { exitCode: EXIT.unauthenticated, code: 'unauthenticated', hint });
}
