import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { headersOf, isCut, Recording } from './recording.ts';

/** A running replay. */
export interface Replay {
  /** For the client of the API: `http://127.0.0.1:PORT/SECRET/v1`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** How to replay. */
export interface ReplayOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** 1 is the original pace, 2 twice as fast, 0 at once. */
  readonly speed: number;
  /** Milliseconds between comments in a stream that waits; 10,000 when absent. */
  readonly heartbeatMs?: number;
  /** Is told of each request, and which exchange answers it. */
  onAnswer(request: string, exchange: Exchange | undefined): void;
}

/** Other users of the machine reach the port; the path they cannot guess. */
const SECRET_BYTES = 16;
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** What clients and proxies take for a dead connection is longer. */
const HEARTBEAT_MS = 10_000;

/**
 * Serves recorded answers to clients of the API: status, content type and every piece of the body as the caller got them,
 * at the original pace. What the caller waited for, they wait for, with comments in an event stream as Sworn sends them.
 */
export async function serveReplay(exchanges: readonly Exchange[], options: ReplayOptions): Promise<Replay> {
  const recording = new Recording(exchanges);
  const prefix = `/${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const stop = new AbortController();
  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const signal = AbortSignal.any([stop.signal, gone.signal]);
    answer(recording, prefix, request, response, options, signal).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}${prefix}/v1`,
    close: async () => {
      stop.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  recording: Recording,
  prefix: string,
  request: IncomingMessage,
  response: ServerResponse,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<void> {
  const { method = '', url = '' } = request;
  if (!url.startsWith(`${prefix}/`)) return refuse(response, 'this is not the base URL of the replay');
  const path = url.slice(prefix.length);
  const body = await readBody(request);
  if (body === undefined) return refuse(response, 'the body is too large');
  const exchange = recording.take({ method, path, body });
  options.onAnswer(`${method} ${path}`, exchange);
  if (exchange === undefined) return refuse(response, 'no recorded exchange answers this, or not once more');
  if (exchange.delivery === undefined) return refuse(response, `the answer of ${exchange.name} is not kept`);
  await give(exchange, response, options, signal);
}

async function give(
  exchange: Exchange,
  response: ServerResponse,
  { speed, heartbeatMs = HEARTBEAT_MS }: ReplayOptions,
  signal: AbortSignal,
): Promise<void> {
  const frames = exchange.delivery?.frames ?? [];
  const status = exchange.outcome?.httpStatus ?? 0;
  const headers = headersOf(exchange);
  const isStream = headers['content-type']?.startsWith('text/event-stream') === true;
  if (status === 0) return void response.destroy();
  if (isStream) response.writeHead(status, headers).flushHeaders();
  let offsetUs = 0n;
  for (const frame of frames) {
    const leftMs = speed === 0 ? 0 : Number(frame.offsetUs - offsetUs) / 1_000 / speed;
    await pause(leftMs, heartbeatMs, signal, () => {
      if (isStream) response.write(': replay\n\n');
    });
    offsetUs = frame.offsetUs;
    if (!response.headersSent) {
      const length = frames.reduce((sum, { data }) => sum + data.length, 0);
      response.writeHead(status, { ...headers, 'content-length': length });
    }
    if (!response.write(frame.data)) await once(response, 'drain', { signal });
  }
  if (!response.headersSent) response.writeHead(status, headers);
  if (!isCut(exchange)) return void response.end();
  // What is written is to arrive before the connection breaks.
  response.write('', () => response.destroy());
}

/** Waits, with a sign of life now and then. */
async function pause(
  forMs: number,
  heartbeatMs: number,
  signal: AbortSignal,
  onHeartbeat: () => void,
): Promise<void> {
  for (let leftMs = forMs; leftMs > 0; leftMs -= heartbeatMs) {
    await wait(Math.min(leftMs, heartbeatMs), undefined, { signal });
    if (leftMs > heartbeatMs) onHeartbeat();
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** In the shape that clients of the API take an error in; they do not try again. */
function refuse(response: ServerResponse, why: string): void {
  const error = {
    message: `Replay: ${why}.`,
    type: 'invalid_request_error',
    code: 'not_recorded',
    param: null,
  };
  response.writeHead(404, { 'content-type': 'application/json', 'x-should-retry': 'false' });
  response.end(JSON.stringify({ error }));
}
