import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  Http2ServerResponse,
  type SecureServerOptions,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Tls } from '../../program/transport.ts';
import { endUnused, type SessionTimes } from './session.ts';

/** What the listener is told. */
export interface ListenerOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** PEM texts; without them the listener speaks plain HTTP/1.1. */
  readonly tls: Tls | undefined;
  /** PEM roots of client certificates, for which callers are then asked; nobody needs to have one. */
  readonly clientCa?: string | undefined;
  /** Further ones are closed at once. */
  readonly maxConnections: number;
}

/** A listening server. */
export interface Listener {
  readonly port: number;
  /** Takes no new connections, and ends each kept one after the answer that it carries. */
  stop(): void;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Takes a request; must not throw. */
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Takes a request for an upgrade to WebSocket; must not throw. */
type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Room for a 16 KiB token beside the other headers. */
const MAX_HEADER_BYTES = 32 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
/** Above the 60 s that load balancers commonly keep idle connections, so that they close first, not we. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const MAX_STREAMS_PER_CONNECTION = 256;
/** Until a peer that says nothing is asked for a sign of life by TCP itself. */
const TCP_KEEP_ALIVE_MS = 30_000;
const SESSION_TIMES: SessionTimes = {
  firstMs: HEADERS_TIMEOUT_MS,
  idleMs: KEEP_ALIVE_TIMEOUT_MS,
  // An agent may let the rest of an answer wait for a tool that it runs.
  unreadMs: 600_000,
  pingMs: 30_000,
  pongMs: 30_000,
};
/** From an answer until the end of the request that it answers. */
const UNREAD_MS = 2_000;

/** Starts to listen: HTTP/1.1, and with TLS h2 as well. TCP_NODELAY is on in both. */
export async function listen(
  options: ListenerOptions,
  handler: Handler,
  onUpgrade: UpgradeHandler,
): Promise<Listener> {
  const onRequest: Handler = (request, response) => {
    endUnread(request, response);
    endWithConnection(request, response);
    handler(request, response);
  };
  const server =
    options.tls === undefined
      ? plainServer(onRequest)
      : secureServer(options.tls, options.clientCa, onRequest);
  server.maxConnections = options.maxConnections;
  server.on('upgrade', onUpgrade);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  let closed: Promise<void> | undefined;
  const stop = () => {
    closed ??= new Promise((resolve) => server.close(() => resolve()));
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  };
  return {
    port: (server.address() as AddressInfo).port,
    stop,
    close: async () => {
      stop();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Ends what was answered before it was whole, where the rest does not come at once: nobody reads it, nor limits it. */
function endUnread(request: IncomingMessage, response: ServerResponse): void {
  const stream = response instanceof Http2ServerResponse ? response.stream : undefined;
  // The response of node:http2 says so only when its stream is closed.
  (stream ?? response).once('finish', () => {
    if (request.complete) return;
    setTimeout(() => {
      if (request.complete) return;
      if (stream === undefined) request.socket.destroy();
      else stream.close(constants.NGHTTP2_NO_ERROR);
    }, UNREAD_MS).unref();
  });
}

/**
 * An answer that waits until those to earlier requests of its connection are over hears of that connection's end from node:http,
 * but not where an upgrade or a tunnel was asked for behind it.
 */
function endWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  if (response.socket !== null) return;
  const end = () => response.destroy();
  // Of one connection there may be many.
  socket.setMaxListeners(0).once('close', end);
  response.once('close', () => socket.off('close', end));
}

/** What asks for another protocol (h2c, as some clients always do) is answered as the plain request that it is as well. */
function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** With TLS as well as without; the times are of HTTP/1.1 alone. */
const COMMON_OPTIONS: ServerOptions = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: HEADERS_TIMEOUT_MS,
  // Bodies have their own limit, and a held request may take long.
  requestTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  shouldUpgradeCallback: isWebSocket,
};

function plainServer(handler: Handler): Server {
  return createServer(COMMON_OPTIONS, handler);
}

function secureServer(tls: Tls, clientCa: string | undefined, handler: Handler): Http2SecureServer {
  const settings = { maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION, maxHeaderListSize: MAX_HEADER_BYTES };
  const options: SecureServerOptions = {
    ...COMMON_OPTIONS,
    ...tls,
    // Whether a certificate counts is asked where a token is bound to it: probes and bearers of other tokens have none.
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
    allowHTTP1: true,
    minVersion: 'TLSv1.2',
    handshakeTimeout: HEADERS_TIMEOUT_MS,
    settings,
  };
  const server = createSecureServer(options);
  // Of node:http's options this is one that node:http2 does not take.
  Object.assign(server, { shouldUpgradeCallback: isWebSocket });
  endUnused(server, SESSION_TIMES);
  // The compatibility API of node:http2 hands over objects that follow node:http's.
  server.on('request', (request, response) => {
    handler(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  return server;
}
