import { errorEvent, type GatewayError, providerErrorEvent } from '#core/provider/openai/error.ts';
import type { AnswerFacts, DeliveredFrame, KeepFrame } from '../listener/answer.ts';
import type { CallerSocket } from './caller-socket.ts';

/** Says in a record that each frame of the delivery is one message of a WebSocket. */
const MESSAGES_TYPE = 'application/json; transport=websocket';

/** Of what caused an error, what its event says beside it. */
export interface AnswerMarks {
  /** Of the client's event: Realtime puts it into the error. */
  readonly eventId?: string | undefined;
  /** Of the event that Sworn sends: Realtime wants one on each. */
  readonly ownId?: string | undefined;
  /** The lane of a Responses connection. */
  readonly streamId?: string | undefined;
}

/**
 * The caller's side of an exchange on a WebSocket, as `Answer` is for HTTP: messages are written as they come; the last
 * ones are prepared first, so that the record can say what they will be, and sent by `finish` when that is durable.
 */
export class SocketAnswer implements AnswerFacts {
  readonly contentType = MESSAGES_TYPE;
  readonly #id: string;
  readonly #startedMs: number;
  readonly #socket: CallerSocket;
  readonly #keep: KeepFrame;
  readonly #written: DeliveredFrame[] = [];
  #prepared: DeliveredFrame[] = [];
  /** What of it the caller gets, where tokens became values. */
  #shown: readonly string[] | undefined;
  #status = 0;
  #errorCode = '';
  /** What the exchange's message says of itself, once it is read. */
  marks: AnswerMarks = {};

  /** @param keep is called with each message before it is sent; what it throws keeps the message back */
  constructor(id: string, startedMs: number, socket: CallerSocket, keep: KeepFrame) {
    this.#id = id;
    this.#startedMs = startedMs;
    this.#socket = socket;
    this.#keep = keep;
  }

  /** As over HTTP: of an answer that has begun 200, of a refusal the one of its code; 0 before. */
  get status(): number {
    return this.#status;
  }

  get errorCode(): string {
    return this.#errorCode;
  }

  get frames(): DeliveredFrame[] {
    return [...this.#written, ...this.#prepared];
  }

  /** A connection has no headers that could be sent ahead. */
  beginStream(): void {}

  /** A caller that waits for a reviewer hears nothing but pings. */
  comment(): void {
    this.#socket.ping();
  }

  /**
   * Writes a message; resolves when the connection can take more, or is gone. Throws what `keep` throws.
   * @param message as the records have it
   * @param shown what the caller gets in its place, where tokens became values: none, while such a text is held back
   */
  write(message: string, shown?: readonly string[]): Promise<void> | undefined {
    const frame = this.#frame(message);
    this.#keep(frame, this.contentType);
    this.#written.push(frame);
    this.#status = 200;
    if (shown === undefined) return this.#socket.send(frame.data);
    let sent: Promise<void> | undefined;
    for (const text of shown) sent = this.#socket.send(Buffer.from(text));
    return sent;
  }

  /** Prepares the last messages; `shown` as `write` has it. */
  prepareEnd(messages: readonly string[], shown?: readonly string[]): void {
    this.#status = 200;
    this.#prepared = messages.map((message) => this.#frame(message));
    this.#shown = shown;
  }

  /** Prepares a refusal. */
  prepareError(error: GatewayError): void {
    this.#prepareError(errorEvent(error, this.#id), error.status, error.code);
  }

  /** Prepares the provider's own error, masked: the body of an answer to the handshake, or to a request. */
  prepareProviderError(body: Uint8Array, status: number): void {
    const { data, code } = providerErrorEvent(body);
    this.#prepareError(data, status, code);
  }

  /** Sends what is prepared. */
  finish(): void {
    const shown = this.#shown?.map((text) => Buffer.from(text)) ?? this.#prepared.map(({ data }) => data);
    for (const data of shown) this.#socket.send(data);
  }

  #prepareError(event: { readonly error: object }, status: number, code: string): void {
    const { eventId, ownId, streamId } = this.marks;
    const message = JSON.stringify({
      ...event,
      status,
      ...(streamId === undefined ? {} : { stream_id: streamId }),
      ...(ownId === undefined
        ? {}
        : { event_id: ownId, error: { ...event.error, event_id: eventId ?? null } }),
    });
    if (this.#status === 0) this.#status = status;
    this.#prepared = [this.#frame(message)];
    this.#shown = undefined;
    this.#errorCode = code;
  }

  #frame(message: string): DeliveredFrame {
    const offsetUs = BigInt(Math.round((performance.now() - this.#startedMs) * 1000));
    return { offsetUs, data: Buffer.from(message) };
  }
}
