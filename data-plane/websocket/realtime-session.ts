import { GatewayError } from '#core/provider/openai/error.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Exchange } from '../exchange.ts';
import { goOn, type Spending, unite } from '../limit/spending.ts';
import { STALLED_MS } from '../listener/answer.ts';
import { taken } from '../mask/deliver-stream.ts';
import { FRAME_BYTES } from '../record/size.ts';
import { refuse } from '../refuse.ts';
import { rememberAnswer } from '../remember.ts';
import type { UpstreamSocket } from '../upstream/dial.ts';
import { type Closing, type Connection, closingOf, upstreamClosing } from './connection.ts';
import { type EnteredExchange, enterExchange } from './exchange.ts';
import { ServerEvents } from './realtime-events.ts';

/** Of the deliveries of one exchange, in bytes; more goes into a further one. */
const MAX_EXCHANGE_BYTES = 8 * 1024 * 1024;
const INTERNAL_ERROR = 1011;

/** The exchange that is current: what is delivered is delivered in it. */
interface Current extends EnteredExchange {
  readonly exchange: Exchange;
}

/**
 * A conversation with the provider. What the caller sends and what the provider says take turns at one door, so that each
 * thing that is delivered belongs to one exchange, in the order of the records.
 */
export class RealtimeSession {
  readonly #connection: Connection;
  readonly #upstream: UpstreamSocket;
  readonly #events: ServerEvents;
  readonly #stop = new AbortController();
  readonly #over = new AbortController();
  readonly #pumping: Promise<void>;
  #current: Current | undefined;
  /** Of which an exchange goes on that nothing of the caller's begins. */
  #last: Current;
  /** What the caller's last event is counted for. */
  #asked: Spending | undefined;
  /** That, and what those before it are counted for since a response was whole: it may be the answer to any of them. */
  #spending: Spending | undefined;
  #delivered = 0;
  /** What had come when a response was whole last: what comes after is of one that nobody has counted yet. */
  #countedBytes = 0;
  #door: Promise<unknown> = Promise.resolve();

  /** @param opening the exchange of the opening, whose intent is durable; it becomes the current one */
  constructor(
    connection: Connection,
    upstream: UpstreamSocket,
    exchange: Exchange,
    opening: EnteredExchange,
  ) {
    this.#connection = connection;
    this.#upstream = upstream;
    this.#events = new ServerEvents(connection.surroundings.parts, exchange, upstream.credentials);
    this.#last = { ...opening, exchange };
    this.#asked = opening.trail.known.spending;
    this.#begin(this.#last);
    // Whatever fails in telling of a failure: the connection is over.
    this.#pumping = this.#pump().catch(() => this.#over.abort({ code: INTERNAL_ERROR, reason: 'internal' }));
  }

  /** Aborts, with a Closing, when the provider's side has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Throws GatewayError `invalid_request` where a session cannot keep these credentials beside those of before. */
  requireRoom(secretTexts: readonly string[]): void {
    this.#events.requireRoom(secretTexts);
  }

