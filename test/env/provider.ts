import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** A request as the provider saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** How the provider takes a request for an upgrade; it owns the socket. */
export type UpgradeBehaviour = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** How the provider answers one request; it owns the response. */
export type Behaviour = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/**
 * A scripted provider behind real HTTP. It remembers what it saw, which is how a test proves that nothing
 * went upstream, and answers with whatever behaviour is set.
 */
export interface Provider {
  /** `http://127.0.0.1:port/v1`. */
  readonly baseUrl: string;
  /** Everything that reached it, oldest first. */
  readonly seen: SeenRequest[];
  /** The behaviour from now on. */
  behave(behaviour: Behaviour): void;
  /** What becomes of requests for an upgrade from now on; they are cut off before. */
  upgrade(behaviour: UpgradeBehaviour): void;
  /** Resolves when it has seen so many requests. */
  untilSeen(count: number): Promise<void>;
  close(): Promise<void>;
}

/** The key that the provider expects; nothing else may carry it. */
export const PROVIDER_KEY = 'sk-canary-0f4b2c';

/** Starts a provider that answers 404 until it is told how to behave. */
export async function startProvider(): Promise<Provider> {
  const seen: SeenRequest[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let behaviour: Behaviour = (_request, response) => {
    response.writeHead(404).end();
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const entry = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
    seen.push(entry);
    for (const waiter of waiting) if (seen.length >= waiter.count) waiter.resolve();
    if (headers.authorization !== `Bearer ${PROVIDER_KEY}`) {
      sendJson(response, 401, { error: { message: 'Incorrect API key', type: 'invalid_request_error' } });
      return;
    }
    await behaviour(entry, response);
  });
  let onUpgrade: UpgradeBehaviour = (_request, socket) => socket.destroy();
  server.on('upgrade', (request, socket, head) => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, path: url, headers, body: '' });
    for (const waiter of waiting) if (seen.length >= waiter.count) waiter.resolve();
    if (headers.authorization === `Bearer ${PROVIDER_KEY}`) onUpgrade(request, socket, head);
    else socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    seen,
    behave: (next) => {
      behaviour = next;
    },
    upgrade: (next) => {
      onUpgrade = next;
    },
    untilSeen: (count) =>
      new Promise((resolve) => {
        if (seen.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-request-id': 'req_provider',
    ...headers,
  });
  response.end(JSON.stringify(body));
}
