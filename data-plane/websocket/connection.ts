import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { Target } from '#core/provider/openai/request/target.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Revoking, requireTrusted } from '../authenticate/revocation.ts';
import { authenticateToken } from '../authenticate/token.ts';
import { currentSnapshot } from '../control/current.ts';
import type { Arrivals } from '../listener/arrivals.ts';
import type { Parts } from '../parts.ts';
import type { CallerSocket, Incoming } from './caller-socket.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** What all connections share. */
export interface Surroundings {
  readonly parts: Parts;
  readonly arrivals: Arrivals;
  readonly revoking: Revoking;
  readonly logger: Logger;
  /** Milliseconds without a message in either direction after which a connection is closed. */
  readonly idleMs: number;
  /** Aborts when the plane stops. */
  readonly stopping: AbortSignal;
}

/** A caller's connection that was let in. */
export interface Connection {
  readonly surroundings: Surroundings;
  /** By which it began. */
  readonly request: IncomingMessage;
  readonly target: Target;
  /** Who opened it. */
  readonly caller: Caller;
  /** Who is behind it is asked anew for each message: a token ends, and an issuer may be taken away. */
  readonly token: string;
  readonly socket: CallerSocket;
  readonly link: UpstreamLink;
  /** Of the first exchange; `sessions/{id}`. */
  session: string | undefined;
}

/** Why a connection is to be closed: a code of RFC 6455 section 7.4, and a word. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const SERVICE_RESTART = 1012;
const TRY_AGAIN_LATER = 1013;
const BAD_GATEWAY = 1014;
/** Those of a provider that mean the same here; 4000 and above are the application's own. */
const PASSED_CODES = new Set([1000, 1001, 1008, 1009, 1011, 1012, 1013]);

/** Between two looks at whether the token of a connection still holds, in milliseconds. */
const TOKEN_CHECK_MS = 30_000;

/** Faults of a token, and of whoever bears it. */
const TOKEN_FAULTS = new Set([
  'missing_token',
  'invalid_token',
  'expired_token',
  'wrong_audience',
  'untrusted_issuer',
  'groups_missing',
  'unbound_token',
  'revoked',
]);

/**
 * The caller whom the token of a connection proves now. What the token is bound to was proved when the connection began.
 * Throws as authenticateToken does, and as requireTrusted.
 */
export async function authenticateConnection({ surroundings, token }: Connection): Promise<Caller> {
  const { authentication, control } = surroundings.parts;
  const { issuers } = currentSnapshot(control);
  const { caller } = await authenticateToken(authentication.authenticator, token, issuers);
  requireTrusted(currentSnapshot(control), { caller });
  return caller;
}

/** Whether an error ends the connection as well, and how. */
export function closingOf(error: unknown, { link }: Connection): Closing | undefined {
  if (!(error instanceof GatewayError)) return undefined;
  if (TOKEN_FAULTS.has(error.code) || error.code === 'body_timeout')
    return { code: POLICY_VIOLATION, reason: error.code };
  // What came of a message that is not whole is given up with its connection.
  if (error.code === 'too_much_under_way') return { code: TRY_AGAIN_LATER, reason: error.code };
  if (error.code === 'draining') return { code: SERVICE_RESTART, reason: error.code };
  if (error.code === 'upstream_disconnected') return upstreamClosing(link.closeCode);
  return undefined;
}

/** How a caller's connection ends when the provider has ended its own. */
export function upstreamClosing(code: number | undefined): Closing {
  const isPassed = code !== undefined && (PASSED_CODES.has(code) || (code >= 4000 && code < 5000));
  return { code: isPassed ? code : BAD_GATEWAY, reason: 'upstream_disconnected' };
}

/**
 * The next message, or why there is none to wait for: the connection is idle for too long, the plane stops, the provider
 * has gone, the token does not hold any more. Undefined when the caller is gone.
 *
 * @param ending aborts, with a Closing, when the connection is to end for another reason
 */
export async function nextMessage(
  connection: Connection,
  ending?: AbortSignal,
): Promise<Incoming | Closing | undefined> {
  const { surroundings, socket, link } = connection;
  // Refusals are small, but there may be one for each message.
  await socket.room();
  socket.handOver();
  const end = new AbortController();
  const close = (code: number, reason: string) => end.abort({ code, reason } satisfies Closing);
  const onStop = () => close(SERVICE_RESTART, 'draining');
  const timers = [
    setTimeout(() => close(GOING_AWAY, 'idle'), surroundings.idleMs),
    setInterval(() => checkToken(connection, close), TOKEN_CHECK_MS),
  ];
  const over = ending ?? link.socket?.over;
  const onOver = () => end.abort(ending?.reason ?? upstreamClosing(link.closeCode));
  if (over?.aborted) onOver();
  over?.addEventListener('abort', onOver);
  if (surroundings.stopping.aborted) onStop();
  surroundings.stopping.addEventListener('abort', onStop);
  try {
    return await socket.take(end.signal);
  } catch (reason) {
    if (end.signal.aborted) return end.signal.reason as Closing;
    throw reason;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    surroundings.stopping.removeEventListener('abort', onStop);
    over?.removeEventListener('abort', onOver);
  }
}

function checkToken(connection: Connection, close: (code: number, reason: string) => void): void {
  authenticateConnection(connection).catch((error: unknown) => {
    const closing = closingOf(error, connection);
    if (closing !== undefined) close(closing.code, closing.reason);
  });
}
