import { WebSocket, WebSocketServer } from 'ws';
import type { Env } from './env.ts';
import type { Provider } from './provider.ts';

/** One end of a WebSocket, whose messages are taken one after the other. */
export interface End {
  readonly socket: WebSocket;
  /** Sends an event. */
  send(event: object): void;
  /** The next message as an event; rejects when the connection closes instead. */
  next(): Promise<SocketEvent>;
  /** The messages up to the first of this type, it included. */
  until(type: string): Promise<SocketEvent[]>;
  /** The close code, once it is closed. */
  readonly closed: Promise<number>;
}

/** An event of the API. */
export interface SocketEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What came so far and is not taken yet, of a socket. */
function endOf(socket: WebSocket): End {
  const events: SocketEvent[] = [];
  let wake: (() => void) | undefined;
  let code: number | undefined;
  socket.on('message', (data) => {
    events.push(JSON.parse(String(data)));
    wake?.();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (with_) => {
      code = with_;
      wake?.();
      resolve(with_);
    });
  });
  const next = async () => {
    while (events.length === 0) {
      if (code !== undefined) throw new Error(`closed with ${code}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return events.shift() as SocketEvent;
  };
  return {
    socket,
    closed,
    next,
    send: (event) => socket.send(JSON.stringify(event)),
    until: async (type) => {
      const taken: SocketEvent[] = [];
      do taken.push(await next());
      while (taken.at(-1)?.type !== type);
      return taken;
    },
  };
}

/** How a caller connects. */
export interface CallerWish {
  readonly user?: string;
  readonly groups?: string[];
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly protocols?: string[];
}

/** A caller's connection to the plane. Rejects with the status and body of a refusal. */
export async function connectTo(env: Env, path: string, wish: CallerWish = {}): Promise<End> {
  const { user = 'clinician', groups = [] } = wish;
  const token = 'token' in wish ? wish.token : await env.stack.token({ user, groups });
  const socket = new WebSocket(
    `${env.stack.dataPlaneUrl.replace('http', 'ws')}${path}`,
    wish.protocols ?? [],
    {
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...wish.headers,
      },
      perMessageDeflate: false,
    },
  );
  const end = endOf(socket);
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
    socket.on('unexpected-response', async (_request, response) => {
      let body = '';
      for await (const piece of response) body += piece;
      const parsed = body === '' ? undefined : JSON.parse(body).error;
      reject(new RefusedError(response.statusCode ?? 0, parsed?.code, response.headers));
    });
  });
  return end;
}

/** A handshake that was answered with something else than an upgrade. */
export class RefusedError extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly id: string;

  constructor(status: number, code: string | undefined, headers: { [name: string]: unknown }) {
    super(`refused with ${status} ${code}`);
    this.status = status;
    this.code = code;
    this.id = String(headers['x-request-id']);
  }
}

/** Lets a provider take WebSockets; `serve` gets each one that opens. */
export function takeSockets(provider: Provider, serve: (end: End) => void): void {
  const server = new WebSocketServer({ noServer: true });
  provider.upgrade((request, socket, head) => {
    server.handleUpgrade(request, socket, head, (webSocket) => serve(endOf(webSocket)));
  });
}
