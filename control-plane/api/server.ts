import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { ListenAddress } from '#core/settings/parse.ts';
import type { Tls } from '../../program/transport.ts';

const HEADERS_TIMEOUT_MS = 10_000;
/** To receive a whole request; the largest record on a slow line is the longest, and may take as long as a call may. */
const REQUEST_TIMEOUT_MS = 600_000;
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const TCP_KEEP_ALIVE_MS = 30_000;
const MAX_CONNECTIONS = 10_000;
const MAX_STREAMS_PER_SESSION = 250;
/** How often an HTTP/2 connection is asked for a sign of life, and how long it has for it. */
const PING_INTERVAL_MS = 30_000;
const PING_TIMEOUT_MS = 10_000;

/** For HTTP/1.1, with TLS as well as without. */
const HTTP1_OPTIONS: ServerOptions = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
};

/** What the two servers of Node hand over. */
export type NodeServerRequest = IncomingMessage | Http2ServerRequest;
export type NodeServerResponse = ServerResponse | Http2ServerResponse;

/** A listening server. */
export interface Server {
  /** `http://127.0.0.1:8480`, with the port that it has. */
  readonly url: string;
  /**
   * Takes no new connections, lets running requests finish for at most this long, then cuts what is left.
   * @param beforeCut Called when the time is over and requests still run.
   */
  close(deadlineMs: number, beforeCut: () => void): Promise<void>;
}

/**
 * Listens: HTTP/2 and HTTP/1.1 over TLS, or HTTP/1.1 in plaintext (unary calls and server streams need no more).
 * Throws the system's error where the address cannot be had.
 */
export async function startServer(
  listen: ListenAddress,
  tls: Tls | undefined,
  handle: (request: NodeServerRequest, response: NodeServerResponse) => void,
): Promise<Server> {
  const running = new Set<NodeServerResponse>();
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  let onIdle = (): void => undefined;
  const onRequest = (request: NodeServerRequest, response: NodeServerResponse): void => {
    running.add(response);
    response.on('close', () => {
      running.delete(response);
      if (running.size === 0) onIdle();
    });
    // Without a listener a broken connection would end the process.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    response.on('finish', () => discardRest(request));
    handle(request, response);
  };
  const server =
    tls === undefined
      ? createHttpServer(HTTP1_OPTIONS, onRequest)
      : createSecureServer(
          {
            ...HTTP1_OPTIONS,
            ...tls,
            allowHTTP1: true,
            minVersion: 'TLSv1.2',
            handshakeTimeout: HEADERS_TIMEOUT_MS,
            settings: { maxConcurrentStreams: MAX_STREAMS_PER_SESSION },
          },
          onRequest,
        );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on('error', () => undefined).on('close', () => sessions.delete(session));
    keepAlive(session);
  });
  server.listen(listen.port, listen.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    async close(deadlineMs, beforeCut) {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const session of sessions) session.close();
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      await new Promise<void>((done) => {
        const timer = setTimeout(done, deadlineMs);
        onIdle = () => {
          clearTimeout(timer);
          done();
        };
        if (running.size === 0) onIdle();
      });
      if (running.size > 0) beforeCut();
      // What is answered by now still has to leave the sockets; the rest is cut.
      for (const socket of sockets) socket.end();
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, CUT_DELAY_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

/** Reads on what was answered before it was read whole: the next request of the connection comes after it. */
function discardRest(request: NodeServerRequest): void {
  if (request.complete || request.destroyed) return;
  let discardedBytes = 0;
  request.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length;
    if (discardedBytes > MAX_DISCARDED_BYTES) request.destroy();
  });
}

/** More than the largest request: who sends more than this in vain is cut off. */
const MAX_DISCARDED_BYTES = 128 * 1024 * 1024;
/** Between the end of the answers and the end of their connections. */
const CUT_DELAY_MS = 500;

/** Ends a session whose peer is gone without a word: such sessions would be kept for ever. */
function keepAlive(session: ServerHttp2Session): void {
  const timer = setInterval(() => {
    const timeout = setTimeout(() => session.destroy(), PING_TIMEOUT_MS);
    try {
      session.ping(() => clearTimeout(timeout));
    } catch {
      clearTimeout(timeout);
    }
  }, PING_INTERVAL_MS);
  session.on('close', () => clearInterval(timer));
}

/** Answers with a JSON document. */
export function sendJson(response: NodeServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  const text = `${JSON.stringify(body)}\n`;
  // The same methods twice: the two classes have no common type that can be called.
  if (response instanceof ServerResponse) response.writeHead(status, headers).end(text);
  else response.writeHead(status, headers).end(text);
}
