import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Call } from './compare.ts';

/** What stands between the suite and a server. */
export interface Forwarder {
  /** Without `/v1`. */
  readonly baseUrl: string;
  /** What was sent, in order, and how it was answered. */
  readonly calls: readonly Call[];
  close(): Promise<void>;
}

/** The header of name-requests.cjs. */
const TEST_HEADER = 'x-test';
/** Of one connection; and what would compress bodies that are compared. */
const HOP_BY_HOP = new Set([
  'accept-encoding',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'host',
  TEST_HEADER,
]);

/**
 * Forwards what the suite sends to a server. The suite knows only literal keys: with `token` each call gets what that
 * gives instead. Bodies are taken in whole on both ways; the suite asks for no streams.
 */
export async function startForwarder(target: string, token?: () => Promise<string>): Promise<Forwarder> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    try {
      calls.push(await forward(request, response, target, token));
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    calls,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
  token: (() => Promise<string>) | undefined,
): Promise<Call> {
  const { method = '', url = '' } = request;
  const body = await buffer(request);
  const headers = passed(request.headers);
  if (token !== undefined) headers['authorization'] = `Bearer ${await token()}`;
  const answer = await ask(new URL(url, target), method, headers, body);
  const answerBody = await buffer(answer);
  const status = answer.statusCode ?? 0;
  response.writeHead(status, { ...passed(answer.headers), 'content-length': answerBody.length });
  response.end(answerBody);
  return {
    test: decodeURIComponent(String(request.headers[TEST_HEADER] ?? '')),
    method,
    path: url.split('?', 1)[0] ?? '',
    status,
    ...errorOf(status, answerBody),
    requestBody: body.toString('latin1'),
    answerBody: answerBody.toString('latin1'),
  };
}

function ask(
  url: URL,
  method: string,
  headers: Record<string, string | string[]>,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers }, resolve);
    request.once('error', reject);
    request.end(body);
  });
}

function passed(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name));
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function errorOf(status: number, body: Buffer): { code: string; message: string } {
  const none = { code: '', message: '' };
  if (status < 400) return none;
  try {
    const { error } = JSON.parse(body.toString('utf8'));
    return { code: String(error?.code ?? ''), message: String(error?.message ?? '') };
  } catch {
    return none;
  }
}
