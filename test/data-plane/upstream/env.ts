import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type UpstreamGrant, UpstreamGrantSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { Authentication, type UpstreamSpecSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { UpstreamAnswer } from '../../../data-plane/upstream/answer.ts';
import { type Attempt, Upstreams, type UpstreamsOptions } from '../../../data-plane/upstream/call.ts';
import type { UpstreamRequest } from '../../../data-plane/upstream/upstream.ts';

/** A key that no test may see in an error. */
export const KEY = 'sk-upstream-test-7f3a';

/** A listening server that ends with all of its connections. */
export interface Listening {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** Listens on loopback. */
export async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A plain or TLS server that first reads each request whole. */
export function serveHttp(
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
  tls?: ServerOptions,
): Promise<Listening> {
  const listener: RequestListener = async (request, response) => {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request) pieces.push(piece as Buffer);
    } catch {
      return;
    }
    answer(request, response, Buffer.concat(pieces));
  };
  return listen(tls === undefined ? createServer(listener) : createTlsServer(tls, listener));
}

/** A proxy that opens tunnels, and what was asked of it. */
export async function serveProxy(credential?: string): Promise<Listening & { readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((_request, response) => response.writeHead(400).end());
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? '');
    const wanted = credential && `Basic ${Buffer.from(credential).toString('base64')}`;
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const url = new URL(`http://${request.url}`);
    const onward = connect(Number(url.port), url.hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return Object.assign(await listen(server), { asked });
}

/** A grant by bearer key. */
export function grantOf(
  id: string,
  baseUrl: string,
  spec: MessageInitShape<typeof UpstreamSpecSchema> = {},
  secrets: Omit<MessageInitShape<typeof UpstreamGrantSchema>, 'spec' | 'name' | '$typeName'> = {},
): UpstreamGrant {
  return create(UpstreamGrantSchema, {
    name: `upstreams/${id}`,
    credential: KEY,
    ...secrets,
    spec: { baseUrl, authentication: Authentication.BEARER, ...spec },
  });
}

/** Longer than anything takes on a busy machine; what tests time out has its own. */
const LONG_MS = 60_000;
const LIMITS = {
  connectTimeoutMs: LONG_MS,
  headersTimeoutMs: LONG_MS,
  idleTimeoutMs: LONG_MS,
  maxConnections: 64,
};

/** The upstreams of a test, in the order in which they are tried. */
export class TestUpstreams {
  readonly upstreams: Upstreams;
  grants: UpstreamGrant[];
  tried = '';
  before: readonly Attempt[] = [];

  constructor(
    grants: UpstreamGrant[],
    options: Partial<Omit<UpstreamsOptions, 'limits'>> & {
      limits?: Partial<UpstreamsOptions['limits']>;
    } = {},
  ) {
    this.grants = grants;
    this.upstreams = new Upstreams({
      region: '',
      workloadIdentityFile: undefined,
      ...options,
      limits: { ...LIMITS, ...options.limits },
    });
    this.upstreams.apply(grants);
  }

  /** Asks the first that takes it. */
  call(request: Partial<UpstreamRequest> = {}, bound = false): Promise<UpstreamAnswer> {
    const allowed = this.grants.map(({ name }) => name.replace('upstreams/', ''));
    const plan = this.upstreams.plan(this.grants, { allowed, model: '' }, { bound, ids: [] });
    const whole: UpstreamRequest = {
      method: 'POST',
      path: '/responses',
      body: Buffer.from('{"input":"hello"}'),
      accept: 'application/json',
      signal: new AbortController().signal,
      ...request,
    };
    return this.upstreams.call(this.grants, plan, whole.signal, ({ name }, before) => {
      this.tried = name;
      this.before = before;
      return whole;
    });
  }

  close(): Promise<void> {
    return this.upstreams.close();
  }
}

/** The whole body as text. */
export async function textOf(answer: UpstreamAnswer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** What a call failed with. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<Error & { code?: string; untouched?: boolean }> {
  return call.then(
    () => new Error('it was answered'),
    (error: Error) => error,
  );
}
