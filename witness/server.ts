import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '#core/settings/parse.ts';
import type { Tls } from '../program/transport.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const MAX_CONNECTIONS = 1_000;
/** 63 lines of proof and a checkpoint with many signatures. */
const MAX_BODY_BYTES = 64 * 1024;

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A listening server. */
export interface Server {
  /** `http://127.0.0.1:8470`, with the port that it has. */
  readonly url: string;
  /** Takes nothing new, waits at most this long for what runs. */
  close(deadlineMs: number): Promise<void>;
}

/** Listens. A `handle` that rejects makes the answer 500. Throws the system's error where the address cannot be had. */
export async function startServer(
  listen: ListenAddress,
  tls: Tls | undefined,
  handle: (method: string, path: string, body: Uint8Array) => Promise<Answer>,
): Promise<Server> {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, handle)
      .then(({ status, headers, body }) => {
        // What was not read of the request is not to be taken for the next one.
        if (!request.complete) response.setHeader('connection', 'close');
        response.writeHead(status, { 'cache-control': 'no-store', ...headers }).end(body);
      })
      .catch(() => response.destroy());
  };
  const options = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  };
  const server =
    tls === undefined
      ? createHttpServer(options, onRequest)
      : createHttpsServer({ ...options, ...tls, minVersion: 'TLSv1.2' }, onRequest);
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(listen.port, listen.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    async close(deadlineMs) {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function answer(
  request: IncomingMessage,
  handle: (method: string, path: string, body: Uint8Array) => Promise<Answer>,
): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return { status: 413, headers: {}, body: 'the request is too large\n' };
    chunks.push(chunk);
  }
  return await handle(request.method ?? '', request.url ?? '', Buffer.concat(chunks));
}
