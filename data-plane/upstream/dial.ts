import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { GatewayError } from '#core/provider/openai/error.ts';
import { readRequestId } from './answer.ts';
import { ConnectFailure } from './connect.ts';
import { Inbox } from './inbox.ts';

/** What a client of WebSockets or of node:http takes to open a connection. */
export interface DialOptions {
  /** `wss:`, or `ws:` where the upstream is plain HTTP. */
  readonly url: URL;
  /** Credential, organisation, project and fixed headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of those what no caller may see. */
  readonly credentials: readonly string[];
  /** Both of this upstream. */
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Opens the connection, TLS included, with authorities, client certificate and proxy; as http.request takes it. */
  readonly createConnection: (
    options: unknown,
    onCreate: (error: Error | null, socket?: Duplex) => void,
  ) => undefined;
  /** Bytes in one message. */
  readonly maxMessageBytes: number;
}

/** An answer to the handshake that is no upgrade. */
export interface DialRefusal {
  readonly status: number;
  /** JSON, or empty: nothing else can be masked. */
  readonly body: Uint8Array;
  /** What the handshake was made with that no caller may see. */
  readonly credentials: readonly string[];
}

/** A connection to a provider. */
export interface UpstreamSocket {
  /** The provider's request id for the handshake. */
  readonly requestId: string;
  /** What the handshake was made with that no caller may see, should a message quote it. */
  readonly credentials: readonly string[];
  /**
   * Sends a text message; resolves when the network has taken it. A provider that does not take it within the idle time, or
   * before the signal aborts, is cut off: nothing could follow half a message. Throws the signal's reason, or GatewayError
   * `upstream_disconnected` or `upstream_timeout`.
   */
  send(message: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * The next message. Throws the signal's reason, or GatewayError `upstream_disconnected`, `upstream_timeout` or
   * `upstream_unreadable`.
   *
   * @param waits an answer is due: then the idle time counts
   */
  take(signal: AbortSignal, waits: boolean): Promise<string>;
  /** What has come so far. */
  readonly cameBytes: number;
  /** Throws away what has come and was not taken. */
  drop(): void;
  /** The close code, once the provider has ended the connection; 1006 when it broke. */
  readonly closeCode: number | undefined;
  /** Aborts when the connection is over. */
  readonly over: AbortSignal;
  close(): void;
}

const MAX_REFUSAL_BYTES = 64 * 1024;
const WAITING_MESSAGES = 64;
const WAITING_BYTES = 4 * 1024 * 1024;
/** A close that is not answered by then is a cut. */
const CLOSE_MS = 2_000;

/**
 * Opens a WebSocket to a provider. Resolves with the connection, or with the provider's answer that is none.
 * Throws the signal's reason, GatewayError `upstream_timeout`, or ConnectFailure: nothing of a caller is in a handshake.
 */
export function dial(options: DialOptions, signal: AbortSignal): Promise<UpstreamSocket | DialRefusal> {
  return new Promise((resolve, reject) => {
    // Of the whole handshake, a refusal with its body: a limit on silence would let it come byte by byte.
    let handshake: NodeJS.Timeout | undefined;
    const socket = new WebSocket(options.url, {
      headers: { ...options.headers },
      maxPayload: options.maxMessageBytes,
      perMessageDeflate: false,
      followRedirects: false,
      createConnection: ((asked, onCreate) =>
        options.createConnection(asked, (error, connection) => {
          handshake = setTimeout(onLate, options.connectTimeoutMs).unref();
          onCreate(error, connection);
        })) satisfies DialOptions['createConnection'] as never,
    });
    let requestId = '';
    const giveUp = (reason: unknown) => {
      settle(() => reject(reason));
      socket.terminate();
    };
    const onAbort = () => giveUp(signal.reason);
    const onLate = () => giveUp(late());
    const settle = (finish: () => void) => {
      clearTimeout(handshake);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    socket.on('upgrade', ({ headers }) => {
      requestId = readRequestId(headers);
    });
    socket.on('unexpected-response', (_request, response) => {
      readRefusal(response).then(
        (refusal) => settle(() => resolve({ ...refusal, credentials: options.credentials })),
        (cause) => settle(() => reject(broken(cause))),
      );
    });
    socket.on('open', () => settle(() => resolve(new Connection(socket, requestId, options))));
    socket.on('error', (cause) => settle(() => reject(broken(cause))));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}

/** True for an answer to the handshake that is no upgrade. */
export function isRefusal(dialled: UpstreamSocket | DialRefusal): dialled is DialRefusal {
  return 'status' in dialled;
}

class Connection implements UpstreamSocket {
  readonly requestId: string;
  readonly credentials: readonly string[];
  closeCode: number | undefined;
  cameBytes = 0;
  readonly #socket: WebSocket;
  readonly #idleTimeoutMs: number;
  readonly #inbox: Inbox<string | GatewayError>;
  readonly #over = new AbortController();

  constructor(socket: WebSocket, requestId: string, { credentials, idleTimeoutMs }: DialOptions) {
    this.requestId = requestId;
    this.credentials = credentials;
    this.#socket = socket;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#inbox = new Inbox(socket, { messages: WAITING_MESSAGES, bytes: WAITING_BYTES });
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      this.cameBytes += bytes.length;
      this.#inbox.put(isBinary ? unreadable() : bytes.toString('utf8'), bytes.length);
    });
    socket.on('error', (cause) => {
      // A message that is too large, is no UTF-8 or breaks the protocol.
      if ((cause as NodeJS.ErrnoException).code?.startsWith('WS_ERR_')) this.#inbox.put(unreadable(cause), 0);
    });
    socket.on('close', (code) => {
      this.closeCode = code;
      this.#inbox.end();
      this.#over.abort();
    });
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  async send(message: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise: sent, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (reason: unknown) => {
      reject(reason);
      this.#socket.terminate();
    };
    const onAbort = () => giveUp(signal.reason);
    const timer = setTimeout(() => giveUp(late()), this.#idleTimeoutMs);
    signal.addEventListener('abort', onAbort);
    this.#socket.send(message, { binary: false }, (cause) => {
      if (cause) reject(disconnected(cause));
      else resolve();
    });
    try {
      await sent;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async take(signal: AbortSignal, waits: boolean): Promise<string> {
    const silence = new AbortController();
    const timer = waits ? setTimeout(() => silence.abort(late()), this.#idleTimeoutMs) : undefined;
    try {
      const next = await this.#inbox.take(AbortSignal.any([signal, silence.signal]));
      if (next === undefined) throw disconnected();
      if (typeof next !== 'string') throw next;
      return next;
    } finally {
      clearTimeout(timer);
    }
  }

  drop(): void {
    this.#inbox.drop();
  }

  close(): void {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    // What a provider says yet is nobody's, and must not keep the connection from ending.
    this.#inbox.end();
    this.#socket.resume();
    this.#socket.close(1000);
    setTimeout(() => this.#socket.terminate(), CLOSE_MS).unref();
  }
}

async function readRefusal(response: IncomingMessage): Promise<Omit<DialRefusal, 'credentials'>> {
  const status = response.statusCode ?? 0;
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(response.headers['content-type'] ?? '');
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response) {
    size += piece.length;
    if (!isJson || size > MAX_REFUSAL_BYTES) break;
    pieces.push(piece);
  }
  response.destroy();
  return { status, body: size > MAX_REFUSAL_BYTES ? new Uint8Array() : Buffer.concat(pieces) };
}

function broken(cause: unknown): ConnectFailure {
  return cause instanceof ConnectFailure ? cause : new ConnectFailure('its WebSocket handshake broke', cause);
}

function late(cause?: unknown): GatewayError {
  return new GatewayError('upstream_timeout', 'The provider did not answer in time.', { cause });
}

function disconnected(cause?: unknown): GatewayError {
  return new GatewayError('upstream_disconnected', 'The connection to the provider broke.', { cause });
}

function unreadable(cause?: unknown): GatewayError {
  return new GatewayError('upstream_unreadable', 'A message of the provider cannot be read.', { cause });
}
