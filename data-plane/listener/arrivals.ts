import type { IncomingMessage, ServerResponse } from 'node:http';
import { v7 as uuid } from 'uuid';
import type { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { ByteBudget } from '../budget/budget.ts';
import { type Arrival, CLIENT_GONE } from '../exchange.ts';

/** The requests that are under way, so that a plane that stops can wait for them and then end them. */
export class Arrivals {
  /** With what cuts the caller's connection. */
  readonly #running = new Map<AbortController, () => void>();
  readonly #budget: ByteBudget;
  #onEmpty: (() => void) | undefined;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** How many are under way. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Takes a request in; `leave` must be called at its end. `abort` ends it before, with a reason for its signal. What it holds
   * is given back when it has ended and its answer lies in this process no more.
   */
  enter(
    request: IncomingMessage,
    response: ServerResponse,
  ): { arrival: Arrival; abort: (reason: string | GatewayError) => void; leave: () => void } {
    const { arrival, abort, leave } = this.enterMessage(request, () => response.destroy());
    let isClosed = false;
    let isLeft = false;
    response.on('close', () => {
      // Not writableFinished: over HTTP/2 that is true as well when the caller has reset the stream.
      if (!response.writableEnded) abort(CLIENT_GONE);
      isClosed = true;
      if (isLeft) arrival.hold.release();
    });
    const end = () => {
      leave();
      isLeft = true;
      if (isClosed) arrival.hold.release();
    };
    return { arrival, abort, leave: end };
  }

  /**
   * Takes in what came on a connection that goes on: `abort` ends it with a reason for its signal, CLIENT_GONE when its caller
   * went away; `leave` must be called at the end, and its hold be released.
   *
   * @param cut cuts the connection
   * @param of whose connection it is, and its session
   */
  enterMessage(
    request: IncomingMessage,
    cut: () => void,
    { caller, session }: { readonly caller?: Caller; readonly session?: string | undefined } = {},
  ): { arrival: Arrival; abort: (reason: string | GatewayError) => void; leave: () => void } {
    const controller = new AbortController();
    this.#running.set(controller, cut);
    const { signal } = controller;
    const hold = this.#budget.open(caller);
    const arrival = { id: uuid(), startedMs: performance.now(), request, cut, session, hold, signal };
    const leave = () => {
      this.#running.delete(controller);
      if (this.#running.size === 0) this.#onEmpty?.();
    };
    return { arrival, abort: (reason) => controller.abort(reason), leave };
  }

  /**
   * Resolves when none is under way. After the deadline those that are left are aborted; they have a moment to tell
   * their callers, and then their connections are cut, which frees what waits for one who neither reads nor sends. What
   * does not end of that is not waited for: the others' records have to be handed in.
   */
  async drain(deadlineMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const abort = () => {
      for (const controller of this.#running.keys()) controller.abort('plane stopping');
    };
    const cut = () => {
      for (const cut of this.#running.values()) cut();
    };
    const timers = [
      setTimeout(abort, deadlineMs),
      setTimeout(cut, deadlineMs + FAREWELL_MS),
      setTimeout(resolve, deadlineMs + FAREWELL_MS + LEAVING_MS),
    ];
    await over;
    for (const timer of timers) clearTimeout(timer);
  }
}

/** For an error to the caller, and its record. */
const FAREWELL_MS = 1_000;
/** From the cut until what is left has ended, its record included. */
const LEAVING_MS = 5_000;
