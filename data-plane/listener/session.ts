import { constants, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** How long an HTTP/2 connection may be of no use. All in milliseconds. */
export interface SessionTimes {
  /** Until its first request is there, with all its headers. */
  readonly firstMs: number;
  /** Without a request that is under way. */
  readonly idleMs: number;
  /** With an answer that is whole, and of which its peer takes nothing. */
  readonly unreadMs: number;
  /** How often it is asked for a sign of life, and how long it has for it. */
  readonly pingMs: number;
  readonly pongMs: number;
}

/** For a peer that is told that its connection ends. */
const FAREWELL_MS = 1_000;

/**
 * Ends HTTP/2 connections that nobody uses, or whose peer is gone without a word: node:http2 keeps both for ever. One with a
 * request under way stays however quiet that is, as long as its peer answers pings (RFC 9113 section 6.7).
 */
export function endUnused(server: Http2SecureServer, times: SessionTimes): void {
  let begun: ServerHttp2Session | undefined;
  server.on('session', (session) => {
    begun = session;
  });
  // Node's own listener is before this one, and has begun the session, which hides its socket.
  server.on('secureConnection', (socket) => {
    if (begun !== undefined) watch(begun, socket, times);
    begun = undefined;
  });
}

/** The socket is cut, not the session destroyed: one that has been closed leaves its socket to a peer that may never end it. */
function watch(session: ServerHttp2Session, socket: Socket, times: SessionTimes): void {
  const cut = () => socket.destroy();
  const leave = () => {
    session.close();
    timer = setTimeout(cut, FAREWELL_MS);
  };
  let timer = setTimeout(leave, times.firstMs);
  let open = 0;
  session.on('stream', (stream) => {
    open += 1;
    clearTimeout(timer);
    stream.setTimeout(times.unreadMs, () => {
      if (stream.writableEnded) stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.once('close', () => {
      open -= 1;
      if (open === 0 && !socket.destroyed) timer = setTimeout(leave, times.idleMs);
    });
  });
  let pong: NodeJS.Timeout | undefined;
  const ping = setInterval(() => {
    if (session.destroyed) return;
    pong = setTimeout(cut, times.pongMs);
    session.ping(() => clearTimeout(pong));
  }, times.pingMs);
  socket.once('close', () => {
    for (const running of [timer, pong, ping]) clearTimeout(running);
  });
}
