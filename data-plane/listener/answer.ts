import type { ServerResponse } from 'node:http';
import {
  formatError,
  formatErrorEvent,
  formatProviderErrorEvent,
  type GatewayError,
} from '#core/provider/openai/error.ts';
import { challengeOf } from '../authenticate/challenge.ts';

/** How long the rest of an answer may lie in this process because its caller does not read, in milliseconds. */
export const STALLED_MS = 120_000;

/** A piece of an answer and when it was written, in microseconds since the arrival. */
export interface DeliveredFrame {
  readonly offsetUs: bigint;
  readonly data: Uint8Array;
}

/** Writes a piece of an answer down, whose `content-type` this is. */
export type KeepFrame = (frame: DeliveredFrame, contentType: string) => void;

/** What the records say of an answer. */
export type AnswerFacts = Pick<Answer, 'status' | 'contentType' | 'errorCode' | 'frames'>;

/** The headers of an answer by their lower-case names. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** Sent with every event stream: proxies must neither keep nor collect it. */
const STREAM_HEADERS: AnswerHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store',
  'x-accel-buffering': 'no',
};

/**
 * The caller's side of an exchange. Pieces of a stream are written as they come; the end of every answer is
 * prepared first, so that the record can say what it will be, and sent by `finish` when the record is durable.
 */
export class Answer {
  readonly #id: string;
  readonly #startedMs: number;
  readonly #response: ServerResponse;
  readonly #keep: KeepFrame;
  readonly #written: DeliveredFrame[] = [];
  #prepared: DeliveredFrame[] = [];
  #send: (() => void) | undefined;
  #begun = false;
  #status = 0;
  #contentType = '';
  #errorCode = '';
  #closed = false;
  #nonce: AnswerHeaders = {};

  /** @param keep is called with each piece of a stream before it is written; what it throws keeps the piece back */
  constructor(id: string, startedMs: number, response: ServerResponse, keep: KeepFrame) {
    this.#keep = keep;
    this.#id = id;
    this.#startedMs = startedMs;
    this.#response = response;
    response.once('close', () => {
      this.#closed = true;
    });
  }

  /** The status line has gone out; from now on an error can only be an event. */
  get begun(): boolean {
    return this.#begun;
  }

  /** The HTTP status that went out or is prepared; 0 before. */
  get status(): number {
    return this.#status;
  }

  /** The `content-type` that went out or is prepared. */
  get contentType(): string {
    return this.#contentType;
  }

  /** The code of the error that ends the answer; empty without one. */
  get errorCode(): string {
    return this.#errorCode;
  }

  /** What was handed to the connection, and then what is prepared. */
  get frames(): DeliveredFrame[] {
    return [...this.#written, ...this.#prepared];
  }

  /** Sends the nonce for the caller's next DPoP proof with the headers (RFC 9449 section 8). */
  tellNonce(nonce: string): void {
    this.#nonce = { 'dpop-nonce': nonce };
  }

  /** Sends status and headers of an event stream. */
  beginStream(headers: AnswerHeaders = {}): void {
    this.#begun = true;
    this.#begin(200, { ...headers, ...STREAM_HEADERS });
    this.#response.flushHeaders();
  }

  /** An SSE comment and a blank line: the one form of heartbeat that every SDK tolerates. */
  comment(text: string): void {
    this.#response.write(`: ${text}\n\n`);
  }

  /**
   * Writes a piece of a stream; resolves when the connection can take more, or is gone. Throws what `keep` throws.
   * @param data as the records have it
   * @param shown as the caller gets it, where tokens became values
   */
  write(data: Uint8Array, shown = data): Promise<void> | undefined {
    if (data.length > 0) {
      const frame = this.#frame(data);
      this.#keep(frame, this.#contentType);
      this.#written.push(frame);
    }
    if (shown.length === 0) return undefined;
    return this.#response.write(shown) || this.#closed ? undefined : drained(this.#response);
  }

  /** Prepares the last piece of a stream; `shown` as `write` has it. */
  prepareEnd(data: Uint8Array, shown = data): void {
    this.#prepared = data.length === 0 ? [] : [this.#frame(data)];
    this.#send = () => {
      if (shown.length > 0) this.#response.write(shown);
      this.#response.end();
    };
  }

  /** Prepares a whole answer; `shown` as `write` has it. */
  prepareWhole(status: number, headers: AnswerHeaders, body: Uint8Array, shown = body): void {
    this.#status = status;
    this.#contentType = headers['content-type'] ?? '';
    this.#prepared = [this.#frame(body)];
    this.#send = () => {
      this.#begin(status, { ...headers, 'content-length': String(shown.length) });
      this.#response.end(shown);
    };
  }

  /** Prepares a refusal: an event when the answer has begun, otherwise the provider's error shape. */
  prepareError(error: GatewayError): void {
    if (this.#begun) {
      this.prepareEnd(Buffer.from(formatErrorEvent(error, this.#id)));
    } else {
      this.#closeUnread();
      const headers = { 'content-type': 'application/json', 'x-should-retry': String(error.retry) };
      const { retryAfterS } = error;
      const advice = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
      const challenge = error.status === 401 ? { 'www-authenticate': challengeOf(error.code) } : {};
      this.prepareWhole(
        error.status,
        { ...headers, ...advice, ...challenge },
        Buffer.from(formatError(error, this.#id)),
      );
    }
    this.#errorCode = error.code;
  }

  /** Prepares, for a stream that has begun, the provider's own error as an event. */
  prepareProviderError(body: Uint8Array): void {
    const { event, code } = formatProviderErrorEvent(body);
    this.prepareEnd(Buffer.from(event));
    this.#errorCode = code;
  }

  /** Sends what is prepared; a caller who takes nothing of it for `stalledMs` milliseconds is cut off. */
  finish(stalledMs = STALLED_MS): void {
    const response = this.#response;
    response.setTimeout(stalledMs, () => response.destroy());
    this.#send?.();
  }

  #begin(status: number, headers: AnswerHeaders): void {
    this.#status = status;
    this.#contentType = headers['content-type'] ?? '';
    this.#response.writeHead(status, { ...headers, ...this.#nonce, 'x-request-id': this.#id });
  }

  #frame(data: Uint8Array): DeliveredFrame {
    return { offsetUs: BigInt(Math.round((performance.now() - this.#startedMs) * 1000)), data };
  }

  /** A body that is refused unread must not be taken for the next request of the connection. */
  #closeUnread(): void {
    const { req } = this.#response;
    if (!req.complete && req.httpVersionMajor === 1) this.#response.shouldKeepAlive = false;
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
