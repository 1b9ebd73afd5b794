import type { IncomingMessage, ServerResponse } from 'node:http';
import { v7 as uuid } from 'uuid';
import { type Arrival, CLIENT_GONE } from '../exchange.ts';

/** The requests that are under way, so that a plane that stops can wait for them and then end them. */
export class Arrivals {
  readonly #running = new Set<AbortController>();
  #onEmpty: (() => void) | undefined;

  /** How many are under way. */
  get size(): number {
    return this.#running.size;
  }

  /** Takes a request in; `leave` must be called at its end. */
  enter(request: IncomingMessage, response: ServerResponse): { arrival: Arrival; leave: () => void } {
    const controller = new AbortController();
    this.#running.add(controller);
    response.on('close', () => {
      if (!response.writableFinished) controller.abort(CLIENT_GONE);
    });
    const arrival = {
      id: uuid(),
      startedMs: performance.now(),
      request,
      response,
      signal: controller.signal,
    };
    const leave = () => {
      this.#running.delete(controller);
      if (this.#running.size === 0) this.#onEmpty?.();
    };
    return { arrival, leave };
  }

  /** Resolves when none is under way; after the deadline those that are left are aborted. */
  async drain(deadlineMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    const timer = setTimeout(() => {
      for (const controller of this.#running) controller.abort('plane stopping');
    }, deadlineMs);
    await empty;
    clearTimeout(timer);
  }
}