  /**
   * Sends what the caller has sent; from now on what is delivered is delivered in its exchange. That of the one before is
   * ended, durably, before. Throws as UpstreamSocket.send does, and GatewayError `record_failed`.
   */
  send(entered: EnteredExchange, exchange: Exchange, messages: readonly Uint8Array[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#conclude(OutcomeStatus.COMPLETED);
      for (const message of messages) await this.#upstream.send(message, entered.arrival.signal);
      const sent = withoutContent(exchange);
      this.#events.goOn(sent);
      this.#asked = entered.trail.known.spending;
      this.#begin({ ...entered, exchange: sent });
    });
  }

  /** Ends the conversation, and the exchange that is current. */
  async end(closing: Closing | undefined): Promise<void> {
    this.#stop.abort();
    await this.#pumping;
    const isGone = closing === undefined;
    const broken = isGone ? OutcomeStatus.CLIENT_GONE : OutcomeStatus.INTERRUPTED;
    await this.#inTurn(() => this.#conclude(this.#events.speaking ? broken : OutcomeStatus.COMPLETED)).catch(
      () => {},
    );
    this.#current?.leave();
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const message = await this.#upstream.take(this.#stop.signal, this.#events.speaking);
        await this.#inTurn(() => this.#deliver(message));
      }
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      await this.#inTurn(() => this.#break(thrown));
    }
  }

  async #deliver(message: string): Promise<void> {
    const current = this.#current ?? (await this.#beginUnasked());
    const { answer, arrival, trail } = current;
    arrival.hold.take(Buffer.byteLength(message) + FRAME_BYTES);
    const { masked, shown } = await this.#events.push(message).finally(() => {
      if (this.#events.unseen) trail.known.externalMissing = true;
    });
    arrival.signal.throwIfAborted();
    if (this.#events.complete) {
      answer.prepareEnd(masked, shown?.flat());
      await this.#conclude(this.#events.failed ? OutcomeStatus.UPSTREAM_FAILED : OutcomeStatus.COMPLETED);
      this.#spending = this.#asked;
      this.#countedBytes = this.#upstream.cameBytes;
      return;
    }
    for (const [index, text] of masked.entries()) {
      this.#delivered += Buffer.byteLength(text) + FRAME_BYTES;
      await taken(answer.write(text, shown?.[index]), arrival, STALLED_MS);
    }
    if (this.#delivered > MAX_EXCHANGE_BYTES) await this.#conclude(OutcomeStatus.COMPLETED);
  }

  #begin(current: Current): void {
    this.#current = current;
    this.#last = current;
    this.#delivered = 0;
    const { known } = current.trail;
    const spending = unite(known.spending, this.#spending && goOn(this.#spending));
    if (spending !== undefined) known.spending = spending;
    this.#spending = spending;
    known.call = { startedMs: undefined, bytes: () => this.#upstream.cameBytes - this.#countedBytes };
    current.trail.known.reading = this.#events.read();
    current.trail.known.answered = this.#events.openGate();
    current.trail.known.upstreamRequestId = this.#upstream.requestId;
  }

  /** An exchange for what the provider says of itself: it has no prompt, and is decided as the one before. */
  async #beginUnasked(): Promise<Current> {
    const { exchange, trail } = this.#last;
    const entered = enterExchange(this.#connection, exchange.received.target.route.id);
    const { caller, model, stream, session, policyRevision, verdict, upstream, priceOf } = trail.known;
    const known = { caller, model, stream, session, policyRevision, verdict, upstream, priceOf };
    Object.assign(entered.trail.known, known);
    const current = { ...entered, exchange };
    try {
      await entered.trail.intend();
    } catch (error) {
      entered.leave();
      throw error;
    }
    this.#begin(current);
    return current;
  }

  /** Makes it durable how the current exchange ended, then sends what it has prepared. */
  async #conclude(status: OutcomeStatus): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    const { trail, answer, exchange } = current;
    if (answer.status === 0) answer.prepareEnd([]);
    const facts = trail.known.reading?.facts;
    if (facts !== undefined) rememberAnswer(this.#connection.surroundings.parts, exchange, facts, trail);
    await trail.conclude(status, answer);
    answer.finish();
    this.#current = undefined;
    current.leave();
  }

  /** The provider's side has ended, or cannot be read: the caller is told, and the connection is over. */
  async #break(thrown: unknown): Promise<void> {
    const isGone = thrown instanceof GatewayError && thrown.code === 'upstream_disconnected';
    const code = this.#upstream.closeCode;
    const isOrdinary = isGone && code !== undefined && code <= GOING_AWAY && !this.#events.speaking;
    this.#upstream.close();
    const current = this.#current;
    if (current !== undefined && isOrdinary) {
      await this.#conclude(OutcomeStatus.COMPLETED).catch(() => {});
    } else if (current !== undefined) {
      const { arrival, answer, trail } = current;
      await refuse(thrown, arrival, answer, trail, this.#connection.surroundings.logger);
      this.#current = undefined;
      current.leave();
    }
    const closing = isGone ? upstreamClosing(code) : closingOf(thrown, this.#connection);
    this.#over.abort(closing ?? { code: INTERNAL_ERROR, reason: 'internal' });
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#door.then(run);
    this.#door = result.catch(() => {});
    return result;
  }
}

/** The highest of the codes with which a connection ends as it should. */
const GOING_AWAY = 1001;

const NO_BYTES = new Uint8Array();

/** An exchange without what it brought, which has been sent: its conversation may go on for hours. */
function withoutContent(exchange: Exchange): Exchange {
  const { received, tokenized } = exchange;
  const { target, content } = received;
  const outgoing = { ...content.outgoing, body: NO_BYTES };
  const kept = {
    target,
    body: NO_BYTES,
    content: { ...content, texts: [], lines: [], opaque: [], outgoing },
  };
  return {
    ...exchange,
    received: kept,
    ...(tokenized && { tokenized: { ...tokenized, entries: [], outgoing } }),
  };
}
