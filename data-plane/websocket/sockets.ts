import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';

/** Of all connections, how many one caller may have: so that nobody takes them all. */
const CALLER_SHARE = 0.1;

/** Counts the connections that are open. */
export class Sockets {
  readonly #max: number;
  readonly #byCaller = new Map<string, number>();
  #open = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes one more in; the function that is returned gives its place back. Throws GatewayError `too_many_connections`. */
  enter({ issuer, subject }: Caller): () => void {
    const key = `${issuer}\n${subject}`;
    const own = this.#byCaller.get(key) ?? 0;
    if (this.#open >= this.#max || own >= Math.ceil(this.#max * CALLER_SHARE)) {
      throw new GatewayError('too_many_connections', 'Too many WebSockets are open; close some first.');
    }
    this.#open += 1;
    this.#byCaller.set(key, own + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#open -= 1;
      const rest = (this.#byCaller.get(key) ?? 0) - 1;
      if (rest > 0) this.#byCaller.set(key, rest);
      else this.#byCaller.delete(key);
    };
  }
}
