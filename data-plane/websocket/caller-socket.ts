import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Hold } from '../budget/budget.ts';
import { STALLED_MS } from '../listener/answer.ts';
import { Inbox } from '../upstream/inbox.ts';

/** Messages of a caller that wait for those before them; further ones are not read from the network. */
const WAITING_MESSAGES = 32;
/** What the network has not taken yet, in bytes, beyond which a sender waits. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Between two pings, in milliseconds; who answers neither of two is gone. */
const ALIVE_MS = 20_000;
/** A close that is not answered by then is a cut. */
const CLOSE_MS = 2_000;
/** Header and mask of a caller's ping or pong: RFC 6455 sections 5.2 and 5.5. */
const CONTROL_FRAME_BYTES = 6;

/** Of a piece of a message that is not whole: what it takes beside its bytes, which may be few. */
const PIECE_BYTES = 512;

/** What came of a caller: a message, or why what they sent is none; `too much`: there is no room for it. */
export type Incoming =
  | { readonly kind: 'text'; readonly data: Uint8Array }
  | { readonly kind: 'binary'; readonly data: Uint8Array }
  | { readonly kind: 'too large' | 'too much' | 'late' | 'broken' };

/** How much of a caller is taken at a time, and how long a message may take. */
export interface CallerLimits {
  /** Bytes that wait. */
  readonly maxBytes: number;
  /** Milliseconds from the first byte of a message to its last. */
  readonly messageMs: number;
}

/** A caller's side of a connection. */
export class CallerSocket {
  readonly #socket: WebSocket;
  readonly #inbox: Inbox<Incoming>;
  readonly #ping: NodeJS.Timeout;
  readonly #gone = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #messageMs: number;
  /** What came, until it is handed over. */
  readonly #hold: Hold;
  #heard = true;
  /** Bytes that came and are not whole yet, and in how many pieces. */
  #unread = 0;
  #pieces = 0;
  /** Of messages that were taken, and are not handed over. */
  #taken = 0;
  /** Nothing more is read: there was no room for it. */
  #full = false;
  /** Runs while there are any. */
  #late: NodeJS.Timeout | undefined;
  #sent: Promise<void> = Promise.resolve();

  /**
   * @param raw what the messages come over
   * @param hold of the connection, which releases it when it is gone
   */
  constructor(socket: WebSocket, raw: Duplex, { maxBytes, messageMs }: CallerLimits, hold: Hold) {
    this.#socket = socket;
    this.#messageMs = messageMs;
    this.#hold = hold;
    this.#inbox = new Inbox(socket, { messages: WAITING_MESSAGES, bytes: maxBytes });
    // Before what reads the messages: one that is whole with these bytes has taken no time.
    raw.prependListener('data', (chunk: Buffer) => {
      this.#unread += chunk.length;
      this.#pieces += 1;
      this.#awaitRest();
      this.#count();
    });
    this.#ping = setInterval(() => this.#checkAlive(), ALIVE_MS);
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      this.#inbox.put(
        isBinary ? { kind: 'binary', data: bytes } : { kind: 'text', data: bytes },
        bytes.length,
      );
      this.#isWhole(this.#unread);
    });
    socket.on('pong', (data) => {
      this.#isWhole(CONTROL_FRAME_BYTES + data.length);
    });
    socket.on('ping', (data) => {
      this.#isWhole(CONTROL_FRAME_BYTES + data.length);
      // Who asks and does not listen gets no answers that would pile up.
      if (!this.closing && socket.bufferedAmount < HIGH_WATER_BYTES) socket.pong(data);
    });
    socket.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#inbox.put({ kind: 'too large' }, 0);
      else if (code?.startsWith('WS_ERR_')) this.#inbox.put({ kind: 'broken' }, 0);
    });
    socket.on('close', () => {
      clearInterval(this.#ping);
      clearTimeout(this.#late);
      this.#inbox.end();
      this.#hold.release();
      this.#gone.abort();
      this.#ended.resolve();
    });
  }

  /** Aborts when the connection is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Nothing more can be sent. */
  get closing(): boolean {
    return this.#socket.readyState !== this.#socket.OPEN;
  }

  /** The next that came; undefined when nothing comes any more. Throws the signal's reason. */
  async take(signal: AbortSignal): Promise<Incoming | undefined> {
    const message = await this.#inbox.take(signal);
    if (message !== undefined) this.#taken += sizeOf(message);
    return message;
  }

  /** Gives a message back, to be the next that is taken. */
  untake(message: Incoming): void {
    this.#taken -= sizeOf(message);
    this.#inbox.untake(message, sizeOf(message));
  }

  /** What was taken is in the memory of that from now on; without it, in none. */
  handOver(hold?: Hold): void {
    if (hold === undefined) this.#hold.give(this.#taken);
    else this.#hold.move(this.#taken, hold);
    this.#taken = 0;
  }

  /** Sends a text message; a promise when the caller has to catch up first, or to go. */
  send(message: Uint8Array): Promise<void> | undefined {
    if (this.closing) return undefined;
    const sent = new Promise<void>((resolve) => {
      this.#socket.send(message, { binary: false }, () => resolve());
    });
    this.#sent = sent;
    return this.#socket.bufferedAmount > HIGH_WATER_BYTES ? sent : undefined;
  }

  /** Resolves when what was sent is taken up to a little, or the connection is gone; who takes nothing for so long is cut off. */
  async room(): Promise<void> {
    if (this.#socket.bufferedAmount <= HIGH_WATER_BYTES) return;
    const timer = setTimeout(() => this.cut(), STALLED_MS);
    await Promise.race([this.#sent, this.#ended.promise]);
    clearTimeout(timer);
  }

  ping(): void {
    if (!this.closing) this.#socket.ping();
  }

  /** Ends the connection, as RFC 6455 section 7.4 has the codes. */
  close(code: number, reason: string): void {
    if (this.#socket.readyState === this.#socket.CLOSED) return;
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), CLOSE_MS).unref();
  }

  cut(): void {
    this.#socket.terminate();
  }

  #awaitRest(): void {
    this.#late ??= setTimeout(() => {
      this.#late = undefined;
      // While nothing is read, nothing becomes whole either.
      if (this.#inbox.paused) this.#awaitRest();
      else this.#inbox.put({ kind: 'late' }, 0);
    }, this.#messageMs);
  }

  /** So many bytes were whole: pings in the middle of a message do not lengthen its time. */
  #isWhole(bytes: number): void {
    this.#heard = true;
    this.#unread = Math.max(0, this.#unread - bytes);
    if (this.#unread === 0) {
      this.#pieces = 0;
      clearTimeout(this.#late);
      this.#late = undefined;
    }
    this.#count();
  }

  /** Holds what is there now. Where there is no room for it nothing more is read, and that is told in its turn. */
  #count(): void {
    const bytes = this.#unread + this.#pieces * PIECE_BYTES + this.#inbox.bytes + this.#taken;
    if (this.#hold.resize(bytes)) return;
    this.#socket.pause();
    if (this.#full) return;
    this.#full = true;
    this.#inbox.put({ kind: 'too much' }, 0);
  }

  #checkAlive(): void {
    // While nothing is read, no pong is either.
    if (!this.#heard && !this.#inbox.paused && !this.#full) this.cut();
    this.#heard = false;
    this.ping();
  }
}

function sizeOf(message: Incoming): number {
  return 'data' in message ? message.data.length : 0;
}
